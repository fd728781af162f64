# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's own upscaler: any architecture that spandrel knows, from a .safetensors file, on a card if there is."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import numpy as np
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from .tiles import Floats

CONTEXT = 24  # more than small networks see; what larger ones see beyond it no longer shows (tests: ramp, text)
TILE = 256


@contextmanager
def torchvision_stood_in_for() -> Iterator[None]:
    """Lets spandrel be imported without torchvision, whose wheels do not fit every torch.

    Two of its architectures, an inpainter and a restorer of faces, take three names from there; no upscaler does.
    """
    if importlib.util.find_spec("torchvision") is not None:
        yield
        return
    names = ("torchvision", "torchvision.transforms", "torchvision.transforms.functional")
    functional = ModuleType(names[-1])
    for name in ("InterpolationMode", "normalize", "rotate"):
        setattr(functional, name, None)
    sys.modules.update(zip(names, (ModuleType(names[0]), ModuleType(names[1]), functional), strict=True))
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


class UserModel:
    """(3, h, w) floats in 0 … 1 to (3, s·h, s·w)."""

    context, tile, crops = CONTEXT, TILE, False

    def __init__(self, path: Path):
        """Raises SecondUnitError for a file that is not there, no .safetensors, or no upscaler; or without spandrel."""
        if path.suffix != ".safetensors":
            cause = f"{path.name} is not a .safetensors file"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Choose a model that is saved as .safetensors")
        if not path.is_file():
            raise SecondUnitError(ErrorCode.FILE_GONE, f"The model {path} is not there", remedy="Choose another model")
        try:
            import torch
            from safetensors.torch import load_file

            with torchvision_stood_in_for():
                from spandrel import ImageModelDescriptor, ModelLoader  # pyright: ignore[reportMissingImports]
        except ImportError as error:
            cause = f"Models of your own need spandrel and torch ({error.name} is missing)"
            remedy = "pip install 'second-unit[diffusion]' and then pip install --no-deps spandrel einops"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy) from error
        try:
            model = ModelLoader().load_from_state_dict(load_file(path))
        except Exception as error:
            cause = f"{path.name} is no model that spandrel knows ({type(error).__name__})"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Choose another model") from error
        if not isinstance(model, ImageModelDescriptor) or (
            model.scale < 2 or (model.input_channels, model.output_channels) != (3, 3)
        ):
            raise SecondUnitError(ErrorCode.BAD_REQUEST, f"{path.name} is no upscaler of colour pictures")
        self.scale = model.scale
        self._torch = torch
        self._device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
        self._model = model.to(self._device).eval()
        self._name = path.name

    def facts(self) -> dict[str, str]:
        return {"network": f"{self._name} ({self._model.architecture.name}, {self.scale}×)", "device": self._device}

    def __call__(self, picture: Floats) -> Floats:
        with self._torch.inference_mode():
            made = self._model(self._torch.from_numpy(picture)[None].to(self._device))
        return np.asarray(made[0].float().cpu(), np.float32)
