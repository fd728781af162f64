# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the add-on holds Blender's main thread while a large shot goes to the daemon and comes back as a strip.

    python -m tests.bench.bench_main_thread [--blender 5.0.1] [--frames 60]

The adding of the strip with its undo step is measured by itself; so are the handlers of undo, save and open, and what
Python takes for its garbage, which any add-on sets off. Capture and drawing are not in here: they need a window. On a
machine that has other things to do the processor's time is the figure to trust.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.blender.environments import bpy_python
from tests.blender.outside import ROOT, child_environment

LIMIT_S = 0.033


def measure(blender: str, frames: int, width: int, height: int, jobs: int) -> dict:
    """Figures of one run inside that Blender, see main_thread_inside.py."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(bpy_python(blender)), "-m", "tests.bench.main_thread_inside"]
        command += [str(number) for number in (frames, width, height, jobs)]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=child_environment(Path(folder)),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        sys.exit(done.stdout[-2000:] + done.stderr[-4000:])
    return json.loads(lines[-1])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--blender", default="5.0.1")
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--width", type=int, default=832)
    parser.add_argument("--height", type=int, default=480)
    parser.add_argument("--jobs", type=int, default=300, help="takes that the file's journal knows already")
    words = parser.parse_args()
    figures = measure(words.blender, words.frames, words.width, words.height, words.jobs)
    print(
        f"Blender {figures['blender']}: {figures['uploaded_mb']:.0f} MB up, {figures['fetched_mb']:.1f} MB down, "
        f"{words.jobs} takes known, {figures['ticks']} ticks"
    )
    print(
        f"longest tick {figures['longest_s'] * 1e3:.1f} ms ({figures['longest_cpu_s'] * 1e3:.1f} ms of processor), "
        f"99 % under {figures['p99_s'] * 1e3:.1f} ms; limit {LIMIT_S * 1e3:.0f} ms, "
        f"ratio {figures['longest_s'] / LIMIT_S:.2f}"
    )
    print(f"the strip with its undo step: {figures['strip_s'] * 1e3:.1f} ms (outside of the limit)")
    print(f"Python's own longest collection of garbage: {figures['collection_s'] * 1e3:.1f} ms (outside of the limit)")
    for name, seconds in figures["handlers_s"].items():
        print(f"{name}: {seconds * 1e3:.1f} ms")
    if not figures["landed"]:
        sys.exit("The take did not land")


if __name__ == "__main__":
    main()
