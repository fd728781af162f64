# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernels that are compiled before the first shot: all that a shot needs, and only while the daemon lives."""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from second_unit_daemon.bench import rehearsal as bench_rehearsal
from second_unit_daemon.conditioning.projection import cached
from second_unit_daemon.executors import rehearsal
from second_unit_daemon.executors.rehearsal import Rehearsal
from second_unit_daemon.lock import lock

PATIENCE_S = 60.0
SHOOTING = """
import gc, sys
from pathlib import Path
from numba.core.dispatcher import Dispatcher
from second_unit_daemon.bench.rehearsal import rehearse
from tests.support.projecting import project
from tests.support.room import room_shot

def compiled():
    kernels = [o for o in gc.get_objects() if isinstance(o, Dispatcher) and o.__module__.startswith("second_unit")]
    return {(k.__module__, k.__name__, signature) for k in kernels for signature in k.signatures}

rehearse()
before = compiled()
shot = room_shot(3, 96, 64, references=(0, 2), moving=True, plates=True, fineness=3, margin=8)
project(shot.open(Path(sys.argv[1])))
assert len(before) > 12, before
assert compiled() == before, compiled() - before
"""


DOUBLING = """
from second_unit_daemon.conditioning.projection.jit import kernel

@kernel
def doubled(number):
    return 2 * number
"""


@pytest.fixture
def kernels(tmp_path, monkeypatch) -> Path:
    """The folder of the compiled kernels, with none in it."""
    folder = tmp_path / "kernels"
    folder.mkdir()
    monkeypatch.setattr(rehearsal, "kernel_folder", lambda: folder)
    return folder


def until(true) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_shot_needs_no_kernel_that_the_rehearsal_did_not_compile(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", SHOOTING, str(tmp_path)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_checkout_elsewhere_compiles_nothing_again_unless_its_modules_say_something_else(
    kernels, tmp_path, monkeypatch
):
    monkeypatch.setattr(cached, "kernel_folder", lambda: kernels)

    def compiled_in(place: str) -> bool:
        """Whether the kernel of that copy had to be compiled."""
        spec = importlib.util.spec_from_file_location("doubling", tmp_path / place / "pieces" / "doubling.py")
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert module.doubled(3) == 6
        return not module.doubled.stats.cache_hits

    (tmp_path / "here" / "pieces").mkdir(parents=True)
    (tmp_path / "here" / "pieces" / "doubling.py").write_text(DOUBLING)
    for place in ("there", "changed"):
        shutil.copytree(tmp_path / "here", tmp_path / place)
    (tmp_path / "changed" / "pieces" / "beside.py").write_text("PIECE = 2")
    assert compiled_in("here")
    assert not compiled_in("there")
    assert compiled_in("changed")


def test_one_is_at_it_and_says_when_it_is_done(kernels, monkeypatch):
    runs = []
    monkeypatch.setattr(bench_rehearsal, "kernel_folder", lambda: kernels)

    def nested() -> None:
        runs.append(1)
        bench_rehearsal.ahead()  # as another daemon's would
        assert not (kernels / cached.REHEARSED).exists()

    monkeypatch.setattr(bench_rehearsal, "rehearse", nested)
    bench_rehearsal.ahead()
    bench_rehearsal.ahead()
    assert runs == [1] and (kernels / cached.REHEARSED).exists()


def test_a_job_waits_for_it_but_not_for_ever(kernels):
    looked: list[float] = []

    def cancelled() -> None:
        raise InterruptedError

    rehearsal.let_it_finish(cancelled)  # nobody is at it
    with (kernels / cached.REHEARSING).open("ab") as held:
        lock(held.fileno())
        with pytest.raises(InterruptedError):
            rehearsal.let_it_finish(cancelled)
        rehearsal.let_it_finish(lambda: looked.append(time.monotonic()), patience_s=0.25)
        assert 1 < len(looked) < 10
        threading.Timer(0.2, held.close).start()
        rehearsal.let_it_finish(lambda: looked.append(0.0))
        assert held.closed and looked[-1] == 0.0


def test_it_is_started_once_for_a_version(kernels, tmp_path):
    ran = tmp_path / "ran"
    command = (sys.executable, "-c", f"open({str(ran)!r}, 'a').write('x'); open({str(kernels / 'rehearsed')!r}, 'w')")
    first = Rehearsal(command)
    first.start()
    until((kernels / cached.REHEARSED).exists)
    first.stop()
    Rehearsal(command).start()
    time.sleep(0.3)
    assert ran.read_text() == "x"


def test_it_ends_with_its_daemon(kernels):
    running = Rehearsal()
    running.start()
    assert running._process
    child = psutil.Process(running._process.pid)
    running.stop()
    assert not child.is_running()
    orphan = subprocess.Popen(
        rehearsal.COMMAND, stdin=subprocess.PIPE, env={**os.environ, "NUMBA_CACHE_DIR": str(kernels)}
    )
    assert orphan.stdin
    orphan.stdin.close()
    assert orphan.wait(PATIENCE_S) == 0
    assert not list(kernels.rglob(cached.REHEARSED)), "it did not run to its end"


def test_what_goes_wrong_is_logged_and_harms_nothing(kernels, caplog):
    with caplog.at_level(logging.WARNING):
        Rehearsal(("/no/such/program",)).start()
        assert "the first shot does it" in caplog.text
        caplog.clear()
        Rehearsal((sys.executable, "-c", "raise RuntimeError('no compiler')")).start()
        until(lambda: "no compiler" in caplog.text)
