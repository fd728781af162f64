# SPDX-License-Identifier: GPL-3.0-or-later
"""Depth of a single picture from a depth model in a folder of the user's (Depth Anything, DPT, ZoeDepth …)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError

if TYPE_CHECKING:
    from PIL.Image import Image


class DepthModel:
    """A transformers depth-estimation model. Raises SecondUnitError where the folder holds none that can be loaded."""

    def __init__(self, folder: Path):
        try:
            import torch
            from PIL import Image
            from transformers import AutoConfig, AutoImageProcessor, AutoModelForDepthEstimation
            from transformers.utils import logging
        except ImportError as error:
            cause = f"A depth model needs the package {error.name}, which is not installed"
            remedy = "Install the extra: pip install 'second-unit[diffusion]'"
            raise SecondUnitError(ErrorCode.ENGINE_FAILED, cause, remedy=remedy) from error
        if not (folder / "config.json").is_file():
            cause = f"{folder} holds no model: there is no config.json"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Give the folder of a downloaded depth model")
        self._torch, self._image = torch, Image
        logging.disable_progress_bar()
        try:
            # Local files and safetensors alone: nothing is downloaded, unpickled or run from the folder.
            config = AutoConfig.from_pretrained(folder, local_files_only=True)
            self._processor = AutoImageProcessor.from_pretrained(folder, local_files_only=True)
            self._model = AutoModelForDepthEstimation.from_pretrained(
                folder, local_files_only=True, use_safetensors=True
            ).eval()
        except (OSError, ValueError, KeyError) as error:
            cause = f"The depth model in {folder} cannot be loaded ({error})"
            raise SecondUnitError(ErrorCode.ENGINE_FAILED, cause, remedy="Download it again, as safetensors") from error
        self.metric = getattr(config, "depth_estimation_type", "relative") == "metric"

    def estimate(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(h, w) for a picture (h, w, 3): metres where ``metric``, else relative disparity (greater is nearer)."""
        picture: Image = self._image.fromarray(image)
        inputs = self._processor(images=picture, return_tensors="pt")
        with self._torch.inference_mode():
            output = self._model(**inputs)
        found = self._processor.post_process_depth_estimation(output, target_sizes=[image.shape[:2]])
        return np.asarray(found[0]["predicted_depth"].float().cpu().numpy(), np.float32)
