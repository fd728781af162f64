# SPDX-License-Identifier: GPL-3.0-or-later
"""Two takes over each other above the edit, a wipe between them, and away again."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..link.records import JobRecord
from ..protocol.errors import ErrorCode, SecondUnitError
from ..protocol.late import frozen
from . import busy, colour, compat, landing, provenance, target


@frozen
class Compared:
    """A take and its clip on disk."""

    record: JobRecord
    file: Path


def begin(first: Compared, second: Compared) -> bpy.types.Scene:
    """Lays both over each other above the edit, where the shot's strip lies; the wipe is on the upper strip.

    Raises SecondUnitError: FILE_GONE, LANDING_REFUSED.
    """
    for each in (first, second):
        landing.check(each.file, each.record.shot_name)
    scene, frame = _place(first.record, second.record)
    with busy.still_timeline(scene):
        _remove_all()
        editor, strips = scene.sequence_editor_create(), []
        for each, letter in ((first, "A"), (second, "B")):
            assert each.record.clip is not None
            strip = landing.add(each.record, each.record.clip, each.file, scene, frame, editor)
            strip.name = f"{letter}: {strip.name}"
            strip.blend_type = "ALPHA_OVER"
            strip.second_unit.compared = each.record.job_id
            colour.match(strip, scene)
            strips.append(strip)
        lower, upper = strips
        provenance.wipe(upper.second_unit)
        if not compat.left(lower) <= scene.frame_current < compat.right(lower):
            scene.frame_current = compat.left(lower)
    return scene


def shown() -> tuple[bpy.types.Strip, bpy.types.Strip] | None:
    """The strips of takes that are being compared, the lower one first."""
    for scene in bpy.data.scenes:
        strips = [s for s in provenance.strips_of(scene) if s.second_unit.compared]
        if len(strips) == 2:
            lower, upper = sorted(strips, key=lambda strip: strip.channel)
            return lower, upper
    return None


def end() -> bool:
    """Takes the strips away again; False where there are none."""
    for scene in bpy.data.scenes:
        if any(s.second_unit.compared for s in provenance.strips_of(scene)):
            with busy.still_timeline(scene):
                _remove_all()
            return True
    return False


def _place(first: JobRecord, second: JobRecord) -> tuple[bpy.types.Scene, int]:
    """Where one of the two lies on a timeline, else any take of the shot, else where the first would land."""
    found = provenance.find_strip(first.job_id) or provenance.find_strip(second.job_id) or _any_of(first.shot_id)
    if found:
        return found[0], compat.left(found[1])
    assert first.clip is not None
    home = bpy.data.scenes.get(first.clip.scene)
    goal = target.target_scene(home)
    if goal is None:
        cause, remedy = "The sequencer shows no scene", "Choose a scene in the sequencer's header"
        raise SecondUnitError(ErrorCode.LANDING_REFUSED, cause, shot=first.shot_name, remedy=remedy)
    return goal, target.landing_frame(goal, home, first.shot_id, first.clip.first + first.clip.handle_before)


def _any_of(shot_uid: str) -> tuple[bpy.types.Scene, bpy.types.Strip] | None:
    for scene in bpy.data.scenes:
        for strip in provenance.strips_of(scene):
            if strip.type == "MOVIE" and strip.second_unit.shot_uid == shot_uid:
                return scene, strip
    return None


def _remove_all() -> None:
    """Also the speed effects over them, which Blender removes with what they are over."""
    for scene in bpy.data.scenes:
        for strip in [s for s in provenance.strips_of(scene) if s.second_unit.compared]:
            scene.sequence_editor.strips.remove(strip)
