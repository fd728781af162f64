# SPDX-License-Identifier: GPL-3.0-or-later
"""Plücker rays of a camera, and the camera back from its rays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .track import Matrices

SAMPLES = 24  # along each axis of the picture, when a camera is found from its rays

Rays = NDArray[np.float64]


def rays(c2w: Matrices, intrinsics: Matrices, width: int, height: int) -> tuple[Rays, Rays]:
    """(moment, direction) through the pixels' centres, each (3, H, W), in world axes.

    The direction d has unit length, the moment is o × d with o the camera's place in metres (Plücker coordinates as
    in Sitzmann et al., *Light Field Networks*, 2021). ``c2w`` (4, 4), ``intrinsics`` (3, 3) for that size.
    """
    x = np.broadcast_to(np.arange(width) + 0.5, (height, width))
    y = np.broadcast_to((np.arange(height) + 0.5)[:, None], (height, width))
    pixels = np.stack([x, y, np.ones_like(x)]).reshape(3, -1)
    direction = c2w[:3, :3] @ np.linalg.solve(intrinsics, pixels)
    direction /= np.linalg.norm(direction, axis=0)
    moment = np.cross(c2w[:3, 3], direction, axisb=0, axisc=0)
    return moment.reshape(3, height, width), direction.reshape(3, height, width)


def camera_of(moment: Rays, direction: Rays) -> tuple[Matrices, Matrices]:
    """(c2w (4, 4), intrinsics (3, 3)) from the rays (3, H, W) of one picture; the inverse of :func:`rays`.

    d ∥ R K⁻¹ p is solved for the matrix linearly (as in Hartley and Zisserman, 2004, section 4.1) and taken apart by
    QR: R orthogonal, K⁻¹ upper triangular. The place then solves o × d = m by least squares.
    """
    _, height, width = direction.shape
    rows = np.unique(np.linspace(0, height - 1, min(SAMPLES, height)).astype(int))
    columns = np.unique(np.linspace(0, width - 1, min(SAMPLES, width)).astype(int))
    v, u = (grid.ravel() for grid in np.meshgrid(rows, columns, indexing="ij"))
    d, m = direction[:, v, u].T.astype(float), moment[:, v, u].T.astype(float)
    norm = np.diag([2 / width, 2 / height, 1.0])
    norm[:2, 2] = -1.0  # pixels to about -1 … 1, so that the system is well conditioned
    p = np.stack([u + 0.5, v + 0.5, np.ones(len(u))], 1) @ norm.T
    zero = np.zeros_like(p)
    system = np.concatenate(
        [
            np.concatenate([zero, -d[:, 2:] * p, d[:, 1:2] * p], 1),
            np.concatenate([d[:, 2:] * p, zero, -d[:, :1] * p], 1),
            np.concatenate([-d[:, 1:2] * p, d[:, :1] * p, zero], 1),
        ]
    )
    matrix = np.linalg.svd(system, full_matrices=False)[2][-1].reshape(3, 3)
    if (p @ matrix.T * d).sum() < 0:
        matrix = -matrix
    turn, triangle = np.linalg.qr(matrix @ norm)
    signs = np.sign(np.diag(triangle))
    turn, triangle = turn * signs, signs[:, None] * triangle
    intrinsics = np.linalg.inv(triangle / triangle[2, 2])
    c2w = np.eye(4)
    c2w[:3, :3] = turn
    x, y, z = d.T
    zero = np.zeros_like(x)
    crossing = np.stack([zero, z, -y, -z, zero, x, y, -x, zero], 1).reshape(-1, 3)  # o × d as a matrix times o
    c2w[:3, 3] = np.linalg.lstsq(crossing, m.reshape(-1), rcond=None)[0]
    return c2w, intrinsics
