# SPDX-License-Identifier: GPL-3.0-or-later
"""Small helpers of the forms that are text: numbers that survive, quaternions, names in a person's order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .track import Matrices


def numbers(values: Iterable[float] | NDArray[np.float64]) -> str:
    """Numbers with a space between; each reads back as the same float64."""
    return " ".join(repr(float(value) + 0.0) for value in values)  # + 0.0 makes -0.0 plain


def table(path: Path, columns: int) -> NDArray[np.float64]:
    """(rows, columns) of a text file of numbers; comments (#) and empty lines are passed over.

    Raises ValueError where a line has another number of columns.
    """
    rows: list[list[float]] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        if len(words) != columns:
            raise ValueError(f"line {number} has {len(words)} columns, not {columns}")
        rows.append([float(word) for word in words])
    return np.array(rows).reshape(len(rows), columns)


def has_columns(path: Path, columns: int, skip: int = 0) -> bool:
    """Whether the first line of numbers, ``skip`` lines down, has that many columns."""
    if path.suffix.lower() != ".txt":
        return False
    for line in path.read_text("utf-8").splitlines()[skip:]:
        words = line.split("#")[0].split()
        if words:
            [float(word) for word in words]
            return len(words) == columns
    return False


def natural(name: str) -> list[tuple[int, str | int]]:
    """A key that puts frame_10 after frame_9."""
    return [(1, int(part)) if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]


def rotations(quaternions: NDArray[np.float64]) -> Matrices:
    """(N, 3, 3) from (N, 4) quaternions w, x, y, z, which need not be of unit length."""
    norm = np.linalg.norm(quaternions, axis=-1, keepdims=True)
    if not norm.all():
        raise ValueError("a quaternion is zero")
    w, x, y, z = (quaternions / norm).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), -1, 0)


def quaternions(matrices: Matrices) -> NDArray[np.float64]:
    """(N, 4) unit quaternions w, x, y, z with w ≥ 0; the eigenvector of Bar-Itzhack's matrix (2000), always stable."""
    m = matrices
    k = np.zeros((len(m), 4, 4))
    k[:, 0, 0] = m[:, 0, 0] - m[:, 1, 1] - m[:, 2, 2]
    k[:, 1, 1] = m[:, 1, 1] - m[:, 0, 0] - m[:, 2, 2]
    k[:, 2, 2] = m[:, 2, 2] - m[:, 0, 0] - m[:, 1, 1]
    k[:, 3, 3] = m[:, 0, 0] + m[:, 1, 1] + m[:, 2, 2]
    k[:, 1, 0] = m[:, 1, 0] + m[:, 0, 1]
    k[:, 2, 0] = m[:, 2, 0] + m[:, 0, 2]
    k[:, 2, 1] = m[:, 2, 1] + m[:, 1, 2]
    k[:, 3, 0] = m[:, 2, 1] - m[:, 1, 2]
    k[:, 3, 1] = m[:, 0, 2] - m[:, 2, 0]
    k[:, 3, 2] = m[:, 1, 0] - m[:, 0, 1]
    _, vectors = np.linalg.eigh(k / 3.0)  # reads the lower triangle
    found = vectors[:, [3, 0, 1, 2], -1]
    return np.where(found[:, :1] < 0, -found, found)
