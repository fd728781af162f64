# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures as directions, from an image model in a folder of the user's (CLIP, SigLIP, DINOv2 …)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import local_model


class EmbeddingModel:
    """A transformers image model. Raises SecondUnitError where the folder holds none that can be loaded."""

    def __init__(self, folder: Path):
        self._loaded = local_model.load(folder, "image model", "AutoModel", "a downloaded CLIP or DINOv2")

    def direction(self, image: NDArray[np.uint8]) -> NDArray[np.float64]:
        """(D,) of length 1 for a picture (h, w, 3): two that show the same point the same way."""
        import torch

        inputs, model = self._loaded.inputs(image), self._loaded.model
        with torch.inference_mode():
            whole = getattr(model, "get_image_features", None)  # of models that know words, too
            found = whole(**inputs) if whole else model(**inputs)
        pooled = getattr(found, "pooler_output", None)
        if pooled is None:
            pooled = found if torch.is_tensor(found) else found.last_hidden_state[:, 0]
        vector = pooled[0].double().cpu().numpy()
        return vector / max(float(np.linalg.norm(vector)), 1e-12)
