# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the extension takes to be enabled once Blender is up, each time in a Blender of its own.

    python -m tests.bench.bench_enable [--version 5.0.1] [--runs 5]

Prints milliseconds of wall clock and of this thread's processor time, of the quickest run, and how many modules that
loads.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from tests.blender.environments import VERSIONS, bpy_python
from tests.blender.outside import ROOT, child_environment

INSTALL = "from tests.blender.inside import pytest_sessionstart as install; install(None)"
ENABLE = """
import json, sys, time
import bpy, addon_utils
before = set(sys.modules)
wall, cpu = time.perf_counter(), time.thread_time()
module = addon_utils.enable("bl_ext.user_default.second_unit")
wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
assert module is not None and not [m for m in before if "second_unit" in m]
print(json.dumps([wall, cpu, len(set(sys.modules) - before)]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", default=VERSIONS[1], choices=VERSIONS)
    parser.add_argument("--runs", type=int, default=5)
    words = parser.parse_args()
    python = bpy_python(words.version)
    with tempfile.TemporaryDirectory(prefix="second_unit_") as folder:
        environment = child_environment(Path(folder))
        del environment["PYTHONDONTWRITEBYTECODE"]  # a user's Blender compiles once

        def run(code: str) -> str:
            command = [str(python), "-c", code]
            return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout

        run(INSTALL)
        run(ENABLE)
        runs = [json.loads(run(ENABLE).splitlines()[-1]) for _ in range(words.runs)]
    wall, cpu, modules = min(runs)
    print(f"bpy {words.version}: enabled in {wall * 1e3:.0f} ms ({cpu * 1e3:.0f} ms of processor), {modules} modules")


if __name__ == "__main__":
    main()
