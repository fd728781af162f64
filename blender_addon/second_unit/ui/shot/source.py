# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot's source clip as plain data."""

from __future__ import annotations

import bpy

from ...core.spec import SourceSpec
from ...link import current
from ...protocol.errors import ErrorCode, SecondUnitError
from ...protocol.shot import SourceUse
from ...sequencer.landing import scene_frame_rate
from ...sequencer.picked import Picked, media_of


def source_of(scene: bpy.types.Scene, shot) -> SourceSpec | None:
    """None where the shot starts from nothing; a strip that cannot be used comes with its problem."""
    source = shot.source
    if source.kind == "NONE":
        return None
    use, strength = SourceUse(source.use), source.strength if source.use == "edit" else 1.0
    if source.kind == "FILE":
        problem = "" if source.path else "No source clip is chosen"
        path = bpy.path.abspath(source.path)
        return SourceSpec(path, float(source.frame), scene_frame_rate(scene), use, strength, problem)
    try:
        shown = _media(source.scene or scene, source.strip)
    except SecondUnitError as error:
        return SourceSpec("", 0.0, scene_frame_rate(scene), use, strength, error.info.cause)
    return SourceSpec(str(shown.file), _first_frame(shown), shown.rate, use, strength)


def _media(scene: bpy.types.Scene, name: str) -> Picked:
    strips = scene.sequence_editor.strips_all if scene.sequence_editor else ()
    strip = next((strip for strip in strips if strip.name == name), None)
    if strip is None:
        cause = f"The strip {name} is not in the scene {scene.name}" if name else "No strip is chosen"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause)
    shown = media_of(strip, scene)
    if shown.backwards:
        raise SecondUnitError(ErrorCode.BAD_REQUEST, f"The strip {name} is played backwards")
    return shown


def _first_frame(shown: Picked) -> float:
    """Scene frame, of the shot's scene, that shows the file's first frame.

    A take knows which scene frame it begins with, wherever its strip was moved; another strip shows what it shows.
    """
    journal = current.tracker.journal
    record = journal.get(shown.job_id) if journal and shown.job_id else None
    if record and record.clip and record.files.get("clip") and journal.absolute(record.files["clip"]) == shown.file:
        return float(record.clip.first)
    scene_rate = scene_frame_rate(bpy.data.scenes[shown.scene])
    return shown.start - float(shown.first * scene_rate.fraction / shown.rate.fraction)
