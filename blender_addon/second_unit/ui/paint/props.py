# SPDX-License-Identifier: GPL-3.0-or-later
"""How a frame is painted, and the pictures that came of it, as the .blend keeps them: on the scene."""

import bpy
from bpy.props import CollectionProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from . import engines

MAX_PICTURES = 8

_ON_DISK = {"subtype": "FILE_PATH", "options": {"PATH_SUPPORTS_BLEND_RELATIVE"}}

FROM = (
    ("WORDS", "The Words", "From the prompt alone, fitted to the scene's depth"),
    ("CAPTURE", "The Scene's Colours", "The scene as captured is repainted, as far from it as the strength says"),
    ("REFERENCE", "A Reference", "The chosen reference is repainted, as far from it as the strength says"),
    ("CARRIED", "The Same Look", "The shot's references are carried to this frame's camera; what they lack is painted"),
)
OVER = (
    ("WORDS", "The Scene's Colours", "The scene as captured is drawn in the look that the words name"),
    ("REFERENCE", "A Reference", "The chosen reference is drawn in the look that the words name"),
)


class SECOND_UNIT_PG_painting(bpy.types.PropertyGroup):
    """A picture that was painted; paths are as references keep theirs."""

    uid: StringProperty(options={"HIDDEN"})
    shot_uid: StringProperty(options={"HIDDEN"})
    frame: IntProperty(name="Frame", description="Scene frame that it shows")
    picture: StringProperty(name="Picture", description="The painted picture", **_ON_DISK)
    capture: StringProperty(name="Capture", description="What the camera saw there", **_ON_DISK)
    engine: StringProperty(name="Engine", description="What painted it")
    seed: StringProperty(name="Seed", description="Seed of the picture")  # text: it may exceed 32 bits


class SECOND_UNIT_PG_paint(bpy.types.PropertyGroup):
    engine: StringProperty(name="Engine Name", options={"HIDDEN"})
    engine_choice: EnumProperty(
        name="Engine",
        description="What paints the picture",
        items=engines.items,
        get=engines.get_choice,
        set=engines.set_choice,
    )
    begin: EnumProperty(name="From", description="What the picture is made from", items=FROM)
    over: EnumProperty(  # ``begin`` for an engine that draws over a picture
        name="From",
        description="What the picture is made from",
        items=OVER,
        get=lambda paint: int(paint.begin == "REFERENCE"),
        set=lambda paint, place: setattr(paint, "begin", OVER[place][0]),
    )
    strength: FloatProperty(
        name="Strength",
        description="How far the picture may go from what it is made from: 0 keeps it, 1 is free",
        default=0.6,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )
    prompt: StringProperty(name="Prompt", description="What the picture shows; empty: the shot's own prompt")
    count: IntProperty(
        name="Pictures", description="How many to paint, with a seed each", default=1, min=1, max=MAX_PICTURES
    )
    paintings: CollectionProperty(type=SECOND_UNIT_PG_painting)


CLASSES = (SECOND_UNIT_PG_painting, SECOND_UNIT_PG_paint)
