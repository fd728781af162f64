# SPDX-License-Identifier: GPL-3.0-or-later
"""Lands finished takes one by one, as soon as Blender is not in the middle of something."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import bpy

from .. import preferences
from ..link import current
from ..protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from . import above, busy, landing

if TYPE_CHECKING:
    from ..link.tracker import JobTracker

log = logging.getLogger(__name__)

_warnings: dict[str, tuple[ErrorInfo, ...]] = {}


def waiting() -> str:
    """Why takes that could land do not, as the rest of "Waiting to land: …"; empty where none waits."""
    return busy.reason() if current.tracker.landable() else ""


def warnings(job_id: str) -> tuple[ErrorInfo, ...]:
    """What landing a take had to say."""
    return _warnings.get(job_id, ())


def tick() -> str:
    """Lands the first take that waits, if it may; returns why it may not."""
    tracker = current.tracker
    ready = tracker.landable()
    if not ready or tracker.journal is None:
        return ""
    reason = busy.reason()
    if not reason:
        tracker.journal.refresh()  # another Blender with this file may have landed it in between
        if ready[0] in tracker.landable():
            land(tracker, ready[0].job_id)
    return reason


def land(tracker: JobTracker, job_id: str) -> None:
    """Lands one take now, asked or not; what stands in the way becomes the take's error."""
    record = tracker.journal.get(job_id) if tracker.journal else None
    if record is None or tracker.journal is None:
        return
    try:
        sound = record.files.get("sound") if preferences.land_sound() else None
        done = landing.land(
            record,
            tracker.journal.absolute(record.files["clip"]),
            scene=bpy.data.scenes.get(record.clip.scene) if record.over and record.clip else None,
            sound_file=tracker.journal.absolute(sound) if sound else None,
            over=record.over,
        )
        if record.over and done.fresh:
            above.dress(done.scene, done.strip, record.over)
    except SecondUnitError as error:
        tracker.refuse(job_id, error.info)
        return
    except Exception as error:  # else it would be tried, and fail, at every tick
        log.exception("Landing %s take %s", record.shot_name, record.take)
        tracker.refuse(job_id, _unexpected(error, record.shot_name))
        return
    _warnings[job_id] = done.warnings
    tracker.landed(job_id, done.strip, done.scene)


def _unexpected(error: Exception, shot: str) -> ErrorInfo:
    cause = f"The take could not be put on the timeline ({type(error).__name__}: {error})"
    remedy = "Try it from the takes list; if it repeats, send the system console's text with a report"
    return SecondUnitError(ErrorCode.INTERNAL, cause, shot=shot, remedy=remedy).info


def clear() -> None:
    _warnings.clear()
