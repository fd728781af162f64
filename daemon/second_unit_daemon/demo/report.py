# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's figures as one record: printed, written to ``report.json``, drawn on the contact sheet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from attrs import asdict, frozen
from second_unit_protocol.results import ShotResult


@frozen
class Report:
    """``seconds`` per stage, those of the job named ``job.…``; shares are 0 … 1; errors sum over the frames."""

    frames: int
    fps: float
    size: tuple[int, int]
    seconds: dict[str, float]
    psnr_known_db: float
    mp4_loss_db: float
    wrongly_visible: float
    hole_fraction: float
    rot_err_rad: float
    trans_err_m: float
    verdict: str
    blender: str

    @classmethod
    def of(
        cls,
        result: ShotResult,
        facts: Mapping[str, Any],
        seconds: dict[str, float],
        psnr_db: float,
        mp4_loss_db: float,
        wrong: float,
    ) -> Report:
        """``facts`` are those of the extension's demo/run.py; ``seconds`` this side's own stages; ``mp4_loss_db`` is
        what the decoded clip has less than the master."""
        adherence = result.adherence
        job = {f"job.{stage}": spent for stage, spent in result.seconds.items()}
        return cls(
            frames=result.frames,
            fps=float(result.rate),
            size=(result.width, result.height),
            seconds={**facts["seconds"], **job, **seconds},
            psnr_known_db=round(psnr_db, 2),
            mp4_loss_db=round(mp4_loss_db, 2),
            wrongly_visible=round(wrong, 6),
            hole_fraction=round(result.figures.get("hole_fraction", math.nan), 6),
            rot_err_rad=adherence.rot_err_rad if adherence else math.nan,
            trans_err_m=adherence.trans_err_m if adherence else math.nan,
            verdict=adherence.verdict if adherence else "",
            blender=facts["blender"],
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values for a JSON file; what could not be measured is null."""
        values = asdict(self)
        return {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in values.items()
        }

    def lines(self) -> list[tuple[str, str]]:
        """Label and value, as a person reads them."""
        width, height = self.size
        return [
            ("Clip", f"{self.frames} frames, {width} × {height}, {self.fps:g} fps"),
            (
                "Known pixels",
                f"{self.psnr_known_db:.1f} dB against true renders, {self.mp4_loss_db:.1f} less in the MP4",
            ),
            ("Wrongly visible", f"{self.wrongly_visible:.3%} of known pixels"),
            ("Invented", f"{self.hole_fraction:.1%} of all pixels"),
            ("Rotation error", f"{self.rot_err_rad:.4f} rad, summed over the clip"),
            ("Translation error", f"{self.trans_err_m * 100:.1f} cm, summed over the clip"),
            ("Camera", self.verdict or "not measured"),
            ("Time", f"{self.seconds.get('total', math.nan):.0f} s in all"),
        ]
