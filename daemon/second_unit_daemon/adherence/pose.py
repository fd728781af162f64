# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera that explains the matches: a robust start by RANSAC, then least squares with outliers faded out.

Two models are fitted: the asked-for lens at a free pose, and pose and lens both free. The second is believed only where
it explains the matches plainly better, because a little zoom and a little step forward look much alike.
"""

from __future__ import annotations

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from .kernels import normal_equations
from .tracking import Matches, project
from .view import Matrix

RANSAC_PX = 2.0
RANSAC_ROUNDS = 200
REFINE_ROUNDS = 8
# Tukey's constant: 95 % efficiency on normal noise (Huber, Robust Statistics).
TUKEY = 4.685
LEAST_SIGMA_PX = 0.05
LEAST_INLIERS = 12
LEAST_SHARE = 0.3
# A free lens must bring the mean squared residual (cut at RANSAC_PX) below this share of what the asked-for one leaves.
LENS_GAIN = 0.7
# Residuals below this are noise of the tracker, whichever lens explains them.
NOISE_PX = 0.15
# Beyond this standard error (of the logarithm) the picture does not tell the focal length.
LENS_KNOWN = 0.02
# With fewer of the matches explained than this, other lenses are tried from the start.
WELL_EXPLAINED = 0.6
LENS_STEPS = tuple(np.exp(np.linspace(np.log(0.5), np.log(2.0), 13)))
LOOSE_PX = 5.0  # for lenses that are only near the true one


@frozen(eq=False)
class Pose:
    """``c2w`` (4, 4) world; ``inliers`` (N,) of the matches that it explains; ``pixels`` (M, 2) where those lie.

    ``lens`` is the camera's focal length over the asked-for one: 1 where that explains the matches as well as any.
    ``lens_seen`` is the same ratio as the picture alone tells it, NaN where it does not.
    """

    c2w: Matrix
    inliers: NDArray[np.bool_] = field(repr=False)
    pixels: NDArray[np.float64] = field(repr=False)
    lens: float = 1.0
    lens_seen: float = float("nan")


@frozen(eq=False)
class _Fit:
    w2c: Matrix
    lens: float
    lens_error: float  # standard error of its logarithm; NaN where it was held
    residuals: NDArray[np.float64] = field(repr=False)

    @property
    def cost(self) -> float:
        """Mean squared residual in px², each cut at RANSAC_PX."""
        return float(np.mean(np.minimum(self.residuals, RANSAC_PX) ** 2))

    @property
    def explained(self) -> NDArray[np.bool_]:
        return self.residuals < RANSAC_PX


def with_lens(intrinsics: Matrix, lens: float) -> Matrix:
    """Intrinsics with their focal lengths multiplied by ``lens``."""
    changed = intrinsics.copy()
    changed[:2, :2] *= lens
    return changed


def solve(matches: Matches, intrinsics: Matrix, lens: float = 1.0) -> Pose | None:
    """None where too few matches agree on one camera. ``intrinsics`` are the asked-for ones, ``lens`` a guess."""
    count = len(matches.points)
    if count < LEAST_INLIERS:
        return None
    fits = [fit for guess in dict.fromkeys((lens, 1.0)) if (fit := _fitted(matches, intrinsics, guess))]
    if not fits or min(fits, key=_cost).explained.mean() < WELL_EXPLAINED:
        fits += [fit for guess in LENS_STEPS if (fit := _fitted(matches, intrinsics, guess))]
    if not fits:
        return None
    free = min(fits, key=_cost)
    held = min((refine(f.w2c, 1.0, matches, intrinsics, free_lens=False) for f in fits[:2]), key=_cost)
    seen = free.lens if free.lens_error < LENS_KNOWN and free.cost <= 1.05 * held.cost else float("nan")
    chosen = free if free.cost + NOISE_PX**2 < LENS_GAIN * (held.cost + NOISE_PX**2) else held
    if chosen.explained.sum() < max(LEAST_INLIERS, LEAST_SHARE * count):
        return None
    inliers = chosen.explained
    return Pose(matches.c2w @ np.linalg.inv(chosen.w2c), inliers, matches.found[inliers], chosen.lens, seen)


def refine(w2c: Matrix, lens: float, matches: Matches, intrinsics: Matrix, *, free_lens: bool) -> _Fit:
    """Gauss-Newton on the reprojection error with Tukey's biweight; the scale of the noise from its median."""
    known = slice(None) if free_lens else slice(6)
    normal, sigma = np.eye(7), np.inf
    for _ in range(REFINE_ROUNDS):
        camera = with_lens(intrinsics, lens)
        given = matches.points, matches.found, w2c, camera
        normal, slope, sigma = normal_equations(*given, RANSAC_PX, TUKEY, LEAST_SIGMA_PX)
        normal = normal[known, known]
        step = -np.linalg.lstsq(normal, slope[known], rcond=1e-12)[0]
        change = np.eye(4)
        change[:3, :3], change[:3, 3] = cv2.Rodrigues(step[:3])[0], step[3:6]
        w2c = change @ w2c
        lens *= float(np.exp(np.clip(step[6], -0.3, 0.3))) if free_lens else 1.0
        if np.abs(step).max() < 1e-9:
            break
    lens_error = sigma * float(np.sqrt(np.linalg.pinv(normal)[6, 6])) if free_lens else float("nan")
    return _Fit(w2c, lens, lens_error, residuals(w2c, matches, with_lens(intrinsics, lens)))


def residuals(w2c: Matrix, matches: Matches, intrinsics: Matrix) -> NDArray[np.float64]:
    """Distances (N,) in pixels between where a camera shows the points and where they were found."""
    return np.linalg.norm(project(_moved(w2c, matches.points), intrinsics) - matches.found, axis=1)


def _fitted(matches: Matches, intrinsics: Matrix, lens: float) -> _Fit | None:
    """RANSAC's answer for a lens near ``lens``, refined with the lens free."""
    try:
        found, rotation, translation, chosen = cv2.solvePnPRansac(
            matches.points,
            matches.found,
            with_lens(intrinsics, lens),
            np.zeros(4),  # no distortion
            iterationsCount=RANSAC_ROUNDS,
            reprojectionError=RANSAC_PX if lens == 1.0 else LOOSE_PX,
            confidence=0.999,
            flags=cv2.SOLVEPNP_SQPNP,
        )
    except cv2.error:  # those that agree lie in one spot: SQPNP asserts that they do not
        return None
    if not found or chosen is None or len(chosen) < LEAST_INLIERS:
        return None
    w2c = np.eye(4)
    w2c[:3, :3], w2c[:3, 3] = cv2.Rodrigues(rotation)[0], translation.ravel()
    return refine(w2c, lens, matches, intrinsics, free_lens=True)


def _cost(fit: _Fit) -> float:
    return fit.cost


def _moved(w2c: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    return points @ w2c[:3, :3].T + w2c[:3, 3]
