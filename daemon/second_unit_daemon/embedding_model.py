# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures as directions, from an image model in a folder of the user's (CLIP, SigLIP, DINOv2 …)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError


class EmbeddingModel:
    """A transformers image model. Raises SecondUnitError where the folder holds none that can be loaded."""

    def __init__(self, folder: Path):
        try:
            import torch
            from PIL import Image
            from transformers import AutoImageProcessor, AutoModel
            from transformers.utils import logging
        except ImportError as error:
            cause = f"An image model needs the package {error.name}, which is not installed"
            remedy = "Install the extra: pip install 'second-unit[diffusion]'"
            raise SecondUnitError(ErrorCode.ENGINE_FAILED, cause, remedy=remedy) from error
        if not (folder / "config.json").is_file():
            cause = f"{folder} holds no model: there is no config.json"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Give the folder of a downloaded CLIP or DINOv2")
        self._torch, self._image = torch, Image
        logging.disable_progress_bar()
        try:
            # Local files and safetensors alone: nothing is downloaded, unpickled or run from the folder.
            self._processor = AutoImageProcessor.from_pretrained(folder, local_files_only=True)
            self._model = AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True).eval()
        except (OSError, ValueError, KeyError) as error:
            cause = f"The image model in {folder} cannot be loaded ({error})"
            raise SecondUnitError(ErrorCode.ENGINE_FAILED, cause, remedy="Download it again, as safetensors") from error

    def direction(self, image: NDArray[np.uint8]) -> NDArray[np.float64]:
        """(D,) of length 1 for a picture (h, w, 3): two that show the same point the same way."""
        inputs = self._processor(images=self._image.fromarray(image), return_tensors="pt")
        with self._torch.inference_mode():
            whole = getattr(self._model, "get_image_features", None)  # of models that know words, too
            found = whole(**inputs) if whole else self._model(**inputs)
        pooled = getattr(found, "pooler_output", None)
        if pooled is None:
            pooled = found if self._torch.is_tensor(found) else found.last_hidden_state[:, 0]
        vector = pooled[0].double().cpu().numpy()
        return vector / max(float(np.linalg.norm(vector)), 1e-12)
