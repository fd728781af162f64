# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds a full-size demo's report against what it must reach.

python -m tests.e2e.bounds demo_out/report.json        prints each figure beside its bound; exit code 1 if one is missed
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

FRAMES = 49
LEAST = {"psnr_known_db": 33.0}
MOST = {"mp4_loss_db": 1.0, "wrongly_visible": 0.001, "rot_err_rad": 0.03, "hole_fraction": 0.1, "trans_err_m": 0.25}


def misses(report: Mapping[str, float | None]) -> list[str]:
    """Names of the figures that miss their bounds; one that could not be measured is among them."""
    missed = [] if report["frames"] == FRAMES else ["frames"]
    for name, bound in LEAST.items():
        value = report[name]
        if value is None or not value >= bound:
            missed.append(name)
    for name, bound in MOST.items():
        value = report[name]
        if value is None or not value <= bound:
            missed.append(name)
    return missed


def main(path: Path) -> int:
    report = json.loads(path.read_text())
    missed = misses(report)
    for name, sign, bound in [(n, "≥", b) for n, b in LEAST.items()] + [(n, "≤", b) for n, b in MOST.items()]:
        sys.stdout.write(f"{name:16} {report[name]!s:>22}  {sign} {bound:<6}{'  MISSED' if name in missed else ''}\n")
    sys.stdout.write(f"{'seconds':16} {report['seconds']['total']:>22}  {report['frames']} frames\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
