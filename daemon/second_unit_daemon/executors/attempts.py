# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip that followed another camera is made again with the next seed, as often as the shot allows; the best stays."""

from __future__ import annotations

import shutil
from pathlib import Path

from attrs import asdict, evolve, frozen
from second_unit_protocol.limits import MAX_SEED
from second_unit_protocol.results import Adherence, DeviceInfo, Input, Kept

from ..conditioning.shot_data import ShotData
from ..engines.base import Engine
from .dialogue import Files, Report
from .pipeline import Outside, Pipeline

GOOD_ENOUGH = (Kept.KEEPS, Kept.DRIFTS)


@frozen
class _Take:
    folder: Path
    files: Files
    report: Report

    @property
    def rank(self) -> tuple[int, float]:
        assert self.report.adherence is not None
        return self.report.adherence.rank


def shoot(
    job_id: str, shot: ShotData, engine: Engine, device: DeviceInfo, folder: Path, outside: Outside
) -> tuple[Files, Report]:
    """As :meth:`Pipeline.run`; names of files are relative to ``folder``. Files of takes that lost are deleted."""
    allowed = shot.request.retries
    best: _Take | None = None
    lost: list[tuple[int, Adherence]] = []
    number = 0
    for number in range(allowed + 1):
        request = evolve(shot.request, seed=(shot.request.seed + number) % (MAX_SEED + 1))
        own = folder / f"attempt_{number}" if allowed else folder
        own.mkdir(exist_ok=True)
        told = _counted(outside, number, allowed)
        files, report = Pipeline(job_id, ShotData(request, shot.blob_path), engine, device, own, told).run()
        take = _Take(own, files, report)
        judged = report.adherence
        if allowed == 0 or judged is None or Input.SEED not in report.takes:
            best = take
            break
        worse = take
        if best is None or take.rank < best.rank:
            best, worse = take, best
        if worse is not None:
            shutil.rmtree(worse.folder, ignore_errors=True)
        if judged.kept in GOOD_ENOUGH:
            break
        lost.append((request.seed, judged))
    assert best is not None
    if not allowed:
        return best.files, best.report
    return _inside(best.files, best.folder.name), evolve(
        best.report,
        figures={**best.report.figures, "retries": float(number)},
        warnings=(*best.report.warnings, *_said(best.report, lost, allowed)),
    )


def _counted(outside: Outside, number: int, allowed: int) -> Outside:
    """The queue says which attempt it is."""
    if number == 0:
        return outside
    words = f"camera not kept, retry {number} of {allowed}"
    return evolve(outside, progress=lambda stage, share, left: outside.progress(f"{stage} ({words})", share, left))


def _inside(files: Files, folder: str) -> Files:
    return Files(**{name: f"{folder}/{file}" if file else file for name, file in asdict(files).items()})


def _said(report: Report, lost: list[tuple[int, Adherence]], allowed: int) -> tuple[str, ...]:
    if Input.SEED not in report.takes:
        return ("It was not tried again: this engine does not read the seed, and would make the same clip",)
    others = [(seed, judged) for seed, judged in lost if seed != report.seed]
    if not others:
        return ()
    seeds = ", ".join(str(seed) for seed, _ in others)
    if report.adherence and report.adherence.kept in GOOD_ENOUGH:
        return (f"Seed {report.seed} is retry {len(others)} of {allowed}: with {seeds} the camera was not kept",)
    return (f"None of {allowed + 1} seeds kept the camera; {report.seed} came nearest (also tried: {seeds})",)
