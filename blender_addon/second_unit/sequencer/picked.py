# SPDX-License-Identifier: GPL-3.0-or-later
"""The strip that the artist chose in the sequencer as media: which file, which of its frames, where they are seen."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import bpy

from ..protocol.errors import ErrorCode, SecondUnitError
from ..protocol.grid import Rate
from ..protocol.late import frozen
from ..scene import animated
from . import compat, landing

WHOLE = "Choose a movie strip whose file is on disk"
AS_SEEN = "Make a movie of it as it is seen: Second Unit > Finish > Render to Movie"


@frozen
class Picked:
    """Frames ``first`` … ``first + count - 1`` of ``file``, seen on scene frames ``start`` … ``end - 1`` of ``scene``.

    ``rate``: how many of the file's frames are played a second here, whatever the file says of its own. ``backwards``:
    the last of them is seen first. ``job_id`` names the take that the strip shows, or that its file was made from.
    """

    scene: str
    strip: str
    file: Path
    first: int
    count: int
    start: int
    end: int
    channel: int
    rate: Rate
    size: tuple[int, int]
    media_frames: int
    backwards: bool = False
    job_id: str = ""

    @property
    def whole(self) -> bool:
        """All of the file's frames are seen."""
        return (self.first, self.count) == (0, self.media_frames)

    def find(self) -> bpy.types.Strip:
        """The strip, as long as it is there. Raises SecondUnitError(LANDING_REFUSED)."""
        scene = bpy.data.scenes.get(self.scene)
        strips = scene.sequence_editor.strips_all if scene and scene.sequence_editor else ()
        found = next((s for s in strips if s.name == self.strip), None)
        if found is None:
            raise refused(f"The strip {self.strip} is no longer there", "Choose another strip")
        return found


def scene_of(context: bpy.types.Context) -> bpy.types.Scene:
    """The scene that the sequencer shows (Blender 5.0 and later: the workspace's), else the window's."""
    return getattr(context, "sequencer_scene", None) or context.scene


def active_strip(context: bpy.types.Context) -> bpy.types.Strip | None:
    scene = scene_of(context)
    return scene.sequence_editor.active_strip if scene and scene.sequence_editor else None


def in_sequencer(context: bpy.types.Context) -> bool:
    return context.area is not None and context.area.type == "SEQUENCE_EDITOR"


def picked(context: bpy.types.Context) -> Picked:
    """What the active strip shows. Raises SecondUnitError where none is chosen or its media cannot be told exactly."""
    strip = active_strip(context)
    if strip is None:
        raise refused("No strip is chosen", WHOLE)
    return media_of(strip, scene_of(context))


def chosen(context: bpy.types.Context, kind: str = "MOVIE") -> list[bpy.types.Strip]:
    """The active strip; in a sequencer, where others of its kind are selected with it, all of them as they follow."""
    active = active_strip(context)
    if active is None:
        return []
    selected = (context.selected_strips or ()) if in_sequencer(context) else ()
    if active.type != kind or active not in selected:
        return [active]
    return sorted((s for s in selected if s.type == kind), key=lambda s: (compat.left(s), s.channel))


def number(context: bpy.types.Context, kind: str = "MOVIE") -> int:
    """How many strips :func:`chosen` would find in a sequencer, for its panels."""
    active, selected = active_strip(context), context.selected_strips or ()
    if active is None or active.type != kind:
        return 0
    return sum(strip.type == kind for strip in selected) if active.select else 1


def media_of(strip: bpy.types.Strip, scene: bpy.types.Scene) -> Picked:
    """What one strip shows. Raises SecondUnitError: FILE_GONE without its file, BAD_REQUEST for what is no movie or
    shows its file at a changing speed."""
    if strip.type != "MOVIE":
        raise refused(f"{strip.name} is not a movie strip", WHOLE)
    file = Path(bpy.path.abspath(strip.filepath)) if strip.filepath else None
    if file is None or not file.is_file():
        raise SecondUnitError(
            ErrorCode.FILE_GONE,
            f"The file of {strip.name} is not at {file}" if file else f"{strip.name} names no file",
            remedy="Find it with Strip > Inputs > Change Path/Files, or choose another strip",
        )
    size = strip.elements[0].orig_width, strip.elements[0].orig_height
    length = compat.content_length(strip)
    if length < 1 or min(size) < 1:
        raise refused(f"Blender cannot read {file.name}", WHOLE)
    trimmed = strip.animation_offset_start  # frames of the file that Blender takes for outside the media
    total = trimmed + length + strip.animation_offset_end
    start, end = compat.left(strip), compat.right(strip)
    effect = _effect(strip, scene)
    speed = _speed(strip, scene, effect)
    # A speed effect counts from the strip's left handle, whatever is trimmed before it.
    first = trimmed + round((start - compat.content_start(strip)) * (1 if effect else speed))
    count = round((end - start) * speed)
    if strip.use_reverse_frames:
        first = total - first - count
    last = min(first + count, total)  # what lies beyond the media shows its last frame, held
    first = min(max(first, 0), total - 1)
    played = landing.scene_frame_rate(scene).fraction * speed
    lineage = strip.second_unit
    return Picked(
        scene.name,
        strip.name,
        file,
        first,
        max(1, last - first),
        start,
        end,
        strip.channel,
        Rate(played.numerator, played.denominator),
        size,
        total,
        strip.use_reverse_frames,
        lineage.job_id or lineage.made_of,
    )


def _speed(strip: bpy.types.Strip, scene: bpy.types.Scene, effect: bpy.types.Strip | None) -> Fraction:
    """Media frames per scene frame. Raises SecondUnitError where it changes within the strip."""
    if effect is not None:
        steady = effect.speed_control == "MULTIPLY" and not effect.use_frame_interpolate and effect.speed_factor > 0
        if not steady or _animated(effect, scene):
            raise refused(
                f"{strip.name} is played at a changing speed by {effect.name}",
                f"{AS_SEEN}. Or set the speed effect to Multiply without keys",
            )
        return Fraction(effect.speed_factor).limit_denominator(10_000)
    if len(strip.retiming_keys):
        raise refused(
            f"{strip.name} is retimed",
            f"{AS_SEEN}. Or remove its keys with Strip > Retiming > Reset Retiming",
        )
    span = compat.content_end(strip) - compat.content_start(strip)
    length = compat.content_length(strip)
    if span == length:
        return Fraction(1)
    # Added with Adjust Playback Rate: the file keeps its own rate.
    speed = Rate.of(strip.fps).fraction / landing.scene_frame_rate(scene).fraction
    if abs(span * speed - length) > max(2, speed):
        raise refused(f"{strip.name} is stretched", AS_SEEN)
    return speed


def _effect(strip: bpy.types.Strip, scene: bpy.types.Scene) -> bpy.types.Strip | None:
    """The speed effect that plays a strip."""
    return next((s for s in scene.sequence_editor.strips_all if s.type == "SPEED" and s.input_1 == strip), None)


def _animated(effect: bpy.types.Strip, scene: bpy.types.Scene) -> bool:
    path = effect.path_from_id()
    return any(curve.data_path.startswith(path) for curve in animated.curves_of(scene))


def refused(cause: str, remedy: str) -> SecondUnitError:
    """What a person did not mean to ask for."""
    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
