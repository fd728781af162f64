# SPDX-License-Identifier: GPL-3.0-or-later
"""Shoots every move with every engine, measures, and writes a table and a plot."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, frozen
from second_unit_protocol.disk import disk_errors
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.results import DeviceInfo

from ..adherence.meter import AdherenceMeter
from ..engines import registry
from ..engines.base import Engine, JobControl
from .moves import MOVES, Move, plan_request, shot_of

HEADINGS = ("engine", "move", "camera", "px off", "RotErr", "TransErr", "CamMC", "TSED", "flow px", "s a frame")


@frozen
class Row:
    """One engine on one move; ``problem`` says why there are no figures."""

    engine: str
    move: str
    kept: str = ""
    verdict: str = ""
    shift_px: float | None = None
    rot_err_rad: float | None = None
    trans_err: float | None = None
    cam_mc: float | None = None
    tsed: float | None = None
    flow_err_px: float | None = None
    seconds_a_frame: float | None = None
    problem: str = ""


def bench(
    engines: Sequence[str],
    frames: int,
    size: tuple[int, int],
    device: DeviceInfo,
    out: Path,
    told: Callable[[Row], None] = lambda row: None,
    moves: Sequence[Move] = MOVES,
) -> list[Row]:
    """Rows in order; ``bench.md`` and ``bench.json`` in ``out``, and ``bench.png`` where matplotlib is installed.

    An engine that cannot shoot a move gets a row that says why. Raises SecondUnitError for an engine that is not there.
    """
    made = [registry.create(name) for name in engines]
    rows = []
    for name, engine in zip(engines, made, strict=True):
        for move in moves:
            rows.append(_shot(name, engine, move, frames, size, device))
            told(rows[-1])
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        (out / "bench.json").write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", "utf-8")
        (out / "bench.md").write_text(table(rows), "utf-8")
        _plot(rows, out / "bench.png")
    return rows


def _shot(name: str, engine: Engine, move: Move, frames: int, size: tuple[int, int], device: DeviceInfo) -> Row:
    plan = engine.plan(plan_request(name, frames, *size), device)
    if plan.problem:
        return Row(name, move.name, problem=plan.problem.cause)
    with tempfile.TemporaryDirectory(prefix="second-unit-bench-") as folder:
        shot = shot_of(move, plan, frames, *size, Path(folder))
        meter, begun, measuring = AdherenceMeter(shot), time.monotonic(), 0.0
        try:
            for number, frame in enumerate(engine.frames(shot, JobControl.silent())):
                before = time.monotonic()
                meter.add(number, frame.measured)
                measuring += time.monotonic() - before
        except SecondUnitError as error:
            return Row(name, move.name, problem=error.info.cause)
        seconds = time.monotonic() - begun - measuring
        found = meter.finish()
    if found is None:
        return Row(name, move.name, problem="nothing to measure by")
    return Row(
        name,
        move.name,
        found.kept.value,
        found.verdict,
        found.shift_px,
        found.rot_err_rad,
        found.trans_err,
        found.cam_mc,
        found.tsed,
        found.flow_err_px,
        seconds / len(shot),
    )


def table(rows: Sequence[Row]) -> str:
    """Markdown: a line for each engine and move."""
    lines = [f"| {' | '.join(HEADINGS)} |", "|" + "---|" * len(HEADINGS)]
    for row in rows:
        # Where the camera only turns or zooms (then there is no TSED), dividing by its path's length means nothing.
        moved = (row.trans_err, row.cam_mc) if row.tsed is not None else (None, None)
        figures = (row.shift_px, row.rot_err_rad, *moved, row.tsed, row.flow_err_px)
        cells = [row.engine, row.move, row.problem or row.kept, *("" if f is None else f"{f:.3f}" for f in figures)]
        lines.append(f"| {' | '.join([*cells, '' if row.seconds_a_frame is None else f'{row.seconds_a_frame:.2f}'])} |")
    return "\n".join(lines) + "\n"


def _plot(rows: Sequence[Row], path: Path) -> None:
    """Distance in the picture for every move, a colour for each engine; nothing where matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return
    engines = list(dict.fromkeys(row.engine for row in rows))
    moves = list(dict.fromkeys(row.move for row in rows))
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    plots: Any = figure.subplots(1, 2)
    for axes, what, label in (
        (plots[0], "shift_px", "pixels off, mean"),
        (plots[1], "rot_err_rad", "RotErr, rad summed"),
    ):
        for n, engine in enumerate(engines):
            own = {row.move: getattr(row, what) for row in rows if row.engine == engine}
            places = [place + 0.8 * n / len(engines) for place in range(len(moves))]
            axes.bar(places, [own.get(move) or 0 for move in moves], 0.8 / len(engines), label=engine, align="edge")
        axes.set_xticks([place + 0.4 for place in range(len(moves))], moves)
        axes.set_ylabel(label)
    plots[0].legend(frameon=False)
    figure.savefig(path, dpi=120)
