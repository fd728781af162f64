# SPDX-License-Identifier: GPL-3.0-or-later
"""What drawing the tab costs in a file with a film's worth of shots and takes, all of its panels open.

    python -m tests.bench.bench_panel [--version 5.0.1] [--shots 200] [--takes 2000]

Milliseconds of processor time, of the quickest of several runs; see panel_inside.py for what is measured.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.blender.environments import VERSIONS, bpy_python
from tests.blender.outside import ROOT, child_environment

LIMIT_MS = 5.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", default=VERSIONS[1], choices=VERSIONS)
    parser.add_argument("--shots", type=int, default=200)
    parser.add_argument("--takes", type=int, default=2000)
    words = parser.parse_args()
    command = [str(bpy_python(words.version)), "-m", "tests.bench.panel_inside", str(words.shots), str(words.takes)]
    with tempfile.TemporaryDirectory(prefix="second_unit_") as folder:
        environment = child_environment(Path(folder))
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not found:
        sys.exit(done.stdout[-2000:] + done.stderr[-4000:])
    figures = json.loads(found[-1])
    total = sum(figures["drawn"].values())
    print(f"Blender {figures['blender']}, {words.shots} shots, {words.takes} takes: drawn in {total:.2f} ms")
    for part in ("drawn", "between"):
        for name, took in sorted(figures[part].items(), key=lambda item: -item[1]):
            print(f"  {part:8} {name:28} {took:7.2f} ms")
    sys.exit(total > LIMIT_MS)


if __name__ == "__main__":
    main()
