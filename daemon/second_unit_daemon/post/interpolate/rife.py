# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames in between by RIFE (Huang et al. 2022), from the user's own .onnx file, through ONNX Runtime.

Two forms are known, both of networks that take the time (RIFE 4.x): one input of seven channels (both frames, RGB in
0 … 1, and a plane that holds the time), or two inputs of three channels and a third for the time, of one value or one
plane. Height and width are free, or fixed and at least as large as the clip.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.paths import home

if TYPE_CHECKING:
    from ..stream import Picture

FILE = "rife.onnx"  # in the user's folder: then it is used without being named
MULTIPLE = 64  # pixels: sides of what the coarsest level of any RIFE 4.x takes
PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
NUMBERS = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


def own_model() -> Path | None:
    """The user's RIFE, where it lies in its place."""
    path = home() / FILE
    return path if path.is_file() else None


class RifeBetween:
    """Two frames are held; alpha goes through the network as a grey picture."""

    def __init__(self, path: Path):
        """Raises SecondUnitError where the file is not there or no such network, or ONNX Runtime is missing."""
        if not path.is_file():
            raise SecondUnitError(ErrorCode.FILE_GONE, f"The model {path} is not there", remedy="Choose another model")
        try:
            import onnxruntime
        except ImportError as error:
            raise SecondUnitError(
                ErrorCode.BAD_REQUEST,
                "RIFE needs ONNX Runtime, which is not installed",
                remedy="pip install 'second-unit[style]' in the daemon's environment",
            ) from error
        options: Any = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, min(os.cpu_count() or 1, 8))
        there = [name for name in PROVIDERS if name in onnxruntime.get_available_providers()]
        try:
            self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=there)
        except Exception as error:  # of the runtime's own kinds
            cause = f"{path.name} is no network that ONNX Runtime reads ({type(error).__name__})"
            raise SecondUnitError(ErrorCode.BLOB_CORRUPT, cause, remedy="Choose another model") from error
        self._name, self._runtime = path.name, f"ONNX Runtime {onnxruntime.__version__}"
        self._inputs = _form(self._session.get_inputs(), path.name)

    def facts(self) -> dict[str, str]:
        return {"method": "rife", "estimator": f"{self._name}, {self._runtime}"}

    def begin(self, index: int, before: Picture, after: Picture) -> None:
        self._pictures = before, after

    def at(self, time: float) -> Picture:
        colours = [np.ascontiguousarray(picture[..., :3]) for picture in self._pictures]
        made = self._between(colours, time)
        if self._pictures[0].shape[2] == 3:
            return made
        alphas = [np.repeat(picture[..., 3:], 3, axis=2) for picture in self._pictures]
        return np.dstack((made, self._between(alphas, time)[..., 1]))

    def _between(self, frames: list[Picture], time: float) -> Picture:
        height, width = frames[0].shape[:2]
        rows, columns = self._size(height, width)
        number = NUMBERS[self._inputs[0].type]
        pad = ((0, rows - height), (0, columns - width), (0, 0))
        planes = [
            np.ascontiguousarray(np.pad(f, pad, mode="edge").transpose(2, 0, 1)[None], number) / number(255)
            for f in frames
        ]
        when = np.full((1, 1, rows, columns), time, number)
        if len(self._inputs) == 1:
            fed: list[NDArray[Any]] = [np.concatenate((*planes, when), axis=1)]
        else:
            whole = len(self._inputs[2].shape) == 4 and self._inputs[2].shape[3] != 1
            one = when[..., :1, :1] if len(self._inputs[2].shape) == 4 else when.reshape(-1)[:1]
            fed = [*planes, when if whole else one]
        names = [told.name for told in self._inputs]
        made = np.asarray(self._session.run(None, dict(zip(names, fed, strict=True)))[0], np.float32)
        if made.shape[:2] != (1, 3) or made.shape[2] < height or made.shape[3] < width:
            cause = f"{self._name} gave a picture of shape {made.shape}, not one of 3 × {rows} × {columns}"
            raise SecondUnitError(ErrorCode.ENGINE_FAILED, cause, remedy="Choose another model")
        picture = made[0, :, :height, :width].transpose(1, 2, 0)
        return np.round(picture.clip(0, 1) * 255).astype(np.uint8)

    def _size(self, height: int, width: int) -> tuple[int, int]:
        """(rows, columns) that the network is given."""
        fixed = self._inputs[0].shape[2:]
        if all(isinstance(side, int) for side in fixed):
            if fixed[0] < height or fixed[1] < width:
                cause = f"{self._name} is made for {fixed[1]} × {fixed[0]}; the clip has {width} × {height}"
                raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Choose one that is exported for any size")
            return fixed[0], fixed[1]
        return -(-height // MULTIPLE) * MULTIPLE, -(-width // MULTIPLE) * MULTIPLE


def _form(inputs: list[Any], name: str) -> list[Any]:
    """The inputs in the order (frames and time) or (before, after, time). Raises SecondUnitError for another form."""
    pictures = [told for told in inputs if len(told.shape) == 4 and told.shape[1] == 3]
    others = [told for told in inputs if told not in pictures]
    ordered = [*pictures, *others]
    one = len(inputs) == 1 and len(inputs[0].shape) == 4 and inputs[0].shape[1] == 7
    if (not one and (len(pictures), len(others)) != (2, 1)) or any(told.type not in NUMBERS for told in inputs):
        told = ", ".join(f"{i.name} {i.shape}" for i in inputs)
        cause = f"{name} takes {told}; a RIFE that takes the time has one input of 7 channels, or two of 3 and the time"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Export RIFE 4.x with its time")
    return ordered
