# SPDX-License-Identifier: GPL-3.0-or-later
"""A take's sound: a strip of its own below the clip, with its own volume and mute, that stays where its clip is."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ..protocol.errors import SecondUnitError
from . import busy, channels, compat, provenance

if TYPE_CHECKING:
    from ..link.records import JobRecord


def add(
    scene: bpy.types.Scene, clip: bpy.types.Strip, record: JobRecord, file: Path, path: str, offset: int = 0
) -> bpy.types.Strip | None:
    """Puts the sound beside ``clip``; ``path`` is how the .blend names ``file``.

    ``offset``: scene frames from the start of the clip's content to the start of the sound's, which differ only where
    the scene has another rate than the clip. None where there is no file, or no room for it.
    """
    if not file.is_file():
        return None
    level = channels.level_of(scene.sequence_editor, clip)
    first, end = compat.left(clip), compat.right(clip)
    try:
        channel = channels.free_channel(level, first, end)
    except SecondUnitError:  # the clip landed: for want of a channel it stays, silent
        return None
    start = compat.content_start(clip) + offset
    sound = level.strips.new_sound(name=f"{clip.name} sound", filepath=path, channel=channel, frame_start=start)
    sound.select = False  # the artist's selection stays as it is
    provenance.mark(sound, record)
    sound.second_unit.sound_offset = offset
    compat.set_handles(sound, first, end)
    return sound


def of_clip(scene: bpy.types.Scene, clip: bpy.types.Strip) -> bpy.types.Strip | None:
    """The sound strip that stays with a clip: a take's own, or one that was made for it."""
    own = clip.second_unit
    if own.pair:
        strips = provenance.strips_of(scene)
        return next((s for s in strips if s.type == "SOUND" and s.second_unit.pair == own.pair), None)
    return of_job(scene, own.job_id) if own.job_id else None


def of_job(scene: bpy.types.Scene, job_id: str) -> bpy.types.Strip | None:
    """The sound strip of a take."""
    return next((s for s in provenance.strips_of(scene) if s.type == "SOUND" and s.second_unit.job_id == job_id), None)


def swap(
    scene: bpy.types.Scene, old_job: str, clip: bpy.types.Strip, record: JobRecord, file: Path | None, path: str
) -> None:
    """After a clip was swapped: the old take's sound becomes the new take's, or goes where that has none."""
    sound = of_job(scene, old_job)
    if file is None or not file.is_file():
        if sound is not None:
            channels.level_of(scene.sequence_editor, sound).strips.remove(sound)
        return
    if sound is None:
        add(scene, clip, record, file, path)
        return
    sound.sound = bpy.data.sounds.load(path)
    sound.name = f"{clip.name} sound"
    provenance.mark(sound, record)


def tick() -> int:
    """Moves every sound whose clip was moved or trimmed after it; returns how many.

    Blender's own connected strips can only be made from a sequencer's window; takes land without one.
    """
    pairs = [(sound, clip) for scene in bpy.data.scenes for sound, clip in _pairs(scene) if not _fits(sound, clip)]
    if not pairs or busy.reason():
        return 0
    for sound, clip in pairs:
        compat.set_content_start(sound, compat.content_start(clip) + sound.second_unit.sound_offset)
        compat.set_handles(sound, compat.left(clip), compat.right(clip))
    return len(pairs)


def _pairs(scene: bpy.types.Scene) -> list[tuple[bpy.types.Strip, bpy.types.Strip]]:
    """(sound, clip) of which there is one each; after a cut it is the artist who knows which belongs to which."""
    sounds, clips = defaultdict(list), defaultdict(list)
    for strip in provenance.strips_of(scene):
        key = strip.second_unit.pair or strip.second_unit.job_id
        if key and strip.type in ("SOUND", "MOVIE"):
            (sounds if strip.type == "SOUND" else clips)[key].append(strip)
    return [
        (found[0], clips[job][0])
        for job, found in sounds.items()
        if len(found) == 1 and len(clips[job]) == 1 and found[0].second_unit.follow
    ]


def _fits(sound: bpy.types.Strip, clip: bpy.types.Strip) -> bool:
    start = compat.content_start(clip) + sound.second_unit.sound_offset
    return (compat.content_start(sound), compat.left(sound), compat.right(sound)) == (
        start,
        compat.left(clip),
        compat.right(clip),
    )
