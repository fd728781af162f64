# SPDX-License-Identifier: GPL-3.0-or-later
"""Putting a finished take on the timeline: frame-accurate, in its own colours, as one undo step."""

from __future__ import annotations

from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path

import bpy

from ..link.records import Clip, JobRecord
from ..protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from ..protocol.grid import Rate
from ..protocol.late import frozen
from . import busy, channels, colour, compat, provenance, sound, target


@frozen
class Landing:
    """What came of landing a take. ``fresh`` is False where its strip was there already."""

    scene: str
    strip: str
    fresh: bool
    warnings: tuple[ErrorInfo, ...] = ()


def land(
    record: JobRecord,
    file: Path,
    scene: bpy.types.Scene | None = None,
    sound_file: Path | None = None,
    over: str = "",
) -> Landing:
    """Adds the take's strip, with its undo step; a take that lies on a timeline already stays as it is.

    Args:
        record: the take; ``record.clip`` says where it belongs.
        file: the clip on disk.
        scene: where to; None for the scene that the sequencer shows.
        sound_file: the take's sound, which gets a strip of its own.
        over: the strip above which it lies, on its level; what lies over that in the edit stays over it. Empty: above
            everything.

    Raises SecondUnitError: FILE_GONE without the file, LANDING_REFUSED without room or a readable clip.
    """
    there = provenance.find_strip(record.job_id)
    if there:
        return Landing(there[0].name, there[1].name, fresh=False)
    check(file, record.shot_name)
    assert record.clip is not None
    shot_scene = bpy.data.scenes.get(record.clip.scene)
    goal = scene or target.target_scene(shot_scene)
    if goal is None:
        raise SecondUnitError(
            ErrorCode.LANDING_REFUSED,
            "The sequencer shows no scene",
            shot=record.shot_name,
            remedy="Choose a scene in the sequencer's header, then land the take from the takes list",
        )
    with busy.still_timeline(goal):
        first = target.landing_frame(goal, shot_scene, record.shot_id, record.clip.first + record.clip.handle_before)
        editor = goal.sequence_editor_create()
        below = editor.strips_all.get(over) if over else None
        level = channels.level_of(editor, below) if below else editor
        strip = add(record, record.clip, file, goal, first, level, below.channel if below else None)
        provenance.mark(strip, record)
        if sound_file is not None:
            hidden = record.clip.handle_before
            speed = record.clip.rate.fraction / scene_frame_rate(goal).fraction
            sound.add(goal, strip, record, sound_file, blend_path(sound_file), hidden - round(hidden / speed))
        warnings = colour.match(strip, goal)
        landing = Landing(goal.name, strip.name, fresh=True, warnings=tuple(warnings))
    push_undo(f"Land {record.shot_name} take {record.take}")
    return landing


def swap(
    strip: bpy.types.Strip, scene: bpy.types.Scene, record: JobRecord, file: Path, sound_file: Path | None = None
) -> None:
    """Shows another take on a strip in place: handles, transform, modifiers and fades stay.

    Raises SecondUnitError (FILE_GONE, or LANDING_REFUSED where Blender cannot read the file).
    """
    check(file, record.shot_name)
    with busy.still_timeline(scene):
        strip.filepath = blend_path(file)
        strip.reload_if_needed()
        strip.name = _strip_name(record)
        old_job = strip.second_unit.job_id
        provenance.mark(strip, record)
        sound.swap(scene, old_job, strip, record, sound_file, blend_path(sound_file) if sound_file else "")


def blend_path(file: Path) -> str:
    """Relative to the .blend where both are on one drive and the .blend is saved."""
    if not bpy.data.filepath:
        return str(file)
    try:
        return bpy.path.relpath(str(file))
    except ValueError:  # another drive
        return str(file)


def push_undo(message: str) -> None:
    """One undo step.

    Without an override of the context wherever Blender gives a window by itself (its timers do): an operator runs
    without Python's lock, yet looks into an override's dictionary, and where another thread allocates in that moment
    (a transfer) Blender crashes. Seen in 4.5.15.
    """
    window = bpy.context.window or next(iter(bpy.context.window_manager.windows), None)
    with nullcontext() if bpy.context.window else bpy.context.temp_override(window=window):
        if bpy.ops.ed.undo_push.poll():
            bpy.ops.ed.undo_push(message=message)


def scene_frame_rate(scene: bpy.types.Scene) -> Rate:
    base = Fraction(scene.render.fps_base).limit_denominator(1001)
    exact = Fraction(scene.render.fps) / base
    return Rate(exact.numerator, exact.denominator)


def add(
    record: JobRecord,
    clip: Clip,
    file: Path,
    scene: bpy.types.Scene,
    first: int,
    level: channels.Level,
    above: int | None = None,
) -> bpy.types.Strip:
    """The take's clip as a strip above all others of a level, its first shown frame on scene frame ``first``; with
    ``above`` on the lowest free channel over that one.

    Raises SecondUnitError(LANDING_REFUSED) where there is no room.
    """
    shown = clip.count - clip.handle_before - clip.handle_after
    speed = clip.rate.fraction / scene_frame_rate(scene).fraction  # media frames per scene frame
    if speed == 1:
        channel = channels.free_channel(level, first, first + shown, above=above)
        start = first - clip.handle_before  # with its hidden frames it may meet others: Blender would push it upwards
        strip = _movie(level, record, file, channels.free_channel(level, start, start + clip.count), start)
        compat.set_handles(strip, first, first + shown)
        strip.channel = channel
        return strip
    return _conformed(level, record, clip, file, first, speed, above)


def _conformed(
    level: channels.Level,
    record: JobRecord,
    clip: Clip,
    file: Path,
    first: int,
    speed: Fraction,
    above: int | None,
) -> bpy.types.Strip:
    """The take at another scene's rate: a speed effect shows the nearest media frame at every scene frame.

    Retiming keys sit on whole frames and Blender cuts their result down, up to a frame off; the speed effect
    rounds, so half a media frame is the most that it is off.
    """
    shown = clip.count - clip.handle_before - clip.handle_after
    length = max(1, round(shown / speed))
    channel = channels.free_channel(level, first, first + length, count=2, above=above)
    strip = _movie(level, record, file, channel, first - clip.handle_before)
    play_at(level, strip, first, length, speed)
    return strip


def play_at(level: channels.Level, strip: bpy.types.Strip, first: int, length: int, speed: Fraction) -> None:
    """Shows ``length`` scene frames of a strip from ``first`` on, ``speed`` media frames each: a speed effect on the
    channel above, which must be free."""
    compat.set_handles(strip, first, first + length)
    effect = compat.new_speed_effect(level.strips, f"{strip.name} rate", strip.channel + 1, first, length, strip)
    effect.speed_control = "MULTIPLY"
    effect.speed_factor = float(speed)
    effect.use_frame_interpolate = False


def _movie(level: channels.Level, record: JobRecord, file: Path, channel: int, start: int) -> bpy.types.Strip:
    strip = level.strips.new_movie(
        name=_strip_name(record), filepath=blend_path(file), channel=channel, frame_start=start, fit_method="FIT"
    )
    strip.select = False  # the artist's selection stays as it is
    return strip


def check(file: Path, shot: str) -> None:
    """Raises SecondUnitError unless the file is a clip that Blender reads.

    Of a file that is none, Blender makes an empty strip without a word, and crashes when that strip is loaded again.
    """
    if not file.is_file():
        raise SecondUnitError(ErrorCode.FILE_GONE, f"The clip {file} is gone", shot=shot)
    probe = bpy.data.movieclips.load(str(file))
    readable = probe.frame_duration > 0
    bpy.data.movieclips.remove(probe)
    if not readable:
        raise SecondUnitError(
            ErrorCode.LANDING_REFUSED,
            f"Blender cannot read the clip {file}",
            shot=shot,
            remedy="Fetch the take again from the takes list while the daemon still keeps it",
        )


def _strip_name(record: JobRecord) -> str:
    return f"{record.shot_name} take {record.take}"
