# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of tests that share a Blender: each is one, in one group, and a failure is told of the file that has it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.blender import groups, outside

FOLDER = Path(__file__).resolve().parents[1] / "blender"


def test_every_file_that_is_named_is_there_and_in_one_group_only():
    grouped = [name for names in groups.GROUPS.values() for name in names]
    assert len(grouped) == len(set(grouped))
    assert [name for name in (*grouped, *groups.ENDS_ONLY) if not (FOLDER / f"test_{name}.py").is_file()] == []


def test_a_report_tells_which_files_tests_failed(tmp_path):
    files = {
        "test_good": "def test_it(): pass",
        "test_bad": "def test_it(): assert 0\nclass TestMore:\n    def test_it(self): assert 0",
        "test_broken": "import nowhere_to_be_found",
    }
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text)
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--continue-on-collection-errors"]
    command += [f"--junitxml={report}", str(tmp_path)]
    assert subprocess.run(command, cwd=tmp_path, timeout=60, capture_output=True, check=False).returncode == 1
    assert outside.failures(report) == {"test_good": 0, "test_bad": 2, "test_broken": 1}
