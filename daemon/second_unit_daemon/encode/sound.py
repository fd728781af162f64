# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound files: WAV, 48 kHz stereo 24 bit, exactly as long as the clip that they belong to."""

from __future__ import annotations

import contextlib
import wave
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.error import FFmpegError
from numpy.typing import NDArray
from second_unit_protocol.disk import disk_errors
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate

SAMPLE_RATE = 48_000
_SAMPLE_BYTES = 3
_FADE_S = 0.005  # at an end that was cut: shorter than is heard as a fade, long enough not to click

Sound = NDArray[np.float32]  # (samples, 2), -1 … 1


def sample_count(frames: int, rate: Rate) -> int:
    """Samples at 48 kHz that last as long as ``frames`` at ``rate``, rounded to the nearest one."""
    return round(frames * SAMPLE_RATE / rate.fraction)


def write_wav(path: Path, sound: Sound) -> None:
    """Writes (N, 2) float samples; beyond ±1 they are held there. Raises SecondUnitError where the disk refuses."""
    if sound.ndim != 2 or sound.shape[1] != 2:
        raise ValueError(f"sound is (samples, 2), not {sound.shape}")
    whole = np.round(np.clip(sound, -1.0, 1.0) * (2**23 - 1)).astype("<i4")
    packed = np.ascontiguousarray(whole).view(np.uint8).reshape(-1, 4)[:, :_SAMPLE_BYTES]
    with disk_errors(path):
        try:
            with path.open("wb") as file, wave.open(file, "wb") as out:
                out.setnchannels(2)
                out.setsampwidth(_SAMPLE_BYTES)
                out.setframerate(SAMPLE_RATE)
                out.writeframes(packed.tobytes())
        except OSError:  # half of it is worse than none
            with contextlib.suppress(OSError):
                path.unlink()
            raise


def read_sound(path: Path) -> Sound:
    """(N, 2) float32 at 48 kHz of any sound file, or of a video with sound.

    Raises SecondUnitError: FILE_GONE without the file, BLOB_CORRUPT where it holds no sound.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise SecondUnitError(ErrorCode.BLOB_CORRUPT, f"{Path(path).name} holds no sound")
            resampler = _resampler()
            blocks = [
                block.to_ndarray()
                for frame in container.decode(container.streams.audio[0])
                for block in resampler.resample(frame)
            ]
            blocks += [block.to_ndarray() for block in resampler.resample(None)]
    except FileNotFoundError as error:
        raise SecondUnitError(ErrorCode.FILE_GONE, f"{Path(path).name} is not at {Path(path).parent}") from error
    except FFmpegError as error:
        raise SecondUnitError(ErrorCode.BLOB_CORRUPT, f"{Path(path).name} cannot be read as sound") from error
    return np.concatenate(blocks, axis=1).T.astype(np.float32) if blocks else np.zeros((0, 2), np.float32)


def resampled(samples: NDArray[np.floating], rate: int) -> Sound:
    """(N,), (N, 1) or (N, 2) samples at ``rate`` per second as (M, 2) at 48 kHz."""
    shaped = samples.reshape(len(samples), -1)
    stereo = np.ascontiguousarray(np.broadcast_to(shaped, (len(shaped), 2)) if shaped.shape[1] == 1 else shaped[:, :2])
    if rate == SAMPLE_RATE:
        return stereo.astype(np.float32)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(stereo.T, np.float32), format="fltp", layout="stereo")
    frame.sample_rate = rate
    resampler = _resampler()
    blocks = [block.to_ndarray() for block in (*resampler.resample(frame), *resampler.resample(None))]
    return np.concatenate(blocks, axis=1).T.astype(np.float32)


def fitted(sound: Sound, samples: int) -> Sound:
    """The sound cut, or followed by silence, to ``samples``; an end that was cut is faded."""
    if len(sound) <= samples:
        return np.pad(sound, ((0, samples - len(sound)), (0, 0)))
    cut = sound[:samples].copy()
    fade = min(round(_FADE_S * SAMPLE_RATE), samples)
    cut[samples - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return cut


def _resampler() -> AudioResampler:
    return AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
