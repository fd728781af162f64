# SPDX-License-Identifier: GPL-3.0-or-later
"""What was made of a strip, put beside it: a clip on the channel above, in its frames, place and colours; sound."""

from __future__ import annotations

import uuid
from fractions import Fraction
from pathlib import Path

import bpy

from ..protocol.errors import ErrorCode, SecondUnitError
from . import busy, channels, colour, compat, landing, sound
from .picked import Picked, refused

_LOOK = ("blend_type", "blend_alpha", "use_flip_x", "use_flip_y", "alpha_mode", "use_reverse_frames", "color_multiply",
         "color_saturation")  # fmt: skip
_TRANSFORM = ("offset_x", "offset_y", "rotation", "filter")


def land(
    source: Picked,
    file: Path,
    name: str,
    *,
    first: int | None = None,
    speed: Fraction = Fraction(1),
    made_by: str = "",
    over: int = 0,
) -> bpy.types.Strip:
    """Adds ``file`` on the lowest free channel above the strip, within its meta strip if it lies in one, as one undo
    step; the strip below stays as it is.

    Args:
        source: the strip that it was made of; the new one takes over its transform, crop, blending and colour space.
        first: scene frame of the file's first frame; default: where the source begins.
        speed: frames of the file for each scene frame; other than 1 a speed effect plays them, on one channel more.
        made_by: what was done, for the strip's provenance.
        over: a channel that it lies above, too.

    Raises SecondUnitError: LANDING_REFUSED where the strip below is gone, there is no room or Blender cannot read the
    file, FILE_GONE without it.
    """
    landing.check(file, source.strip)
    below = source.find()
    scene = bpy.data.scenes[source.scene]
    level = channels.level_of(scene.sequence_editor, below)
    start = compat.left(below) + (0 if first is None else first - source.start)  # it may have been moved meanwhile
    with busy.still_timeline(scene):
        probe = bpy.data.movieclips.load(str(file))
        frames, size = probe.frame_duration, tuple(probe.size)
        bpy.data.movieclips.remove(probe)
        length = max(1, round(frames / speed))
        count = 1 if speed == 1 else 2
        channel = channels.free_channel(level, start, start + length, count, above=max(below.channel, over))
        strip = level.strips.new_movie(
            name=name, filepath=landing.blend_path(file), channel=channel, frame_start=start, fit_method="ORIGINAL"
        )
        strip.select = False  # the artist's selection stays as it is
        if speed != 1:
            landing.play_at(level, strip, start, length, speed)
        _take_over(strip, below, source.size, size)
        strip.second_unit.made_of, strip.second_unit.made_by = source.job_id, made_by
    landing.push_undo(f"{made_by or 'Add'} {name}")
    return strip


def land_rendered(scene: str, below: str, file: Path, *, viewed: bool) -> tuple[bpy.types.Strip, list[str]]:
    """Adds what a strip was rendered to on the lowest free channel above it, as one undo step; and what there is to
    say of its colours.

    Args:
        viewed: it holds what the scene's view made of the strip, so the view is undone for it.

    Raises as :func:`land`.
    """
    landing.check(file, below)
    goal = bpy.data.scenes.get(scene)
    strip = goal.sequence_editor.strips_all.get(below) if goal and goal.sequence_editor else None
    if strip is None:
        raise refused(f"The strip {below} is no longer there", "Add the file as a movie strip")
    with busy.still_timeline(goal):
        first, end = compat.left(strip), compat.right(strip)
        level = channels.level_of(goal.sequence_editor, strip)
        channel = channels.free_channel(level, first, end, above=strip.channel)
        made = level.strips.new_movie(
            name=f"{below} rendered", filepath=landing.blend_path(file), channel=channel, frame_start=first,
            fit_method="FIT",
        )  # fmt: skip
        made.select = False
        made.blend_type, made.blend_alpha = strip.blend_type, strip.blend_alpha
        made.second_unit.made_of, made.second_unit.made_by = strip.second_unit.job_id, "render"
        warnings = colour.match(made, goal) if viewed else []
    landing.push_undo(f"Render {below}")
    return made, [f"{warning.cause}. {warning.remedy}" for warning in warnings]


def land_sound(scene: bpy.types.Scene, clip: bpy.types.Strip, file: Path) -> bpy.types.Strip:
    """Lays sound that was made for what ``clip`` shows beside it, as one undo step; from then on it stays with it.

    Sound that was laid there before is replaced, and keeps its volume, mute and channel.

    Raises SecondUnitError: FILE_GONE without the file, LANDING_REFUSED where there is no room.
    """
    if not file.is_file():
        raise SecondUnitError(ErrorCode.FILE_GONE, f"The sound {file} is gone")
    with busy.still_timeline(scene):
        heard = sound.of_clip(scene, clip)
        first, end = compat.left(clip), compat.right(clip)
        if heard is None:
            level = channels.level_of(scene.sequence_editor, clip)
            channel = channels.free_channel(level, first, end)
            heard = level.strips.new_sound(
                name=f"{clip.name} sound", filepath=landing.blend_path(file), channel=channel, frame_start=first
            )
            heard.select = False
            clip.second_unit.pair = heard.second_unit.pair = uuid.uuid4().hex
        else:
            heard.sound = bpy.data.sounds.load(landing.blend_path(file))
            compat.set_content_start(heard, first)
        heard.second_unit.sound_offset = first - compat.content_start(clip)
        compat.set_handles(heard, first, end)
    landing.push_undo(f"Sound for {clip.name}")
    return heard


def dress(scene: str, name: str, below: str) -> None:
    """Gives a strip that has landed the look of another one, if that is still there: transform, crop, blending."""
    strips = bpy.data.scenes[scene].sequence_editor.strips_all
    strip, other = strips.get(name), strips.get(below)
    if strip is None or other is None or other.type != strip.type:
        return
    sizes = [(s.elements[0].orig_width, s.elements[0].orig_height) for s in (other, strip)]
    if min(min(size) for size in sizes) > 0:
        reverse = strip.use_reverse_frames
        _take_over(strip, other, *sizes)
        strip.use_reverse_frames = reverse  # what was made of a strip that runs backwards runs forwards


def _take_over(strip: bpy.types.Strip, below: bpy.types.Strip, old: tuple[int, int], new: tuple[int, int]) -> None:
    """The look of the strip below, for a file of another size: one pixel of it is ``old / new`` of one there."""
    for name in _LOOK:
        setattr(strip, name, getattr(below, name))
    for name in _TRANSFORM:
        setattr(strip.transform, name, getattr(below.transform, name))
    strip.transform.origin = below.transform.origin
    across, down = old[0] / new[0], old[1] / new[1]
    strip.transform.scale_x, strip.transform.scale_y = below.transform.scale_x * across, below.transform.scale_y * down
    crop = below.crop
    strip.crop.min_x, strip.crop.max_x = round(crop.min_x / across), round(crop.max_x / across)
    strip.crop.min_y, strip.crop.max_y = round(crop.min_y / down), round(crop.max_y / down)
    strip.colorspace_settings.name = below.colorspace_settings.name
