# SPDX-License-Identifier: GPL-3.0-or-later
"""From what was measured frame by frame and pair by pair to the figures of a whole clip."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from second_unit_protocol.results import Adherence

from .anchors import Grey
from .epipolar import LEAST_BASELINE, consistent, relative_fundamental, tracked_pair
from .errors import path_errors
from .facts import ShotFacts
from .flow import FlowError, FlowMeter
from .path import path_shape
from .verdict import Drift, verdict
from .view import Matrix, View

# Translations are never divided by less than this share of the typical distance (see errors.path_errors).
LEAST_TRAVEL = 1e-3
# Beyond this share of the width much of the view has left frame 0's sight, and movement can no longer be compared.
COMPARABLE_SHIFT = 0.6

NOT_MEASURED = float("nan")


@frozen(eq=False)
class Frame:
    """One frame's camera. The shares of the width are those of verdict.Drift.

    ``lens`` is its focal length over the asked-for one, ``lens_seen`` as the picture alone tells it (NaN: it does not).
    Shares are NaN for a frame 0 that is the definition, not a measurement.
    """

    number: int
    c2w: Matrix
    lens: float
    lens_seen: float
    inlier_ratio: float
    coverage: float
    depth_error: float | None
    shift: float
    pose_shift: float
    lens_shift: float
    asked: float
    made: float

    @classmethod
    def by_definition(cls, c2w: Matrix) -> Frame:
        """Frame 0 of a clip that nothing else is known of: where it was asked to be."""
        return cls(0, c2w, 1.0, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, None, 0.0, 0.0, 0.0, 0.0, 0.0)


class PairFigures:
    """What neighbouring frames say together: optical flow, and epipolar consistency (TSED)."""

    def __init__(self, shot: ShotFacts):
        self.flows: list[FlowError | None] = []  # of every frame but the first
        self.consistent: list[bool] = []
        self._flow = FlowMeter(shot)
        self._last: tuple[Grey, View] | None = None

    def add(self, number: int, picture: Grey, view: View) -> None:
        """The next frame's evened picture and asked-for view."""
        flow = self._flow.add(number, picture, view)
        if number > 0:
            self.flows.append(flow)
        last, self._last = self._last, (picture, view)
        if last is None:
            return
        way = np.linalg.norm(view.c2w[:3, 3] - last[1].c2w[:3, 3])
        if way * view.typical_inverse < LEAST_BASELINE:
            return
        fundamental = relative_fundamental(last[1].c2w, last[1].intrinsics, view.c2w, view.intrinsics)
        self.consistent.append(consistent(fundamental, *tracked_pair(last[0], picture, view.still_mask)))


def adherence_of(
    shot: ShotFacts, frames: list[Frame], failed: list[int], pairs: PairFigures, inverse: float, measured_on: str
) -> Adherence:
    """``inverse`` is the typical 1/z in 1/m; ``failed`` are the frames whose camera was not found."""
    numbers = np.array([f.number for f in frames])
    made = np.array([f.c2w for f in frames])
    errors = path_errors(shot.c2w[numbers], made, LEAST_TRAVEL / inverse if inverse > 0 else 0.0)
    found = [f for f in frames if not np.isnan(f.inlier_ratio)]
    lenses = np.array([f.lens_seen for f in frames])
    lenses = lenses[np.isfinite(lenses)]
    drift = _drift(shot, frames, numbers, made, pairs, inverse)
    judged = verdict(drift, len(failed), len(frames) + len(failed))
    return Adherence(
        rot_err_rad=float(errors.rot_rad.sum()),
        trans_err=errors.trans,
        trans_err_m=float(errors.trans_m.sum()),
        cam_mc=errors.cam_mc,
        frames=len(frames),
        failed_frames=tuple(failed),
        inlier_ratio=_mean(f.inlier_ratio for f in found) or 0.0,
        coverage=_mean(f.coverage for f in found) or 0.0,
        rot_curve_rad=tuple(errors.rot_rad.tolist()),
        trans_curve_m=tuple(errors.trans_m.tolist()),
        verdict=judged.words,
        kept=judged.kept,
        fault=judged.fault,
        shift_px=drift.shift * drift.width,
        rot_mean_deg=float(np.degrees(errors.rot_rad.mean())),
        trans_aligned_m=errors.trans_aligned_m,
        tsed=_mean(pairs.consistent),
        depth_err=_mean(f.depth_error for f in frames if f.depth_error is not None),
        flow_err_px=_mean(flow.error_px for flow in pairs.flows if flow),
        lens_err=float(np.abs(lenses - 1).mean()) if len(lenses) else None,
        shift_curve_px=tuple(f.shift * shot.width for f in frames),
        lens_curve=tuple(f.lens_seen if np.isfinite(f.lens_seen) else 0.0 for f in frames),
        inlier_curve=tuple(f.inlier_ratio if np.isfinite(f.inlier_ratio) else 1.0 for f in frames),
        flow_curve_px=tuple(flow.error_px if flow else -1.0 for flow in pairs.flows),
        measured_on=measured_on,
    )


def _drift(
    shot: ShotFacts,
    frames: list[Frame],
    numbers: NDArray[np.intp],
    made: NDArray[np.float64],
    pairs: PairFigures,
    inverse: float,
) -> Drift:
    moved = [f for f in frames[1:] if max(f.asked, f.made) < COMPARABLE_SHIFT] or frames
    shape = path_shape(shot.c2w, made, numbers, inverse)
    lens = np.array([f.lens for f in frames])
    asked_focal = shot.intrinsics[numbers, 0, 0]
    flows = [flow for flow in pairs.flows if flow]
    asked_flow = sum(flow.asked_px for flow in flows)

    def mean(of: Callable[[Frame], float], over: list[Frame]) -> float:
        return float(np.mean([of(f) for f in over]))

    return Drift(
        shift=mean(lambda f: f.shift, frames),
        pose_shift=mean(lambda f: f.pose_shift, frames),
        lens_shift=mean(lambda f: f.lens_shift, frames),
        asked=mean(lambda f: f.asked, moved),
        made=mean(lambda f: f.made, moved),
        width=shot.width,
        speed=shape.speed,
        off_path=shape.off_path,
        direction=shape.direction,
        lens=float(np.median(lens)),
        asked_zoom=float(asked_focal.max() / asked_focal.min()),
        made_zoom=float((lens * asked_focal).max() / (lens * asked_focal).min()),
        flow=sum(flow.made_px for flow in flows) / asked_flow if asked_flow > len(flows) / 2 else None,
    )


def _mean(values: Iterable[float]) -> float | None:
    """None of nothing."""
    listed = list(values)
    return float(np.mean(listed)) if listed else None
