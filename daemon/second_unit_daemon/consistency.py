# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether somebody looks the same in several clips: pictures of them compared with what a mask shows of each frame.

By the directions of an image model where the user has one, else by colours and edges of the region, which tell a red
coat from a blue one and know nothing of faces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Signature = NDArray[np.float64]  # (D,), of length 1
GREY = 127
BRIGHTNESS, MOST_GAIN = 110.0, 2.0  # to which regions are brought before their colours are compared
BINS, EDGE_BINS = 12, 9
EDGES_COUNT = 0.5  # beside colours
MARGIN = 0.05  # of a region's sides, around it


@frozen(eq=False)
class Seen:
    """``likeness`` of each frame to the picture that fits it best, -1 … 1; ``mean`` is the clip's own signature."""

    frames: tuple[int, ...]
    likeness: tuple[float, ...]
    mean: Signature = field(repr=False)

    @property
    def least(self) -> tuple[int, float]:
        """(frame, likeness) where it is least alike."""
        at = int(np.argmin(self.likeness))
        return self.frames[at], self.likeness[at]


def region_picture(picture: Picture, mask: NDArray[np.bool_] | None) -> tuple[Picture, NDArray[np.bool_]]:
    """What the mask (H, W) shows of a picture (H, W, 3), cut to it, with grey around; and the mask, cut too."""
    inside = np.ones(picture.shape[:2], np.bool_) if mask is None else mask
    rows, columns = np.nonzero(inside)
    edge = round(MARGIN * max(np.ptp(rows), np.ptp(columns)))
    top, left = max(rows.min() - edge, 0), max(columns.min() - edge, 0)
    part = slice(top, rows.max() + edge + 1), slice(left, columns.max() + edge + 1)
    return np.where(inside[part][..., None], picture[part], GREY).astype(np.uint8), inside[part]


def statistics(picture: Picture, inside: NDArray[np.bool_]) -> Signature:
    """Shares of colours (CIELAB) and of edges' directions, as square roots, so that their product says how alike."""
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)
    gain = np.clip(BRIGHTNESS / max(float(grey[inside].mean()), 1.0), 1 / MOST_GAIN, MOST_GAIN)  # dusk is no other coat
    even = np.clip(picture * gain, 0, 255).astype(np.uint8)
    lab = np.asarray(cv2.cvtColor(even, cv2.COLOR_RGB2LAB), np.float32)
    bins = (BINS // 2, BINS, BINS)
    colours, _ = np.histogramdd(lab[inside], bins=bins, range=((0, 256), (64, 192), (64, 192)))
    colours = np.array([cv2.GaussianBlur(layer, (3, 3), 0.8) for layer in colours]).reshape(bins[0], -1)
    colours = cv2.GaussianBlur(colours, (1, 3), 0.8).ravel()
    right, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    within = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    strength, turn = np.hypot(right, down)[within], np.mod(np.arctan2(down, right), np.pi)[within]
    edges, _ = np.histogram(turn, bins=EDGE_BINS, range=(0, np.pi), weights=strength)
    shares = [colours / max(colours.sum(), 1e-9), EDGES_COUNT * edges / max(edges.sum(), 1e-9)]
    signature = np.sqrt(np.concatenate(shares))
    return signature / max(float(np.linalg.norm(signature)), 1e-12)


def seen_in(
    frames: Iterable[tuple[int, Picture, NDArray[np.bool_] | None]],
    pictures: list[Signature],
    signature: Callable[[Picture, NDArray[np.bool_]], Signature],
) -> Seen | None:
    """Of frames (number, picture, mask); None where no mask shows anything."""
    numbers, likeness, all_of = [], [], []
    for number, picture, mask in frames:
        if mask is not None and not mask.any():
            continue
        own = signature(*region_picture(picture, mask))
        numbers.append(number)
        likeness.append(max(float(own @ other) for other in pictures))
        all_of.append(own)
    if not numbers:
        return None
    mean = np.mean(all_of, axis=0)
    return Seen(tuple(numbers), tuple(likeness), mean / max(float(np.linalg.norm(mean)), 1e-12))


def between(clips: list[Seen]) -> float | None:
    """How alike the clips are to each other, on average; None for a single one."""
    pairs = [float(a.mean @ b.mean) for a, b in combinations(clips, 2)]
    return float(np.mean(pairs)) if pairs else None
