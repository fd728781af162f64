# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots as the .blend keeps them, on the scene."""

import math

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ...core import sizes
from ...core.qualities import QUALITIES
from ...protocol.limits import MAX_RETRIES, MAX_SIDE, MIN_SIDE
from ..active import active_shot as active_shot
from ..active import new_uid
from ..characters import SECOND_UNIT_PG_character, SECOND_UNIT_PG_role
from ..loras import SECOND_UNIT_PG_lora
from ..references.props import SECOND_UNIT_PG_reference
from ..source import SECOND_UNIT_PG_source
from ..steps import SECOND_UNIT_PG_steps
from . import engines

MAX_VARIATIONS = 16
MAX_SEED = 2**31 - 1  # Blender's integers are signed 32-bit numbers

SIZES = (
    ("SCENE", "Scene", "The scene's own render size"),
    *((f"{width}x{height}", f"{aspect}   {width} × {height}", words) for width, height, aspect, words in sizes.PRESETS),
    ("CUSTOM", "Custom", "A size of your own"),
)
PLATES = (
    ("AUTO", "Lit", "With the scene's own materials, lights and world; Solid where there is no graphics card"),
    ("SOLID", "Solid", "Textures in even light: fast"),
    ("AS_IS", "As the Viewport", "As the largest viewport is set up, outlines left out"),
)
CAPTURERS = (
    ("AUTO", "Viewport", "Fast; its depth does not see through leaves and fences that are cut from a picture"),
    ("HEADLESS", "Cycles", "Slower: renders of one sample, whose depth sees through what is cut from a picture"),
)
REGIONS = (
    ("NONE", "Everything", "All of a clip that is edited may change"),
    ("OBJECT", "Object", "What one object shows, and the instances that it makes"),
    ("MATERIAL", "Material", "What is made of one material"),
    ("COLLECTION", "Collection", "What the objects of one collection show, and the instances that they make"),
)


def _is_camera(_self, candidate: bpy.types.Object) -> bool:
    return candidate.type == "CAMERA"


def _rate(scene: bpy.types.Scene) -> float:
    return scene.render.fps / scene.render.fps_base


def get_seconds(shot) -> float:
    scene = shot.id_data
    if shot.use_scene_range:
        return max(0, scene.frame_end - scene.frame_start + 1) / _rate(scene)
    return max(0, shot.frame_end - shot.frame_start + 1) / _rate(scene)


def set_seconds(shot, seconds: float) -> None:
    """Keeps the first frame; a shot that followed the scene's range gets one of its own."""
    scene = shot.id_data
    if shot.use_scene_range:
        shot.frame_start = scene.frame_start
        shot.use_scene_range = False
    shot.frame_end = shot.frame_start + max(1, round(seconds * _rate(scene))) - 1


class SECOND_UNIT_PG_shot(bpy.types.PropertyGroup):
    """One shot; ``name`` is the list's label, ``uid`` is what jobs and strips know it by."""

    uid: StringProperty(options={"HIDDEN"})
    camera: PointerProperty(
        name="Camera",
        description="Camera that the clip follows; empty for the scene's own",
        type=bpy.types.Object,
        poll=_is_camera,
    )
    use_scene_range: BoolProperty(name="Scene Range", description="Shoot the scene's own frame range", default=True)
    frame_start: IntProperty(name="First Frame", description="First scene frame of the shot", default=1)
    frame_end: IntProperty(name="Last Frame", description="Last scene frame of the shot, shown too", default=49)
    handle_before: IntProperty(
        name="Handles Before",
        description="Frames shot before the first one and hidden by the strip, to cut or fade with",
        min=0,
        max=1000,
    )
    handle_after: IntProperty(
        name="After",
        description="Frames shot after the last one and hidden by the strip, to cut or fade with",
        min=0,
        max=1000,
    )
    size: EnumProperty(name="Size", description="Size and aspect of the clip", items=SIZES, default="SCENE")
    width: IntProperty(
        name="Width",
        description="Width of the clip in pixels",
        default=832,
        min=MIN_SIDE,
        max=MAX_SIDE,
        subtype="PIXEL",
    )
    height: IntProperty(
        name="Height",
        description="Height of the clip in pixels",
        default=480,
        min=MIN_SIDE,
        max=MAX_SIDE,
        subtype="PIXEL",
    )
    seconds: FloatProperty(
        name="Duration",
        description="How long the shot is; setting it moves its last frame",
        get=get_seconds,
        set=set_seconds,
        min=0.04,
        soft_max=60.0,
        precision=2,
        subtype="TIME_ABSOLUTE",
        options={"SKIP_SAVE"},
    )
    prompt: StringProperty(
        name="Prompt",
        description="What the clip shows, for engines that read it. --no, --ar, --seed and --motion set what they say",
    )
    prompt_text: PointerProperty(
        name="Text",
        description="Text block whose words are the prompt, for longer ones; it is edited in the Text Editor",
        type=bpy.types.Text,
    )
    negative_prompt: StringProperty(name="Avoid", description="What the clip is to keep clear of")
    style: StringProperty(name="Style", description="How the clip looks: film stock, medium, light")
    style_picture: StringProperty(
        name="Style Picture",
        description="Picture whose look the clip is to have, in place of the style's words",
        subtype="FILE_PATH",
    )
    style_strength: FloatProperty(
        name="Style Strength",
        description="How far the clip goes towards the style; 0 leaves it as it is",
        default=1.0,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )
    random_seed: BoolProperty(
        name="Random Seed", description="Draw a new seed for every take; the take remembers it", default=True
    )
    seed: IntProperty(
        name="Seed", description="The same seed and shot give the same clip", default=0, min=0, max=MAX_SEED
    )
    motion_strength: FloatProperty(
        name="Motion",
        description="How much the things in the picture may move by themselves",
        default=0.5,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )
    variations: IntProperty(
        name="Variations",
        description="Takes to make with a seed each; the one that keeps to its camera best lands, the others are kept",
        default=1,
        min=1,
        max=MAX_VARIATIONS,
    )
    retries: IntProperty(
        name="Retries",
        description="How often a take that follows another camera is made again with the next seed",
        default=0,
        min=0,
        max=MAX_RETRIES,
    )
    quality: EnumProperty(
        name="Quality", description="Time spent against what comes of it", items=QUALITIES, default="standard"
    )
    fit_references: BoolProperty(
        name="Fit References",
        description="Measure whether references show what their camera sees; align what is little off, refuse others",
        default=True,
    )
    shutter: FloatProperty(
        name="Motion Blur",
        description="How long the clip's shutter is open for each frame, 180° as on film, 0° for no blur; "
        "the master stays sharp",
        default=0.0,
        min=0.0,
        max=math.tau,
        precision=0,
        step=1000,
        subtype="ANGLE",
    )
    capture_colour: BoolProperty(
        name="Use Scene Colours",
        description="Capture the scene's own colours too, to fill in what no reference shows",
        default=True,
    )
    captured_with: EnumProperty(
        name="Captured With",
        description="What draws depth and the scene's colours; without a window it is always Cycles",
        items=CAPTURERS,
        default="AUTO",
    )
    plate: EnumProperty(
        name="Drawn",
        description="How a window draws the scene's colours",
        items=PLATES,
        default="AUTO",
    )
    region_kind: EnumProperty(
        name="Region",
        description="Where a clip may be changed, for engines that edit one; it follows what it is made of",
        items=REGIONS,
        default="NONE",
    )
    region_object: PointerProperty(name="Object", description="What the region shows", type=bpy.types.Object)
    region_material: PointerProperty(name="Material", description="What the region shows", type=bpy.types.Material)
    region_collection: PointerProperty(
        name="Collection", description="What the region shows", type=bpy.types.Collection
    )
    region_invert: BoolProperty(
        name="All But That",
        description="The region is everything else, the sky too: to change the background and keep the subject",
    )
    capture_labels: BoolProperty(
        name="Capture Names",
        description="Capture which object and which material is seen where too, to export as index passes and mattes",
        default=False,
    )
    engine: StringProperty(name="Engine Name", default=engines.FALLBACK, options={"HIDDEN"})
    engine_choice: EnumProperty(
        name="Engine",
        description="What makes the clip",
        items=engines.items,
        get=engines.get_choice,
        set=engines.set_choice,
    )
    references: CollectionProperty(type=SECOND_UNIT_PG_reference)
    active_reference: IntProperty(name="Active Reference", description="Reference that is shown below the list")
    cast: CollectionProperty(type=SECOND_UNIT_PG_role)
    loras: CollectionProperty(type=SECOND_UNIT_PG_lora)
    active_lora: IntProperty(name="Active LoRA", description="LoRA that is shown below the list")
    source: PointerProperty(
        name="Source Clip", description="Clip that the shot starts from", type=SECOND_UNIT_PG_source
    )
    steps: PointerProperty(name="Finishing", description="What follows the engine", type=SECOND_UNIT_PG_steps)


class SECOND_UNIT_PG_scene(bpy.types.PropertyGroup):
    """All of Second Unit that a scene keeps."""

    shots: CollectionProperty(type=SECOND_UNIT_PG_shot)
    characters: CollectionProperty(type=SECOND_UNIT_PG_character)
    active_character: IntProperty(name="Active Character", description="Character that is shown below the list")
    active_shot: IntProperty(name="Active Shot", description="Shot that the panels below show")
    show_overlay: BoolProperty(
        name="Show Path and References",
        description="Draw the shot's path and its references in the viewport and on the timelines",
        default=True,
    )
    words: StringProperty(name="Words", description="What a clip of words shows that is made at the playhead")
    flight_smoothing: FloatProperty(
        name="Smoothing",
        description="Seconds that a recorded flight is smoothed over",
        default=0.3,
        min=0.0,
        max=5.0,
        subtype="TIME_ABSOLUTE",
    )
    taken_off: IntProperty(options={"HIDDEN"})  # how many takes were taken off the list: see ui/takes/trash.py
    edit_scene: PointerProperty(
        name="Land In",
        description="Scene whose sequencer gets the clips; empty for the one that the sequencer shows",
        type=bpy.types.Scene,
    )


def active_reference(shot: SECOND_UNIT_PG_shot | None) -> SECOND_UNIT_PG_reference | None:
    if shot is None or not 0 <= shot.active_reference < len(shot.references):
        return None
    return shot.references[shot.active_reference]


def find_shot(uid: str) -> tuple[bpy.types.Scene, SECOND_UNIT_PG_shot] | None:
    """The shot of that uid and its scene, wherever in the file it is."""
    for scene in bpy.data.scenes:
        for shot in scene.second_unit.shots:
            if shot.uid == uid:
                return scene, shot
    return None


def renew_copied_uids() -> int:
    """Gives shots that came by copying a scene uids of their own; returns how many those were."""
    seen: set[str] = set()
    renewed = 0
    for scene in bpy.data.scenes:
        for shot in scene.second_unit.shots:
            if not shot.uid or shot.uid in seen:
                shot.uid = new_uid()
                renewed += 1
            seen.add(shot.uid)
    return renewed


CLASSES = (SECOND_UNIT_PG_shot, SECOND_UNIT_PG_scene)
