# SPDX-License-Identifier: GPL-3.0-or-later
"""Several pictures of one scene in one look, so that the same wall gets the same colour in each.

The networks normalise by the statistics of the picture they see, so two views of one scene come out in two lights. All
pictures are laid out on one sheet and drawn in one run: one set of statistics. Where the sheet would be too large it is
drawn small, each picture is drawn alone as well, and takes its broad colours from its place on the sheet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from .network import Look, Picture

GUTTER = 24  # pixels of mirrored picture around each, so that no neighbour bleeds in
BROAD = 1 / 24  # of a picture's longer side: colours that vary over more than this come from the sheet


def restyled(pictures: Sequence[Picture], look: Look, strength: float) -> list[Picture]:
    """Each (H, W, 3) in ``look``; ``strength`` 0 … 1 goes from the pictures themselves to the look."""
    if strength <= 0 or not pictures:
        return [np.array(picture) for picture in pictures]
    scale, columns = _layout(pictures, look)
    small = [picture if scale == 1 else _resized(picture, scale) for picture in pictures]
    drawn = _sheet(small, look, columns)
    if scale < 1:
        drawn = [_toned(look.draw(picture), part) for picture, part in zip(pictures, drawn, strict=True)]
    return [_mixed(picture, made, look, strength) for picture, made in zip(pictures, drawn, strict=True)]


def _layout(pictures: Sequence[Picture], look: Look) -> tuple[float, int]:
    """(scale of the pictures on the sheet, pictures side by side on it): as large as one run allows."""
    height, width = (max(p.shape[axis] for p in pictures) + 2 * GUTTER for axis in (0, 1))
    best = (0.0, 0)
    for columns in range(1, len(pictures) + 1):
        wide, high = columns * width, math.ceil(len(pictures) / columns) * height
        scale = min(1.0, math.sqrt(look.most_pixels / (wide * high)), look.most_side / max(wide, high))
        best = max(best, (scale, -columns))
    return best[0], -best[1]


def _sheet(pictures: list[Picture], look: Look, columns: int) -> list[Picture]:
    height, width = (max(p.shape[axis] for p in pictures) for axis in (0, 1))
    gutter = max(2, min(GUTTER, height - 1, width - 1))
    high, wide = height + 2 * gutter, width + 2 * gutter
    rows = math.ceil(len(pictures) / columns)
    cells = [
        cv2.copyMakeBorder(
            p, gutter, high - gutter - p.shape[0], gutter, wide - gutter - p.shape[1], cv2.BORDER_REFLECT_101
        )
        for p in pictures
    ]
    cells += [cells[-1]] * (rows * columns - len(cells))  # an empty corner would count as black
    lines = [np.concatenate(cells[row * columns : (row + 1) * columns], axis=1) for row in range(rows)]
    drawn = look.draw(np.ascontiguousarray(np.concatenate(lines), np.uint8))
    parts = []
    for n, picture in enumerate(pictures):
        top, left = n // columns * high + gutter, n % columns * wide + gutter
        parts.append(np.ascontiguousarray(drawn[top : top + picture.shape[0], left : left + picture.shape[1]]))
    return parts


def _toned(made: Picture, part: Picture) -> Picture:
    """``made`` with the broad colours of ``part``, the same picture drawn smaller on the sheet."""
    height, width = made.shape[:2]
    own = cv2.resize(made, part.shape[1::-1], interpolation=cv2.INTER_AREA).astype(np.float32)
    broad = max(part.shape) * BROAD
    change = cv2.GaussianBlur(part.astype(np.float32) - own, (0, 0), broad)
    larger = cv2.resize(change, (width, height), interpolation=cv2.INTER_LINEAR)
    return _rounded(made + larger)


def _mixed(picture: Picture, made: Picture, look: Look, strength: float) -> Picture:
    """With the picture's own colours as far as the look keeps them, and the picture itself below full strength."""
    if look.own_colours:
        source, target = (cv2.cvtColor(p.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for p in (picture, made))
        if look.own_colours > 0:
            target[..., 1:] += look.own_colours * (source[..., 1:] - target[..., 1:])
        else:
            target[..., 1:] *= 1 + look.own_colours
        made = _rounded(cv2.cvtColor(target, cv2.COLOR_LAB2RGB) * 255)
    return made if strength >= 1 else _rounded(picture + strength * (made.astype(np.float32) - picture))


def _resized(picture: Picture, scale: float) -> Picture:
    size = max(8, round(picture.shape[1] * scale)), max(8, round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _rounded(values: NDArray) -> Picture:
    return np.asarray(np.clip(np.round(values), 0, 255), np.uint8)
