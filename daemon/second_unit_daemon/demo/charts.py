# SPDX-License-Identifier: GPL-3.0-or-later
"""The drawn parts of the contact sheet: the shot from above, and how well the camera was kept."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from second_unit_protocol.results import Adherence

from ..conditioning.shot_data import ReferenceData, ShotData
from .page import FONT, GROUND, INK, QUIET, RULE

TURN, MOVE, PINNED = "#ff9e64", "#7dcfff", "#f1efe9"
SMALL = 15 * 0.72  # points that make 15 pixels
VIEWS_FROM_ABOVE = 4
POINTS_PER_VIEW = 30000
FARTHEST_SHARE = 62.0  # percentile of distances still drawn from above
LEAST_AXIS = {"mrad": 0.2, "mm": 2.0}  # so that noise of nothing does not fill the plot


def scene_frame_of(shot: ShotData, reference: ReferenceData) -> float:
    """Scene frame at which a reference is pinned."""
    grid = shot.request.grid
    return float(grid.scene_frame(0)) + float(grid.step) * reference.clip_position


def draw_plan(axes: Axes, shot: ShotData) -> None:
    """The captured surfaces from above in their own colours, the camera's path and the references on it."""
    points, colours = _surfaces(shot)
    across, along = _ground_axes(shot)
    path, seen = shot.c2w[:, :3, 3], points - shot.c2w[0, :3, 3]
    near = along @ seen.T < np.percentile(along @ seen.T, FARTHEST_SHARE) if len(seen) else np.zeros(0, bool)
    axes.scatter(points[near] @ along, -(points[near] @ across), s=1.2, c=colours[near] / 255, linewidths=0)
    axes.plot(path @ along, -(path @ across), color=INK, linewidth=2.6, solid_capstyle="round")
    for reference in shot.references:
        place = reference.c2w[:3, 3]
        axes.plot(place @ along, -(place @ across), "o", color=GROUND, markeredgecolor=PINNED, mew=2, ms=8)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_color(RULE)
    axes.set_title("path from above", loc="left", color=QUIET, fontsize=SMALL, family=FONT, pad=5)


def draw_adherence(left: Axes, right: Axes, shot: ShotData, adherence: Adherence | None) -> None:
    """Rotation and translation error per scene frame."""
    grid = shot.request.grid
    failed = set(adherence.failed_frames) if adherence else set()
    frames = [float(grid.scene_frame(i)) for i in range(len(shot)) if i not in failed]
    curves = (
        (left, "rotation error per frame", "mrad", TURN, adherence.rot_curve_rad if adherence else ()),
        (right, "translation error per frame", "mm", MOVE, adherence.trans_curve_m if adherence else ()),
    )
    for axes, name, unit, colour, curve in curves:
        values = 1000 * np.array(curve)
        axes.set_title(f"{name}, {unit}", loc="left", color=INK, fontsize=SMALL, family=FONT, pad=10)
        if len(values) == len(frames) and len(values):
            axes.fill_between(frames, values, color=colour, alpha=0.18, linewidth=0)
            axes.plot(frames, values, color=colour, linewidth=2.4)
            axes.set_ylim(0, max(1.25 * float(values.max()), LEAST_AXIS[unit]))
            axes.set_xlim(frames[0], frames[-1])
        else:
            axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, color=QUIET, ha="center", family=FONT)
        for reference in shot.references:
            axes.axvline(scene_frame_of(shot, reference), color=PINNED, linewidth=1.2, linestyle=":")
        _quiet(axes)


def _surfaces(shot: ShotData) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """World points (N, 3) in metres and their colours (N, 3), thinned, from a few frames."""
    rng = np.random.default_rng(0)
    points, colours = [np.zeros((0, 3))], [np.zeros((0, 3), np.uint8)]
    for number in np.linspace(0, len(shot) - 1, min(VIEWS_FROM_ABOVE, len(shot))).astype(int):
        depth_m, plate = shot.depth(number), shot.colour(number)
        if depth_m is None or plate is None:
            continue
        # At random: a lattice of pixels would draw itself on the ground as stripes.
        y, x = (rng.integers(0, side, POINTS_PER_VIEW) for side in depth_m.shape)
        z = depth_m[y, x]
        solid = np.isfinite(z)
        rays = np.stack([x + 0.5, y + 0.5, np.ones_like(x)], -1)[solid] @ np.linalg.inv(shot.intrinsics[number]).T
        world = shot.c2w[number] @ np.concatenate([rays * z[solid, None], np.ones((len(rays), 1))], 1).T
        points.append(world[:3].T)
        colours.append(plate[y, x][solid])
    return np.concatenate(points), np.concatenate(colours)


def _ground_axes(shot: ShotData) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors on the ground (world z up): to the first camera's right, and where it looks."""
    forward = shot.c2w[0, :3, 2].copy()
    if np.hypot(*forward[:2]) < 1e-3:  # it looks straight down or up: its own upward side is as good
        forward = -shot.c2w[0, :3, 1]
    forward[2] = 0
    forward /= np.linalg.norm(forward)
    return np.array([forward[1], -forward[0], 0.0]), forward


def _quiet(axes: Axes) -> None:
    axes.tick_params(colors=QUIET, labelsize=SMALL, length=0, pad=6)
    axes.grid(axis="y", color=RULE, linewidth=1)
    axes.set_axisbelow(True)
    axes.locator_params(axis="y", nbins=4)
    axes.set_xlabel("scene frame; dotted lines: references", color=QUIET, fontsize=SMALL, family=FONT)
    for side in axes.spines.values():
        side.set_visible(False)
