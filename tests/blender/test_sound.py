# SPDX-License-Identifier: GPL-3.0-or-later
"""A take's sound lands beside its clip, as a strip of its own that stays with it."""

from __future__ import annotations

import wave
from pathlib import Path

import bpy
import numpy as np
import pytest
from bl_ext.user_default.second_unit.sequencer import compat, landing, provenance, sound

from tests.blender import footage


def tone(path: Path, seconds: float = 1.0) -> Path:
    samples = np.sin(np.arange(round(48_000 * seconds)) * 0.06) * 9000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(np.repeat(samples, 2).astype("<i2").tobytes())
    return path


def landed(edge, tmp_path, **changed):
    scene = footage.frame_scene()
    record = footage.take(scene, **changed)
    landing.land(record, edge, sound_file=tone(tmp_path / "take.wav"))
    heard = sound.of_job(scene, record.job_id)
    assert heard is not None
    return scene, record, provenance.find_strip(record.job_id)[1], heard


def span(strip) -> tuple[int, int, int]:
    return compat.content_start(strip), compat.left(strip), compat.right(strip)


def test_the_sound_covers_its_clip_on_a_channel_of_its_own(edge, tmp_path):
    _scene, record, clip, heard = landed(edge, tmp_path, first=11)
    assert span(heard) == span(clip) == (11, 11, 35)
    assert heard.channel != clip.channel
    assert (heard.second_unit.job_id, heard.second_unit.take) == (record.job_id, 1)
    heard.volume, heard.mute = 0.5, True
    assert clip.mute is False


def test_handles_hide_sound_as_they_hide_frames(edge, tmp_path):
    _scene, _record, clip, heard = landed(edge, tmp_path, first=46, handle_before=4, handle_after=3)
    assert span(heard) == span(clip) == (46, 50, 67)


def test_the_sound_goes_where_its_clip_goes_and_is_trimmed_with_it(edge, tmp_path):
    _scene, _record, clip, heard = landed(edge, tmp_path, first=11)
    compat.set_content_start(clip, 60)
    compat.set_handles(clip, 64, 80)
    assert sound.tick() == 1
    assert span(heard) == span(clip) == (60, 64, 80)
    assert sound.tick() == 0


def test_a_sound_that_was_let_go_stays_where_it_is(edge, tmp_path):
    _scene, _record, clip, heard = landed(edge, tmp_path, first=11)
    heard.second_unit.follow = False
    compat.set_content_start(clip, 60)
    assert sound.tick() == 0
    assert span(heard) == (11, 11, 35)


def test_swapping_a_take_swaps_its_sound_or_takes_it_away(edge, tmp_path):
    scene, record, clip, heard = landed(edge, tmp_path)
    heard.volume = 0.25
    second, third = footage.take(scene, take=2), footage.take(scene, take=3)
    landing.swap(clip, scene, second, edge, tone(tmp_path / "second.wav"))
    assert sound.of_job(scene, record.job_id) is None
    swapped = sound.of_job(scene, second.job_id)
    assert Path(swapped.sound.filepath).name == "second.wav" and swapped.volume == 0.25
    landing.swap(clip, scene, third, edge)
    assert [s.type for s in provenance.strips_of(scene)] == ["MOVIE"]


def test_in_a_scene_of_another_rate_the_sound_starts_with_the_picture(edge, tmp_path):
    scene = footage.frame_scene(fps=48)
    record = footage.take(scene, first=100, handle_before=4)
    landing.land(record, edge, sound_file=tone(tmp_path / "take.wav"))
    clip, heard = provenance.find_strip(record.job_id)[1], sound.of_job(scene, record.job_id)
    assert compat.left(heard) == compat.left(clip)
    shown_from = (compat.left(heard) - compat.content_start(heard)) / 48
    assert shown_from == pytest.approx(4 / 24)
    assert sound.tick() == 0
    compat.set_content_start(clip, compat.content_start(clip) + 30)
    sound.tick()
    assert (compat.left(heard) - compat.content_start(heard)) / 48 == pytest.approx(4 / 24)


def test_without_its_file_a_clip_lands_silent(edge, tmp_path):
    scene = footage.frame_scene()
    record = footage.take(scene)
    landing.land(record, edge, sound_file=tmp_path / "gone.wav")
    assert sound.of_job(scene, record.job_id) is None
    assert [s.type for s in bpy.context.scene.sequence_editor.strips_all] == ["MOVIE"]
