# SPDX-License-Identifier: GPL-3.0-or-later
"""The contact sheet: one page that shows in seconds what was asked for, what came back and how true it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from second_unit_protocol.results import Adherence

from ..conditioning.projection.references import crop_of
from ..conditioning.shot_data import ShotData
from .charts import draw_adherence, draw_plan, scene_frame_of
from .figures import Compared
from .page import Page, Strip
from .pictures import coloured_depth, depth_range, fitted, marked_holes
from .report import Report

COLUMNS = 4
PLOT_HEIGHT = 215


def draw_sheet(
    path: Path, shot: ShotData, compared: Sequence[Compared], report: Report, adherence: Adherence | None
) -> None:
    """Writes the page as PNG. ``compared`` are clip frames beside their true renders; the first COLUMNS are shown."""
    shown = compared[:COLUMNS]
    page = Page(COLUMNS, shot.request.width / shot.request.height)
    page.title("Second Unit", _subtitle(report))
    page.numbers(_headline(report))
    _references(page, shot)
    _depth(page, shot, shown)
    page.row(
        "Projected",
        "the references, seen\nfrom the new camera",
        [Strip(fitted(marked_holes(frame), page.cell)) for frame in shown],
        legend="hole: unseen by all",
    )
    page.row("Filled", "the clip as delivered", [Strip(fitted(frame.made, page.cell)) for frame in shown])
    page.row("True render", "Blender's own, to compare", [Strip(fitted(frame.truth, page.cell)) for frame in shown])
    left, right = page.plots("Camera", report.verdict.replace(": ", ":\n"), PLOT_HEIGHT)
    draw_adherence(left, right, shot, adherence)
    page.save(path)


def _subtitle(report: Report) -> str:
    width, height = report.size
    return (
        f"A camera animated in Blender {report.blender} came back as a strip: "
        f"{report.frames} frames, {width} × {height}, {report.fps:g} fps, {report.seconds['total']:.0f} s in all"
    )


def _headline(report: Report) -> list[tuple[str, str, str]]:
    """Number, unit, what it is."""
    return [
        (f"{report.psnr_known_db:.1f}", "dB", "known pixels\nagainst true renders"),
        (f"{report.wrongly_visible * 100:.2f}", "%", "of known pixels show\nwhat no reference saw"),
        (f"{report.hole_fraction * 100:.1f}", "%", "of all pixels are holes,\nfilled afterwards"),
        (f"{report.rot_err_rad * 1000:.1f}", "mrad", f"rotation error, summed\nover {report.frames} frames"),
        (f"{report.trans_err_m * 1000:.0f}", "mm", f"translation error, summed\nover {report.frames} frames"),
    ]


def _references(page: Page, shot: ShotData) -> None:
    pictures = [
        Strip(fitted(reference.image, page.cell), f"frame {scene_frame_of(shot, reference):g}")
        for reference in shot.references[: COLUMNS - 1]
    ]
    plan = page.row("References", "the pictures pinned\nto the camera", pictures, space=True)
    draw_plan(plan, shot)


def _depth(page: Page, shot: ShotData, shown: Sequence[Compared]) -> None:
    numbers = [shot.request.grid.nearest(frame.scene_frame) for frame in shown]
    planes = []
    for number in numbers:
        depth_m = shot.depth(number)
        assert depth_m is not None
        left, top, width, height = crop_of(shot, *depth_m.shape[::-1])
        planes.append(depth_m[top : top + height, left : left + width])
    near_m, far_m = depth_range(planes)
    strips = [
        Strip(fitted(coloured_depth(plane, near_m, far_m), page.cell), f"frame {frame.scene_frame}")
        for plane, frame in zip(planes, shown, strict=True)
    ]
    page.row("Depth", "captured with the shot", strips, scale=(near_m, far_m))
