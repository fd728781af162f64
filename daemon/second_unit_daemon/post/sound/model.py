# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound from a model of the user's that turns words into sound (Stable Audio)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...encode.sound import SAMPLE_RATE, Sound, fitted, resampled
from .. import pipelines

KNOWN = ("StableAudio3Pipeline", "StableAudioPipeline")


def generated(folder: Path, prompt: str, samples: int, seed: int) -> tuple[Sound, str]:
    """((samples, 2) at 48 kHz, the model's name). Raises SecondUnitError for a folder that holds no such model."""
    pipeline, device = pipelines.load(folder, KNOWN, "model that makes sound")
    seconds = samples / SAMPLE_RATE
    call: dict[str, Any] = {"prompt": prompt, "generator": pipelines.generator(seed)}
    call |= {"duration": seconds} if type(pipeline).__name__ == KNOWN[0] else {"audio_end_in_s": seconds}
    made = pipeline(**call).audios[0].float().cpu().numpy()  # (channels, N)
    rate = int(pipeline.vae.config.sampling_rate)
    return fitted(resampled(np.ascontiguousarray(made.T), rate), samples), f"{folder.name} ({device})"
