# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits of takes whose shot is in this file: the scene is captured again where it matters, and the master is known."""

import functools
import json
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, StringProperty

from ...link import ancestry
from ...protocol.errors import SecondUnitError
from ...protocol.late import evolve
from ...sequencer import picked
from ..shot import shooting
from ..shot.engines import FALLBACK
from ..shot.props import find_shot
from ..shot.shoot import Captures, await_landing, now
from ..takes import view

if TYPE_CHECKING:
    from ...core.spec import ShotSpec, SourceSpec

CONTEXT = 17  # known frames before the new ones, as the daemon's own extensions have
OVERLAP = 8  # of them, those that are seen: the known goes over into the new


class SECOND_UNIT_OT_edit_capture(Captures, bpy.types.Operator):
    """Capture the scene for an edit of a take, and have the daemon make it"""

    bl_idname = "second_unit.edit_capture"
    bl_label = "Capture for an Edit"
    bl_options = {"INTERNAL"}

    mode: EnumProperty(items=(("EXTEND", "Extend", ""), ("MODIFY", "Modify", "")), options={"SKIP_SAVE"})
    job_id: StringProperty(options={"SKIP_SAVE"})
    strip: StringProperty(options={"SKIP_SAVE"})
    strip_scene: StringProperty(options={"SKIP_SAVE"})
    engine: StringProperty(options={"SKIP_SAVE"})
    prompt: StringProperty(options={"SKIP_SAVE"})
    seconds: FloatProperty(options={"SKIP_SAVE"})
    strength: FloatProperty(default=1.0, options={"SKIP_SAVE"})
    back: BoolProperty(options={"SKIP_SAVE"})

    doing = "Capturing the scene for the edit"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if now.running is not None:
            cls.poll_message_set("A shot is being captured: wait for it or cancel it")
            return False
        return context.mode in ("OBJECT", "POSE")

    def wait_for(self, job_id: str, deadline: float) -> None:
        await_landing(job_id, deadline)

    def make(self, context: bpy.types.Context) -> "shooting.Shooting":
        from ...core.spec import SourceSpec
        from ...protocol.errors import ErrorCode
        from ...protocol.shot import Lineage, SourceUse
        from ..shot.spec import shot_spec
        from ..shot.stamp import quick

        record = view.record_of(self.job_id)
        found = find_shot(record.shot_id) if record else None
        strip = bpy.data.scenes[self.strip_scene].sequence_editor.strips_all.get(self.strip)
        if record is None or record.clip is None or found is None or strip is None:
            raise SecondUnitError(ErrorCode.BAD_REQUEST, "The take or its shot is gone", remedy="Choose another strip")
        master = view.file_of(record, "master")
        if master is None or not master.is_file():
            raise SecondUnitError(ErrorCode.FILE_GONE, "The take's master is not on disk", shot=record.shot_name)
        shown = picked.media_of(strip, bpy.data.scenes[self.strip_scene])
        begin = ancestry.first_frame(record)
        first = begin + shown.first
        last = first + shown.count - 1
        extends = self.mode == "EXTEND"
        use = SourceUse.EXTEND if extends else SourceUse.EDIT
        source = SourceSpec(str(master), float(begin), _master_rate(record), use, self.strength)
        scene, shot = found
        spec = shot_spec(scene, context.view_layer, shot)
        engine = self.engine or record.engine
        objection = None
        if not extends and spec.region is not None:
            kept = quick(spec)["references"] == record.stamp.get("references")
            if engine != FALLBACK and kept:
                spec = evolve(spec, references=())  # a model would bring back with them how the region was
            if engine == FALLBACK and kept and spec.style == _provenance(record).get("style"):
                objection = functools.partial(_refuse_the_same, record.stamp.get("scene"), spec.name)
        changed = self._extended(spec, source, first, last) if extends else _modified(spec, source, first, last)
        spec = evolve(
            changed,
            engine=engine,
            prompt=self.prompt.strip() or record.prompt,
            seed=record.seed,
            width=int(record.result.get("width") or spec.width),
            height=int(record.result.get("height") or spec.height),
            lineage=Lineage(self.mode.lower(), (record.job_id,)),
        )
        return shooting.Shooting(context, scene, shot, spec, 1, shown.start - first, objection)

    def _extended(self, spec: "ShotSpec", source: "SourceSpec", first: int, last: int) -> "ShotSpec":
        new = max(1, round(self.seconds * float(spec.scene_rate)))
        known = min(CONTEXT, last - first + 1)
        seen = min(OVERLAP, known // 2)
        per_frame = float(source.rate) / float(spec.scene_rate)
        at = round((first - source.scene_frame) * per_frame)
        counted = evolve(source, first=max(at, 0), count=max(1, int((last - first) * per_frame) + 1))
        if self.back:
            start, end, before, after = first - new, first + seen - 1, 0, known - seen
        else:
            start, end, before, after = last - seen + 1, last + new, known - seen, 0
        inside = tuple(r for r in spec.references if start - before <= r.scene_frame <= end + after)
        return evolve(
            spec, frame_start=start, frame_end=end, handle_before=before, handle_after=after, source=counted,
            references=inside, region=None,
        )  # fmt: skip


def _modified(spec: "ShotSpec", source: "SourceSpec", first: int, last: int) -> "ShotSpec":
    from ...protocol.errors import ErrorCode

    if spec.region is None:
        cause = f"The shot {spec.name} names no region"
        remedy = "Choose an object, a material or a collection as its region, or use a mask"
        raise SecondUnitError(ErrorCode.NO_REGION, cause, shot=spec.name, remedy=remedy)
    return evolve(spec, frame_start=first, frame_end=last, handle_before=0, handle_after=0, source=source)


def _refuse_the_same(then: str | None, shot: str, now: dict[str, str]) -> None:
    """Refuses to project the same pictures on the same scene again; ``then``: the scene's stamp of the take."""
    from ...protocol.errors import ErrorCode

    if now["scene"] == then:
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST,
            "The built-in engine invents nothing, and neither the shot's pictures nor its scene nor its style "
            "have changed since",
            shot=shot,
            remedy="Change a reference, give the shot a style, or choose a model that reads words",
        )


def _master_rate(record):
    """The rate of the master's frames, which is its engine's."""
    from ...protocol.grid import Rate

    grid = _provenance(record).get("grid", {})
    num, _, den = str(grid.get("clip_rate", "")).partition("/")
    return Rate(int(num), int(den)) if num.isdigit() and den.isdigit() else record.clip.rate


def _provenance(record) -> dict:
    try:
        told = json.loads(str(record.result.get("provenance", "{}")))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def capture(operator: bpy.types.Operator, context: bpy.types.Context, **facts: object) -> set[str]:
    """Runs the capture: modal where there is a window, waiting in a script."""
    try:
        run = bpy.ops.second_unit.edit_capture
        done = run("EXEC_DEFAULT" if bpy.app.background else "INVOKE_DEFAULT", **facts)
    except RuntimeError as error:  # what the operator reported
        operator.report({"ERROR"}, str(error).removeprefix("Error: ").strip())
        return {"CANCELLED"}
    return {"CANCELLED"} if "CANCELLED" in done else {"FINISHED"}


CLASSES = (SECOND_UNIT_OT_edit_capture,)
