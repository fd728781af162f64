# SPDX-License-Identifier: GPL-3.0-or-later
"""Which triangle of a mesh lies under each pixel's centre, where a captured depth says how far away it has to be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .projection.jit import kernel

NOBODY = -1
ROOM = np.float32(8.0)  # more than any score
RELATIVE = 3e-4  # depths of one surface, drawn by two programs in float32, agree to this
JITTER_PX = 0.02  # and were sampled this near to one another
NEAR, LEAST = 1e-6, 1e-30
ASIDE, OTHER = np.float32(2.0), np.float32(4.0)  # beside every triangle by a hair; a pixel of another thing


def empty(shape: tuple[int, ...]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """(face, score), each (H, W), for :func:`draw`."""
    return np.full(shape, NOBODY, np.int32), np.full(shape, ROOM, np.float32)


@kernel
def draw(corners, triangles, first_face, number, depth, index, follows, face, score):
    """Writes ``first_face`` + t into ``face`` (H, W) where triangle t passes through the captured surface.

    ``corners`` (V, 3) float64 are K·(camera coordinates), so that a corner's pixel is its first two divided by its
    third, its depth. ``depth`` and ``index`` (H, W) are the planes; ``follows`` (N + 1,) says of which numbers the
    pixels may be taken. A better ``score`` (H, W) is not overwritten, and one's own ``number`` goes first.

    Edge functions are in homogeneous coordinates (Olano and Greer, 1997): triangles that cross the camera's
    plane need no clipping, and the functions' sum is the inverse depth.
    """
    rows, columns = depth.shape
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay, az = corners[i, 0], corners[i, 1], corners[i, 2]
        bx, by, bz = corners[j, 0], corners[j, 1], corners[j, 2]
        cx, cy, cz = corners[k, 0], corners[k, 1], corners[k, 2]
        # Wholly behind the camera, not there (NaN), or wholly beyond one side of the picture.
        if not max(az, bz, cz) > 0.0 or max(ax, bx, cx) < 0.0 or max(ay, by, cy) < 0.0:
            continue
        if min(ax - columns * az, bx - columns * bz, cx - columns * cz) > 0.0:
            continue
        if min(ay - rows * az, by - rows * bz, cy - rows * cz) > 0.0:
            continue
        left, right, top, bottom = 0, columns - 1, 0, rows - 1
        if min(az, bz, cz) > NEAR:
            ua, ub, uc, va, vb, vc = ax / az, bx / bz, cx / cz, ay / az, by / bz, cy / cz
            left, right = int(max(min(ua, ub, uc) - 1.0, 0.0)), int(min(max(ua, ub, uc) + 0.5, columns - 1.0))
            top, bottom = int(max(min(va, vb, vc) - 1.0, 0.0)), int(min(max(va, vb, vc) + 0.5, rows - 1.0))
        pa, qa, ra = by * cz - bz * cy, bz * cx - bx * cz, bx * cy - by * cx
        area = ax * pa + ay * qa + az * ra
        if not abs(area) > LEAST:
            continue
        unit = 1.0 / area
        pa, qa, ra = pa * unit, qa * unit, ra * unit
        pb, qb, rb = (cy * az - cz * ay) * unit, (cz * ax - cx * az) * unit, (cx * ay - cy * ax) * unit
        pc, qc, rc = (ay * bz - az * by) * unit, (az * bx - ax * bz) * unit, (ax * by - ay * bx) * unit
        give_a, give_b, give_c = abs(pa) + abs(qa) + LEAST, abs(pb) + abs(qb) + LEAST, abs(pc) + abs(qc) + LEAST
        slope = JITTER_PX * (abs(pa + pb + pc) + abs(qa + qb + qc))
        for y in range(top, bottom + 1):
            v = y + 0.5
            for x in range(left, right + 1):
                mine = index[y, x]
                if not follows[mine] or not depth[y, x] > 0.0:
                    continue
                u = x + 0.5
                a, b, c = pa * u + qa * v + ra, pb * u + qb * v + rb, pc * u + qc * v + rc
                outside = max(-a / give_a, -b / give_b, -c / give_c)
                inverse = a + b + c
                if not (outside <= JITTER_PX and inverse > 0.0):
                    continue
                allowed = RELATIVE * inverse + slope
                off = abs(1.0 / depth[y, x] - inverse) / allowed
                if off > 1.0:
                    continue
                worth = (
                    np.float32(off)
                    + (ASIDE if outside > 0.0 else np.float32(0))
                    + (OTHER if mine != number else np.float32(0))
                )
                if worth < score[y, x]:
                    score[y, x], face[y, x] = worth, first_face + t
