# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon installs from the zip into its own environment, never into Blender's; every failure is explained."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.second_unit.link import environment, installer
from bl_ext.user_default.second_unit.link.installer import Installer, InstallState
from bl_ext.user_default.second_unit.protocol.errors import ErrorCode, SecondUnitError

ONE_IS_ENOUGH = pytest.mark.skipif(bpy.app.version[:2] != (5, 0), reason="long, and the same in every Blender")


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def wheel(addon) -> Path:
    return environment.carried_wheel(Path(addon.__file__).parent)


def broken_wheel(tmp_path: Path) -> Path:
    path = tmp_path / "second_unit-0.1.0-py3-none-any.whl"
    path.write_bytes(b"not a wheel")
    return path


@ONE_IS_ENOUGH
def test_the_carried_wheel_becomes_a_daemon_that_answers(home, wheel):
    packages_before = sorted(p.name for p in Path(bpy.__file__).parents[1].iterdir())
    job = Installer()
    job.start(wheel, online=True)
    progress = job.join(timeout=900)
    assert progress.state is InstallState.DONE, progress
    assert progress.fraction == 1.0
    assert environment.installed() == {"version": wheel.name.split("-")[1], "extras": ""}
    said = subprocess.run([environment.command(), "version"], capture_output=True, text=True, check=True, timeout=60)
    assert wheel.name.split("-")[1] in said.stdout
    assert sorted(p.name for p in Path(bpy.__file__).parents[1].iterdir()) == packages_before


def test_nothing_is_fetched_while_online_access_is_off(home, wheel):
    with pytest.raises(SecondUnitError) as caught:
        Installer().start(wheel, online=False)
    assert caught.value.code is ErrorCode.OFFLINE
    assert not home.exists()


def test_a_full_disk_is_said_before_anything_starts(home, wheel, monkeypatch):
    monkeypatch.setattr(installer.shutil, "disk_usage", lambda place: shutil._ntuple_diskusage(10, 9, 1 << 20))
    with pytest.raises(SecondUnitError) as caught:
        Installer().start(wheel, online=True)
    assert caught.value.code is ErrorCode.DISK_FULL


def test_cancel_stops_it_and_leaves_no_installation(home, wheel):
    job = Installer()
    job.start(wheel, online=True)
    deadline = time.monotonic() + 60
    while job.poll().step < 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    job.cancel()
    assert job.join(timeout=60).state is InstallState.CANCELLED
    assert environment.installed() is None
    assert environment.command() is None


def test_a_broken_wheel_is_a_failure_with_pips_own_words(home, tmp_path):
    job = Installer()
    job.start(broken_wheel(tmp_path), online=True)
    progress = job.join(timeout=120)
    assert progress.state is InstallState.FAILED
    assert progress.error.code is ErrorCode.INSTALL_FAILED
    assert "Installing the daemon" in progress.error.cause
    assert environment.installed() is None


def test_a_folder_that_cannot_be_made_is_named(tmp_path, wheel, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "file" / "home"))
    job = Installer()
    job.start(wheel, online=True)
    progress = job.join(timeout=120)
    assert progress.state is InstallState.FAILED
    assert progress.error.code is ErrorCode.NOT_WRITABLE
    assert "file" in progress.error.cause


def test_no_python_is_said(home, wheel, monkeypatch):
    monkeypatch.setattr(environment, "find_base_python", lambda: None)
    job = Installer()
    job.start(wheel, online=True)
    error = job.join(timeout=60).error
    assert error.code is ErrorCode.INSTALL_FAILED
    assert "3.11" in error.remedy


def test_blenders_own_python_is_the_first_choice():
    assert environment.find_base_python() == sys.executable


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("OSError: [Errno 28] No space left on device", ErrorCode.DISK_FULL),
        ("Temporary failure in name resolution", ErrorCode.OFFLINE),
        ("ERROR: No matching distribution found for av>=14", ErrorCode.OFFLINE),
        ("PermissionError: [Errno 13] Permission denied: '/x'", ErrorCode.NOT_WRITABLE),
        ("ERROR: something else", ErrorCode.INSTALL_FAILED),
    ],
)
def test_the_last_lines_tell_the_cause(line, code):
    assert installer.explain("Installing the daemon", ["Collecting av", line]).code is code
