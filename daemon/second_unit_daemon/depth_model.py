# SPDX-License-Identifier: GPL-3.0-or-later
"""Depth of a single picture from a depth model in a folder of the user's (Depth Anything, DPT, ZoeDepth …)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import local_model


class DepthModel:
    """A transformers depth-estimation model. Raises SecondUnitError where the folder holds none that can be loaded."""

    def __init__(self, folder: Path):
        kind = "depth model"
        self._loaded = local_model.load(folder, kind, "AutoModelForDepthEstimation", f"a downloaded {kind}")
        self.metric = getattr(self._loaded.config, "depth_estimation_type", "relative") == "metric"

    def estimate(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(h, w) for a picture (h, w, 3): metres where ``metric``, else relative disparity (greater is nearer)."""
        import torch

        with torch.inference_mode():
            output = self._loaded.model(**self._loaded.inputs(image))
        found = self._loaded.processor.post_process_depth_estimation(output, target_sizes=[image.shape[:2]])
        return np.asarray(found[0]["predicted_depth"].float().cpu().numpy(), np.float32)
