# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on starts the daemon that is installed, starts a dying one again, stops before that becomes a loop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.second_unit.link import current, environment, launcher, processes, pump
from bl_ext.user_default.second_unit.link.breaker import Breaker
from bl_ext.user_default.second_unit.link.daemon import DaemonLink, Phase
from bl_ext.user_default.second_unit.link.state import daemon_view
from bl_ext.user_default.second_unit.protocol import paths

from tests.blender import daemons
from tests.blender.daemons import until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the programs are shell scripts")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """A fresh user folder, nothing on PATH; daemons that a test started are ended."""
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(pump.preferences, "start_when_needed", lambda: False)
    current.link.close()
    monkeypatch.setattr(current, "link", DaemonLink())
    yield tmp_path / "home"
    current.link.close()
    file = paths.connection_file()
    if file.is_file() and processes.alive(pid := json.loads(file.read_text()).get("pid", 0)):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def use(tmp_path, monkeypatch):
    """Makes the preference name a program that runs these shell lines (none: the real daemon)."""

    def choose(body: str = "") -> Path:
        program = daemons.program(tmp_path / "second-unit", body=body)
        monkeypatch.setattr(pump.preferences, "daemon_program", lambda: str(program))
        pump.tick()
        return program

    return choose


def starts(folder: Path) -> int:
    return len((folder / "starts").read_text().split()) if (folder / "starts").exists() else 0


def test_start_brings_up_the_daemon_and_stop_ends_it(use):
    use()
    until(lambda: current.link.phase is Phase.STOPPED, "the look")
    assert daemon_view(current.link).can_start
    current.link.start()
    until(lambda: current.link.ready, "the link")
    pid = json.loads(paths.connection_file().read_text())["pid"]
    assert os.getsid(pid) != os.getsid(0), "it would die with Blender's terminal"
    current.link.stop()
    until(lambda: current.link.phase is Phase.STOPPED, "the stop")
    assert current.link.error is None
    assert not paths.connection_file().exists()


def test_a_script_that_starts_the_daemon_goes_on_once_it_is_there(use):
    use()
    assert bpy.ops.second_unit.daemon_start() == {"FINISHED"}
    assert current.link.ready and current.link.engines
    current.link.close()
    assert bpy.ops.second_unit.daemon_start() == {"FINISHED"}, "the one that runs is found"
    assert current.link.ready


def test_a_script_hears_why_the_daemon_does_not_start(use):
    use("exit 1")
    with pytest.raises(RuntimeError, match="daemon"):
        bpy.ops.second_unit.daemon_start()


def test_the_daemon_outlives_the_link(use):
    use()
    current.link.start()
    until(lambda: current.link.ready, "the link")
    pid = json.loads(paths.connection_file().read_text())["pid"]
    current.link.close()
    assert processes.alive(pid)
    until(lambda: current.link.ready, "the link coming back")


def test_the_installed_program_is_found_before_the_one_on_path(home, tmp_path, monkeypatch):
    on_path = daemons.program(tmp_path / "second-unit")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert launcher.find_program() == on_path
    installed = environment.folder() / "bin" / "second-unit"
    installed.parent.mkdir(parents=True)
    daemons.program(installed)
    assert launcher.find_program() == on_path, "an installation that broke off is none"
    environment.mark_installed("0.1.0", "")
    assert launcher.find_program() == installed


def test_a_program_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(pump.preferences, "daemon_program", lambda: str(tmp_path / "gone"))
    until(lambda: current.link.phase is Phase.ABSENT, "the look")
    current.link.start()
    assert current.link.error.cause == f"There is no daemon program at {tmp_path / 'gone'}"
    assert current.link.error.remedy == "Choose the program in the preferences"


def test_a_program_that_cannot_run_is_named(use):
    program = use()
    program.chmod(0o644)
    current.link.start()
    until(lambda: current.link.error, "the sentence")
    assert current.link.error.cause == f"{program} cannot be started (Permission denied)"


def test_a_daemon_that_does_not_come_up_is_quoted_and_its_log_named(use, home):
    use('echo "no port is free" >&2; exit 3')
    current.link.start()
    until(lambda: current.link.error, "the sentence")
    assert current.link.error.cause == "The daemon ended with code 3: no port is free"
    assert str(home / "logs") in current.link.error.remedy
    assert (home / "logs" / "start.log").read_text() == "no port is free\n"


def test_a_dying_daemon_is_not_started_over_and_over(use, tmp_path):
    use(f"echo start >> {tmp_path / 'starts'}; exit 1")
    current.link.start()
    until(lambda: current.link.phase is Phase.BROKEN, "the breaker")
    assert starts(tmp_path) == 3
    daemons.turn(1.5)
    assert starts(tmp_path) == 3
    assert (daemon_view(current.link).title, daemon_view(current.link).can_start) == ("Keeps stopping", True)
    current.link.start()
    until(lambda: starts(tmp_path) > 3, "another attempt, asked for")


def test_a_daemon_that_was_killed_is_started_again_while_it_is_wanted(use):
    use()
    current.link.start()
    until(lambda: current.link.ready, "the link")
    pid = json.loads(paths.connection_file().read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not current.link.ready, "the loss")
    until(lambda: current.link.ready, "the link coming back")
    assert json.loads(paths.connection_file().read_text())["pid"] != pid


def test_a_connection_file_that_outlived_its_daemon_does_not_stop_a_new_one(use, home, monkeypatch):
    """Its process number belongs to another program by now, as after a restart of the machine."""
    use()
    current.link.start()
    until(lambda: current.link.ready, "the link")
    content = json.loads(paths.connection_file().read_text())
    os.kill(content["pid"], signal.SIGKILL)
    current.link.close()
    monkeypatch.setattr(current, "link", DaemonLink())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as another:
        paths.connection_file().write_text(json.dumps(content | {"pid": another.pid}))
        until(lambda: current.link.phase is Phase.LOST, "the silence")
        assert daemon_view(current.link).can_start
        current.link.start()
        until(lambda: current.link.ready, "the new daemon")
        another.stdin.close()


def test_a_second_daemon_beside_one_that_hangs_says_so(use, home):
    use()
    current.link.start()
    until(lambda: current.link.ready, "the link")
    log = launcher.start_log()
    started = launcher.Launcher()
    started.start(launcher.find_program(str(use())))
    until(lambda: not started.running, "the second one's end")
    assert "The daemon ended with code" in started.fault()
    assert "already" in log.read_text() or "already" in started.fault()
    assert current.link.ready


def test_the_breaker_forgets_what_lies_long_back():
    breaker = Breaker(limit=3, window_s=120)
    for now in (0, 100, 200, 300):
        breaker.fail(now)
    assert not breaker.open
    breaker.fail(310)
    assert breaker.open
    breaker.reset()
    assert not breaker.open
