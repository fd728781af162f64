# SPDX-License-Identifier: GPL-3.0-or-later
"""Depth for a picture without a scene: stand-in shapes, and depth without a scale set between a near and a far end.

All return planar metres (H, W) float32 for a camera with ``intrinsics`` (3, 3) in pixels of H × W.
"""

from __future__ import annotations

from enum import StrEnum

import cv2
import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Depth = NDArray[np.float32]


class Layout(StrEnum):
    CARD = "card"  # a flat card that faces the camera
    DOME = "dome"  # the inside of a sphere around the camera
    LAYERS = "layers"  # cards one behind the other, by a drawing


@frozen
class Distances:
    """In metres: where a card or dome is (``far``), and the nearest layer (``near``)."""

    near: float
    far: float


def card(width: int, height: int, distances: Distances) -> Depth:
    """A card at ``far``."""
    return np.full((height, width), distances.far, np.float32)


def dome(width: int, height: int, intrinsics: NDArray[np.float64], distances: Distances) -> Depth:
    """A sphere of radius ``far`` around the camera: along the ray d = K⁻¹p its planar depth is far / ‖d‖."""
    x = (np.arange(width) + 0.5 - intrinsics[0, 2]) / intrinsics[0, 0]
    y = (np.arange(height) + 0.5 - intrinsics[1, 2]) / intrinsics[1, 1]
    return np.asarray(distances.far / np.sqrt(1 + x[None] ** 2 + y[:, None] ** 2), np.float32)


def layers(drawing: NDArray[np.uint8], distances: Distances) -> Depth:
    """From a drawing (H, W) or (H, W, 3): white is at ``near``, black at ``far``, even steps of 1/z in between."""
    grey = drawing if drawing.ndim == 2 else cv2.cvtColor(drawing, cv2.COLOR_RGB2GRAY)
    return between_ends(grey.astype(np.float32) / 255, distances)


def from_disparity(disparity: NDArray[np.float32], distances: Distances) -> Depth:
    """From relative disparity (H, W), as depth models give it: its nearest and farthest percent at the ends."""
    low, high = np.percentile(disparity, (1, 99))
    return between_ends(np.clip((disparity - low) / max(high - low, 1e-6), 0, 1), distances)


def between_ends(share: NDArray[np.float32], distances: Distances) -> Depth:
    """1/z from 1/``far`` (0) to 1/``near`` (1): what is linear in the shift that a moving camera sees."""
    return np.asarray(1 / (1 / distances.far + share * (1 / distances.near - 1 / distances.far)), np.float32)
