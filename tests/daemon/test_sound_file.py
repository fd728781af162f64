# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound beside a clip: as it was made, at 48 kHz, as long as the clip to the sample, and part of the job's result."""

from __future__ import annotations

import numpy as np
import pytest
from second_unit_daemon.encode.sound import SAMPLE_RATE, fitted, read_sound, resampled, sample_count, write_wav
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate

from tests.support.daemon import DaemonProcess, painted, submit, wait_for


def loudest_hz(sound: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(sound[:, 0] * np.hanning(len(sound))))
    return float(np.argmax(spectrum)) * SAMPLE_RATE / len(sound)


def test_what_is_written_is_read_back(tmp_path):
    sound = np.random.default_rng(1).uniform(-1, 1, (4801, 2)).astype(np.float32)
    write_wav(tmp_path / "a.wav", sound)
    np.testing.assert_allclose(read_sound(tmp_path / "a.wav"), sound, atol=3e-7)


@pytest.mark.parametrize(("frames", "rate", "samples"), [(24, Rate(24), 48_000), (5, Rate(24000, 1001), 10_010)])
def test_a_clip_lasts_so_many_samples(frames, rate, samples):
    assert sample_count(frames, rate) == samples


def test_another_rate_keeps_its_pitch():
    tone = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000).astype(np.float32)
    sound = resampled(tone, 16_000)
    assert abs(len(sound) - SAMPLE_RATE) < 50 and loudest_hz(sound) == pytest.approx(440, abs=1.5)


def test_a_cut_does_not_click_and_a_short_sound_is_followed_by_silence():
    constant = np.full((4800, 2), 0.8, np.float32)
    cut = fitted(constant, 2000)
    assert len(cut) == 2000 and np.abs(np.diff(cut[:, 0])).max() < 0.01 and cut[-1, 0] == 0
    assert fitted(constant, 6000).shape == (6000, 2)


def test_what_holds_no_sound_is_said(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"nothing of the kind")
    with pytest.raises(SecondUnitError) as caught:
        read_sound(tmp_path / "a.wav")
    assert caught.value.code is ErrorCode.BLOB_CORRUPT


def test_sound_of_an_engine_comes_with_the_job(tmp_path):
    with DaemonProcess(tmp_path / "home") as daemon:
        with daemon.client() as client:
            loud = wait_for(client, submit(client, painted(12, tone_hz=330.0), tmp_path / "blobs"))
            silent = wait_for(client, submit(client, painted(3), tmp_path / "blobs"))
        assert silent.result.sound is None
        printed = daemon.command("fetch", loud.job_id, "--out", str(tmp_path / "takes")).stdout
    (wav,) = (tmp_path / "takes").glob("*.wav")
    assert wav.name in printed
    sound = read_sound(wav)
    assert len(sound) == sample_count(12, Rate(24)) and loudest_hz(sound) == pytest.approx(330, abs=3)
