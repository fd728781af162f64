# SPDX-License-Identifier: GPL-3.0-or-later
"""The measurement as a picture: curves per frame and both paths from above. Needs matplotlib (the extra ``plots``)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.disk import disk_errors
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.results import Adherence, Kept

from .facts import ShotFacts
from .meter import MeasuredPath
from .verdict import DRIFTED, KEPT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GROUND, INK, QUIET, RULE = "#14161b", "#f1efe9", "#9da2ad", "#333842"
ASKED, MADE, LOST = "#9da2ad", "#7dcfff", "#f7768e"
VERDICT_COLOURS = {
    Kept.KEEPS: "#9ece6a",
    Kept.DRIFTS: "#e0af68",
    Kept.WRONG_CAMERA: "#f7768e",
    Kept.UNMEASURED: "#9da2ad",
}
FONT = "DejaVu Sans"  # matplotlib brings it along
INCHES = (15, 8.6)
LEGIBLE = 0.06  # of the axis' height: a threshold's name takes that much
DPI = 100


def save_plot(path: Path, name: str, adherence: Adherence, shot: ShotFacts, measured: MeasuredPath) -> None:
    """Writes a PNG (or what the suffix says). Raises SecondUnitError where matplotlib or the disk refuses."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        remedy = "Install it: pip install 'second-unit[plots]'"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, "A plot needs matplotlib", remedy=remedy) from None
    figure = Figure(figsize=INCHES, dpi=DPI, facecolor=GROUND)
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(2, 3, left=0.045, right=0.985, top=0.80, bottom=0.07, wspace=0.16, hspace=0.38)
    colour = VERDICT_COLOURS[adherence.kept]
    figure.text(0.045, 0.975, name, color=INK, fontsize=20, weight="bold", family=FONT, va="top")
    figure.text(0.045, 0.925, adherence.verdict, color=colour, fontsize=14, family=FONT, va="top")
    figure.text(0.045, 0.888, _headline(adherence), color=QUIET, fontsize=10.5, family=FONT, va="top", linespacing=1.5)
    axes = [figure.add_subplot(grid[i // 3, i % 3], facecolor=GROUND) for i in range(6)]
    frames = measured.numbers
    _shift(axes[0], frames, adherence, shot.width)
    _curve(axes[1], "rotation error, degrees", frames, np.degrees(adherence.rot_curve_rad))
    _curve(axes[2], "translation error, metres", frames, np.array(adherence.trans_curve_m))
    _lens(axes[3], frames, adherence, shot)
    flow = np.array(adherence.flow_curve_px)
    _curve(axes[4], "flow error, pixels a frame", np.arange(1, len(flow) + 1), np.where(flow < 0, np.nan, flow))
    _paths(axes[5], shot, measured)
    for one in axes[:5]:
        for lost in adherence.failed_frames:
            one.axvline(lost, color=LOST, linewidth=1, alpha=0.5)
        one.set_xlim(-0.5, len(shot) - 0.5)
        one.set_xlabel("frame", color=QUIET, fontsize=9, family=FONT)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, facecolor=GROUND)


def _headline(a: Adherence) -> str:
    parts = [
        f"RotErr {a.rot_err_rad:.4f} rad",
        f"TransErr {a.trans_err:.3f} ({a.trans_err_m:.3f} m)",
        f"CamMC {a.cam_mc:.3f}",
        *([f"TSED {a.tsed:.0%}"] if a.tsed is not None else []),
        *([f"depth {a.depth_err:.2%}"] if a.depth_err is not None else []),
        *([f"flow {a.flow_err_px:.2f} px"] if a.flow_err_px is not None else []),
        f"inliers {a.inlier_ratio:.0%}",
        f"coverage {a.coverage:.0%}",
        f"{len(a.failed_frames)} of {a.frames + len(a.failed_frames)} frames lost",
    ]
    return "   ".join(parts) + f"\nmeasured on {a.measured_on}"


def _shift(axes: Axes, frames: NDArray, adherence: Adherence, width: int) -> None:
    values = np.array(adherence.shift_curve_px)
    _curve(axes, "off in the picture, pixels", frames, values, least=KEPT * width * 1.6)
    for share, name in ((KEPT, "keeps"), (DRIFTED, "drifts")):
        if LEGIBLE * axes.get_ylim()[1] < share * width < axes.get_ylim()[1]:
            axes.axhline(share * width, color=QUIET, linewidth=1, linestyle=":")
            axes.annotate(
                f"{name}, mean up to here", (1, share * width), xycoords=("axes fraction", "data"), ha="right",
                va="bottom", color=QUIET, fontsize=8, family=FONT,
            )  # fmt: skip


def _curve(axes: Axes, title: str, frames: NDArray, values: NDArray, least: float = 0.0) -> None:
    _quiet(axes, title)
    if len(values) == 0 or not np.isfinite(values).any():
        axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, color=QUIET, ha="center", family=FONT)
        return
    axes.fill_between(frames, values, color=MADE, alpha=0.16, linewidth=0)
    axes.plot(frames, values, color=MADE, linewidth=2, marker="o", markersize=2.5)
    top = 1.2 * float(np.nanmax(values))
    axes.set_ylim(0, max(top, least, 1e-6))


def _lens(axes: Axes, frames: NDArray, adherence: Adherence, shot: ShotFacts) -> None:
    _quiet(axes, "focal length, pixels")
    scale = shot.width / shot.plane_width if shot.plane_width < shot.width else 1.0
    asked = shot.intrinsics[:, 0, 0] * scale
    ratio = np.array(adherence.lens_curve)
    seen = np.where(ratio > 0, ratio, np.nan) * asked[frames]
    axes.plot(np.arange(len(asked)), asked, color=ASKED, linewidth=5, alpha=0.45, label="asked")
    axes.plot(frames, seen, color=MADE, linewidth=1.6, label="measured")
    known = np.concatenate([asked, seen[np.isfinite(seen)]])
    room = max(0.05 * known.mean(), 0.15 * np.ptp(known))
    axes.set_ylim(known.min() - room, known.max() + room)
    axes.legend(frameon=False, labelcolor=QUIET, fontsize=9, loc="best")


def _paths(axes: Axes, shot: ShotFacts, measured: MeasuredPath) -> None:
    """Both paths seen along the first camera's vertical, the first view direction up the page."""
    _quiet(axes, "path seen from above the first camera, metres")
    to_first = np.linalg.inv(shot.c2w[0])
    spans = (np.ptp((to_first @ poses)[:, [0, 2], 3], axis=0).max() for poses in (shot.c2w, measured.c2w))
    arm = max(0.18 * max(spans), 0.02)
    for poses, colour, width, name in ((shot.c2w, ASKED, 6, "asked"), (measured.c2w, MADE, 1.8, "measured")):
        own = to_first @ poses
        places, ahead = own[:, :3, 3], own[:, :3, 2]
        axes.plot(places[:, 0], places[:, 2], color=colour, linewidth=width, alpha=0.45 if width > 2 else 1, label=name)
        axes.plot(places[-1, 0], places[-1, 2], "o", color=colour, markersize=width + 3)
        for end in (0, -1):
            axes.plot(*([places[end, k], places[end, k] + arm * ahead[end, k]] for k in (0, 2)), color=colour, lw=1.2)
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.15)
    axes.legend(frameon=False, labelcolor=QUIET, fontsize=9, loc="best")


def _quiet(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", color=INK, fontsize=11, family=FONT, pad=8)
    axes.tick_params(colors=QUIET, labelsize=9, length=0)
    axes.grid(axis="y", color=RULE, linewidth=1)
    axes.set_axisbelow(True)
    axes.locator_params(axis="y", nbins=5)
    for side in axes.spines.values():
        side.set_visible(False)
