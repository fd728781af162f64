# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips without a scene: a still strip that a camera moves over, and words."""

from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty

from ... import preferences
from ...link import current
from ...protocol.errors import SecondUnitError
from ...sequencer import compat, landing, picked
from ...translations import OWN
from ..active import new_uid
from ..camera.operators import EASES, MOVES
from ..shot import engines
from .making import Makes

if TYPE_CHECKING:
    from ...protocol.results import EngineInfo

LAYOUTS = (
    ("dome", "Dome", "The picture is on the inside of a sphere: for views that are far away"),
    ("card", "Card", "The picture is a flat card: for drawings and titles"),
)
NAMED = tuple(item for item in MOVES if item[0] != "HANDHELD")
STILL = "1"  # the frame rule of engines that make one picture
NO_READER: engines.Items = [("NONE", "No Model", "None of this daemon's makes clips of words", "ERROR", 0)]
FETCH = "No model of this daemon makes clips of words: fetch one in the 3D viewport, panel Models"


def still_of(context: bpy.types.Context) -> tuple[bpy.types.Scene, bpy.types.Strip, Path]:
    """The active image strip and its first picture's file. Raises SecondUnitError."""
    scene, strip = picked.scene_of(context), picked.active_strip(context)
    if strip is None:
        raise no_picture()
    return scene, strip, picture_of(strip)


def picture_of(strip: bpy.types.Strip) -> Path:
    """An image strip's first picture. Raises SecondUnitError."""
    from ...protocol.errors import ErrorCode

    if strip.type != "IMAGE":
        raise no_picture()
    file = Path(bpy.path.abspath(strip.directory)) / strip.elements[0].filename
    if not file.is_file():
        remedy = "Find it with Strip > Inputs > Change Path/Files"
        raise SecondUnitError(ErrorCode.FILE_GONE, f"The picture of {strip.name} is not at {file}", remedy=remedy)
    return file


def seconds_of(strip: bpy.types.Strip, scene: bpy.types.Scene) -> float:
    """How long a strip is seen."""
    return (compat.right(strip) - compat.left(strip)) / float(landing.scene_frame_rate(scene))


def no_picture() -> SecondUnitError:
    from ...protocol.errors import ErrorCode

    return SecondUnitError(ErrorCode.BAD_REQUEST, "No picture is chosen", remedy="Choose an image strip")


def readers() -> "list[EngineInfo]":
    """The engines that make a clip of words alone, those that can do so now first."""
    from ...protocol.results import Input

    lacking = {Input.REFERENCES, Input.COLOUR, Input.EDITED_CLIP, Input.EXTENDED_CLIP}
    found = [e for e in current.link.engines if Input.PROMPT in e.takes and not lacking & {*e.needs}]
    return sorted((e for e in found if e.frame_rule != STILL), key=lambda e: not e.available)


def reader_items(_self, _context: bpy.types.Context) -> engines.Items:
    return engines.held("words", readers()) or NO_READER


class _Moves(Makes):
    move: EnumProperty(
        name="Move", description="How the camera moves", items=NAMED, default="DOLLY", translation_context=OWN
    )
    own_amount: BoolProperty(name="Set Amount", description="Say how far it goes; else a usual amount")
    amount: FloatProperty(
        name="Amount", description="Degrees for turns, metres for ways, a factor for a zoom", default=1.0
    )
    ease: EnumProperty(name="Ease", description="How the move begins and ends", items=EASES, translation_context=OWN)
    seconds: FloatProperty(
        name="Seconds", description="Length of the clip", default=3.0, min=0.1, soft_max=20.0, subtype="TIME_ABSOLUTE"
    )
    use_camera: BoolProperty(
        name="Scene's Camera", description="Follow the animated camera of the shot, or of the scene where there is none"
    )

    def move_words(self) -> str:
        amount = f"{self.amount:g}" if self.own_amount else ""
        return ":".join(part for part in (self.move.lower(), amount, self.ease.lower()) if part)

    def move_shown(self) -> tuple[str, ...]:
        return ("move", "own_amount", *(("amount",) if self.own_amount else ()), "ease")


class SECOND_UNIT_OT_edit_animate(_Moves, bpy.types.Operator):
    """Make a clip of the still: a camera moves over it, and models make its subject move as the prompt says"""

    bl_idname = "second_unit.edit_animate"
    bl_label = "Still to Video"

    seconds: FloatProperty(
        name="Seconds", description="Length of the clip; 0: as long as the strip is", default=0.0, min=0.0,
        soft_max=20.0, subtype="TIME_ABSOLUTE", options={"SKIP_SAVE"},
    )  # fmt: skip
    proposed: FloatProperty(options={"SKIP_SAVE", "HIDDEN"})  # the seconds that the dialog opened with
    layout_: EnumProperty(name="Layout", description="What the picture is on", items=LAYOUTS)
    far: FloatProperty(name="Distance", description="Metres to the picture", default=10.0, min=0.1)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        strip = picked.active_strip(context) if picked.in_sequencer(context) else None
        if picked.in_sequencer(context) and (strip is None or strip.type != "IMAGE"):
            cls.poll_message_set("Choose an image strip")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        strip = picked.active_strip(context)
        if strip is not None and strip.type == "IMAGE" and not self.seconds:
            self.seconds = self.proposed = seconds_of(strip, picked.scene_of(context))
        return super().invoke(context, event)

    def shown(self) -> tuple[str, ...]:
        moves = () if self.use_camera else self.move_shown()
        return ("use_camera", *moves, "seconds", "layout_", "far", "engine", "prompt")

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            strips = picked.chosen(context, "IMAGE")
            same = self.seconds if self.seconds != self.proposed else 0.0  # else each is as long as its strip
            files = [
                (strip.name, compat.left(strip), same or seconds_of(strip, picked.scene_of(context)), picture_of(strip))
                for strip in strips
            ]
            if not files:
                raise no_picture()
            way = ("--camera", str(_camera_file())) if self.use_camera else ("--move", self.move_words())
        except SecondUnitError as error:
            return self.fail(error.info.sentence())
        except RuntimeError as error:  # what the export reported
            return self.fail(str(error).removeprefix("Error: ").strip())
        done = [self._animate(picked.scene_of(context), *each, way) for each in files]
        return {"FINISHED"} if {"FINISHED"} in done else {"CANCELLED"}

    def _animate(
        self, scene: bpy.types.Scene, name: str, place: int, seconds: float, file: Path, way: tuple[str, str]
    ) -> set[str]:
        rate = landing.scene_frame_rate(scene)
        words = ["animate", str(file), "--seconds", f"{seconds:g}", "--rate", f"{rate.num}/{rate.den}"]
        words += ["--layout", self.layout_, "--far", f"{self.far:g}", "--place", str(place)]
        words += ["--name", name, *self.words_of(), *way]
        return self.make(words, f"Clip of {name}", scene.name)


class SECOND_UNIT_OT_edit_text(_Moves, bpy.types.Operator):
    """Make a clip of words at the playhead, with a camera move over level ground or without"""

    bl_idname = "second_unit.edit_text"
    bl_label = "Text to Video"

    engine: EnumProperty(name="Engine", description="What makes it, of those that read words", items=reader_items)
    use_move: BoolProperty(name="Camera Move", description="For models that follow depth: Wan VACE, LTX-2 …")
    at_once: BoolProperty(
        description="Without a dialog, with the settings of the last time", options={"SKIP_SAVE", "HIDDEN"}
    )

    of_strips: BoolProperty(
        name="Of Text Strips",
        description="Make a clip of each selected text strip, where it lies and as long as it is; the prompt is added",
        options={"SKIP_SAVE", "HIDDEN"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if not any(engine.available for engine in readers()):
            cls.poll_message_set(FETCH)
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return self.execute(context) if self.at_once else super().invoke(context, event)

    def shown(self) -> tuple[str, ...]:
        moves = ("use_move", *(self.move_shown() if self.use_move else ()))
        return ("prompt", "engine", "seconds", "use_camera", *(() if self.use_camera else moves))

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = picked.scene_of(context)
        clips = [(self.prompt, scene.frame_current, self.seconds)]
        if self.of_strips:
            clips = _of_strips(picked.chosen(context, "TEXT"), self.prompt, scene)
        clips = [clip for clip in clips if clip[0].strip()]
        if not clips:
            return self.fail("The prompt is empty: say what the clip is to show")
        way = ()
        if self.use_camera:
            try:
                way = ("--camera", str(_camera_file()))
            except RuntimeError as error:  # what the export reported
                return self.fail(str(error).removeprefix("Error: ").strip())
        elif self.use_move:
            way = ("--move", self.move_words())
        done = [self._make(scene, *clip, way) for clip in clips]
        if not self.of_strips and {"FINISHED"} in done and scene.second_unit.words != self.prompt:
            scene.second_unit.words = self.prompt  # for the next time
        return {"FINISHED"} if {"FINISHED"} in done else {"CANCELLED"}

    def _make(self, scene: bpy.types.Scene, prompt: str, place: int, seconds: float, way: tuple[str, ...]) -> set[str]:
        rate, render = landing.scene_frame_rate(scene), scene.render
        share = render.resolution_percentage / 100
        size = f"{round(render.resolution_x * share)}x{round(render.resolution_y * share)}"
        words = ["text", prompt, "--engine", self.engine, "--seconds", f"{seconds:g}", "--size", size]
        words += ["--rate", f"{rate.num}/{rate.den}", "--place", str(place), *way]
        return self.make(words, "Clip of words", scene.name)


def _of_strips(strips: list[bpy.types.Strip], prompt: str, scene: bpy.types.Scene) -> list[tuple[str, int, float]]:
    """(words, first scene frame, seconds) of a clip for each text strip; ``prompt`` follows its text."""
    more = [prompt.strip()] if prompt.strip() else []
    return [
        (", ".join([text, *more]), compat.left(strip), seconds_of(strip, scene))
        for strip in strips
        if strip.type == "TEXT" and (text := " ".join(strip.text.split()))
    ]


def draw_words(layout: bpy.types.UILayout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
    """The words of the next clip, one button that makes it as the last one was made, and one for its settings."""
    words = scene.second_unit.words
    column = layout.column(align=True)
    column.prop(scene.second_unit, "words", text="", placeholder="What a clip at the playhead shows")
    row = column.row(align=True)
    make = row.operator(SECOND_UNIT_OT_edit_text.bl_idname, icon="TEXT")
    settings = row.operator(SECOND_UNIT_OT_edit_text.bl_idname, text="", icon="OPTIONS")
    if picked.number(context, "TEXT"):
        each = column.operator(SECOND_UNIT_OT_edit_text.bl_idname, text="Text Strips to Video", icon="FONT_DATA")
        each.prompt, each.of_strips, each.at_once = words, True, True
    if not words.strip():
        return  # the dialog asks for them
    make.prompt = settings.prompt = words
    make.at_once = True
    last = bpy.context.window_manager.operator_properties_last(SECOND_UNIT_OT_edit_text.bl_idname)
    label = next((row[1] for row in reader_items(None, bpy.context) if row[0] == last.engine), "")
    if label:
        column.label(text=f"{label}, {last.seconds:g} s", translate=False)


def _camera_file() -> Path:
    """The path of the shot's camera, or of the scene's where there is no shot, written for the daemon's program."""
    path = preferences.spool_folder() / f"camera_{new_uid()[:8]}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.second_unit.camera_export(filepath=str(path), form="c2w_npz")
    return path


CLASSES = (SECOND_UNIT_OT_edit_animate, SECOND_UNIT_OT_edit_text)
