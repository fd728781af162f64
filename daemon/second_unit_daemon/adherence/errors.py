# SPDX-License-Identifier: GPL-3.0-or-later
"""The published camera-adherence figures, from two trajectories.

Formulas as in the evaluation of CamI2V (Zheng et al., 2024), which follows CameraCtrl (He et al., 2024):
camera-to-world poses relative to frame 0; each trajectory's translations divided by its own longest one; all sums run
over frames. The scaled translation error is WorldScore's.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

SCALE_ROUNDS = 100

Poses = NDArray[np.float64]  # (F, 4, 4) camera-to-world


@frozen(eq=False)
class PathErrors:
    """``rot_rad`` and ``trans_m`` are curves (F,); ``trans`` and ``cam_mc`` sums over the frames; ``trans_aligned_m``
    is the mean translation error once the measured path is scaled to fit."""

    rot_rad: NDArray[np.float64]
    trans_m: NDArray[np.float64]
    trans: float
    cam_mc: float
    trans_aligned_m: float


def relative_to_first(poses: Poses) -> Poses:
    """Camera k to camera 0, (F, 4, 4)."""
    return np.linalg.inv(poses[0]) @ poses


def rotation_angles(a: Poses, b: Poses) -> NDArray[np.float64]:
    """Angles (F,) in radians between rotations: arccos((tr(Aᵀ B) − 1) / 2).

    Computed as 2 arcsin(‖A − B‖ / √8), which is the same angle and exact for small ones.
    """
    chord = np.linalg.norm(a[:, :3, :3] - b[:, :3, :3], axis=(1, 2))
    return 2 * np.arcsin(np.clip(chord / np.sqrt(8), 0, 1))


def path_errors(asked: Poses, measured: Poses, least_travel_m: float = 0.0) -> PathErrors:
    """Errors of ``measured`` against ``asked``; frame 0 of both is where they are laid on each other.

    ``least_travel_m`` is the least length by which translations are divided. Published figures have no such floor, and
    are noise divided by noise for a camera that only turns; with zero here they are exactly the published ones.
    """
    truth, found = relative_to_first(asked), relative_to_first(measured)
    t_truth, t_found = truth[:, :3, 3], found[:, :3, 3]
    scaled_truth, scaled_found = _by_longest(t_truth, least_travel_m), _by_longest(t_found, least_travel_m)
    rows = np.concatenate([found[:, :3, :3] - truth[:, :3, :3], (scaled_found - scaled_truth)[..., None]], axis=2)
    return PathErrors(
        rot_rad=rotation_angles(truth, found),
        trans_m=np.linalg.norm(t_found - t_truth, axis=1),
        trans=float(np.linalg.norm(scaled_found - scaled_truth, axis=1).sum()),
        cam_mc=float(np.linalg.norm(rows, axis=(1, 2)).sum()),
        trans_aligned_m=float(np.linalg.norm(fitting_scale(t_truth, t_found) * t_found - t_truth, axis=1).mean()),
    )


def fitting_scale(truth: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    """The c that makes Σ ‖tᵢ − c t̂ᵢ‖ least, as WorldScore (Duan et al., 2025) scales a path before comparing it.

    By Weiszfeld's iteration: least squares, weighted by the inverse of what each frame is still off by.
    """
    scale = 1.0
    if not (found**2).sum() > 0:
        return scale
    for _ in range(SCALE_ROUNDS):
        weight = 1 / np.maximum(np.linalg.norm(truth - scale * found, axis=1), 1e-9)
        better = float((weight[:, None] * truth * found).sum() / (weight[:, None] * found**2).sum())
        if abs(better - scale) < 1e-9:
            break
        scale = better
    return scale


def _by_longest(translations: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    longest = max(float(np.linalg.norm(translations, axis=1).max()), least)
    return translations / longest if longest > 0 else translations
