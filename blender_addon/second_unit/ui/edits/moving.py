# SPDX-License-Identifier: GPL-3.0-or-later
"""A part of a strip or a still that moves: at a speed, along a drawn line, swaying."""

import bpy
from bpy.props import EnumProperty, FloatProperty, FloatVectorProperty

from ...core import drawing
from ...protocol.errors import SecondUnitError
from ...sequencer import compat, landing, picked
from ...translations import OWN
from ..camera.operators import EASES
from . import regions
from .making import OnStrip, Seen, engine_items, in_viewport
from .stills import still_of

PARTS = "parts"
WAYS = (
    ("SPEED", "Speed", "Goes on in one direction"),
    ("LINE", "Drawn Line", "Follows the open spline of the mask, or the open stroke, over the strip's length"),
    ("STAY", "Stay", "Stays where it is, and only sways"),
)


class SECOND_UNIT_OT_edit_motion(regions.HasRegion, OnStrip, bpy.types.Operator):
    """Move a part of the strip or still: at a speed, along a drawn line, or swaying in its place; all else stays"""

    bl_idname = "second_unit.edit_motion"
    bl_label = "Move Part"

    kinds = ("MOVIE", "IMAGE")
    engine: EnumProperty(
        name="Engine", description="What makes it; Parts is built in, Wan VACE invents what is uncovered",
        items=engine_items,
    )  # fmt: skip
    region: EnumProperty(name="Region", description="What says which part moves", items=regions.DRAWN)
    way: EnumProperty(name="Goes", description="Where the part goes", items=WAYS)
    speed: FloatVectorProperty(
        name="Pixels a Second",
        description="Right and down, in pixels of the picture",
        size=2,
        default=(40.0, 0.0),
    )
    ease: EnumProperty(
        name="Ease", description="How the way begins and ends", items=EASES, default="LINEAR", translation_context=OWN
    )
    sway: FloatVectorProperty(
        name="Sway", description="How far the part's middle swings to each side, right and down, pixels", size=2
    )
    sway_s: FloatProperty(
        name="Swing",
        description="Seconds for one swing there and back",
        default=2.0,
        min=0.1,
        subtype="TIME_ABSOLUTE",
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self._prefer_parts(context)
        return super().invoke(context, event)

    def shown(self) -> tuple[str, ...]:
        way = {"SPEED": ("speed", "ease"), "LINE": ("ease",)}.get(self.way, ())
        return ("region", *self.region_shown(), "way", *way, "sway", "sway_s", "engine", "prompt")

    def draw_one(self, layout: bpy.types.UILayout, name: str) -> None:
        if name not in ("speed", "sway"):
            super().draw_one(layout, name)
            return
        column = layout.column(align=True)
        column.prop(self, name, index=0, text="Pixels a Second Right" if name == "speed" else "Sway Right")
        column.prop(self, name, index=1, text="Down")

    def execute(self, context: bpy.types.Context) -> set[str]:
        self._prefer_parts(context)
        try:
            words, place, offset, name = self._clip(context)
            moves = self._moves(place)
            part = f"{self.region_words(place)} {moves}"
        except SecondUnitError as error:
            return self.fail(error.info.sentence())
        words = ("motion", *words, "--part", part, *self.words_of())
        return self.make(words, f"Move a part of {name}", place.scene, offset, over=name)

    def _prefer_parts(self, context: bpy.types.Context) -> None:
        """The engine, where none was chosen: the one that is made for it."""
        there = {item[0] for item in engine_items(self, context)}
        if not self.properties.is_property_set("engine") and PARTS in there:
            self.engine = PARTS

    def _clip(self, context: bpy.types.Context) -> tuple[tuple[str, ...], regions.Place, int, str]:
        """(how the program is told of the clip, where it lies, its offset there, the strip's name)."""
        scene = picked.scene_of(context)
        strip = scene.sequence_editor.active_strip if scene.sequence_editor else None
        if strip is not None and strip.type == "IMAGE" and not in_viewport(context):
            scene, strip, file = still_of(context)
            rate, element = landing.scene_frame_rate(scene), strip.elements[0]
            start, end = compat.left(strip), compat.right(strip)
            seconds = (end - start) / float(rate)
            words = (str(file), "--seconds", f"{seconds:.6f}", "--rate", f"{rate.num}/{rate.den}")
            words += ("--place", str(start), "--name", strip.name)
            return (
                words,
                regions.Place(scene.name, start, end, (element.orig_width, element.orig_height)),
                0,
                strip.name,
            )
        seen = self.strip_or_raise(context)
        place = regions.Place(seen.strip.scene, seen.strip.start, seen.strip.end, _size(seen))
        return seen.words, place, seen.offset, seen.strip.strip

    def _moves(self, place: regions.Place) -> str:
        moves = []
        if self.way == "SPEED" and any(self.speed):
            moves.append(f"go:{self.speed[0]:.3f},{self.speed[1]:.3f}:{self.ease.lower()}")
        if self.way == "LINE":
            moves.append(f"along:{drawing.words_of(self.line(place))}:{self.ease.lower()}")
        if any(self.sway):
            moves.append(f"sway:{self.sway[0]:.3f},{self.sway[1]:.3f}:{self.sway_s:.3f}")
        if not moves:
            raise picked.refused("The part neither goes nor sways", "Give it a speed, a drawn line or a sway")
        return " ".join(moves)


def _size(seen: Seen) -> tuple[int, int]:
    """Of the picture that the program sees: a take's master's, else the file's."""
    told = seen.record.result if seen.record else {}
    return int(told.get("width") or seen.strip.size[0]), int(told.get("height") or seen.strip.size[1])


CLASSES = (SECOND_UNIT_OT_edit_motion,)
