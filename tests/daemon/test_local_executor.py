# SPDX-License-Identifier: GPL-3.0-or-later
"""The local executor with real worker processes, without sockets: who lives, who dies, who is told."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import time

import psutil
import pytest
from second_unit_daemon import devices
from second_unit_daemon.blobs.store import BlobStore
from second_unit_daemon.executors import oom
from second_unit_daemon.executors.backoff import Backoff, BackoffRule
from second_unit_daemon.executors.dialogue import (
    RunTask,
    StopTask,
    TaskFailed,
    TaskStopped,
    WorkerReady,
    read_message,
    write_message,
)
from second_unit_daemon.executors.local import LocalExecutor, LocalSettings
from second_unit_daemon.executors.worker import EXIT_ORPHANED
from second_unit_daemon.jobs.executor import Task
from second_unit_protocol.errors import ErrorCode

from tests.support.daemon import ENGINES, PATIENCE_S, eventually, painted, wait_for_marker
from tests.support.shots import wall_shot

PYTHON = sys.executable


class Control:
    """The control thread and the queue's side of it: runs what is posted, remembers what it is told."""

    def __init__(self):
        self.posted: queue.Queue = queue.Queue()
        self.told: list[tuple] = []

    def __getattr__(self, event: str):
        return lambda *facts: self.told.append((event, *facts))

    def until(self, event: str) -> tuple:
        """Runs what is posted until ``event`` is told, and returns its facts."""
        while True:
            for told in self.told:
                if told[0] == event:
                    self.told.remove(told)
                    return told[1:]
            self.posted.get(timeout=PATIENCE_S)()


@pytest.fixture
def control():
    return Control()


@pytest.fixture
def executor(tmp_path, control, monkeypatch):
    """Makes executors and stops them after the test; keyword arguments are LocalSettings'."""
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SECOND_UNIT_ENGINES", str(ENGINES))
    made = []

    def make(**settings) -> LocalExecutor:
        blobs = BlobStore(tmp_path / "blobs")
        made.append(
            LocalExecutor(
                devices.cpu(), blobs, control, control.posted.put, LocalSettings(tmp_path / "scratch", **settings)
            )
        )
        return made[-1]

    yield make
    for one in made:
        one.stop()


def task(job_id: str, folder, **options) -> Task:
    """A task whose blobs are in the executor's store."""
    shot = painted(3, name="Alley", **options)
    blobs = BlobStore(folder / "blobs")
    for path in shot.write(folder / "inputs").values():
        blobs.adopt(path)
    return Task(job_id, 1, shot.request)


def workers() -> list[psutil.Process]:
    def is_worker(child: psutil.Process) -> bool:
        try:
            return "second_unit_daemon.executors.worker" in child.cmdline()
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            return False

    return [child for child in psutil.Process().children() if is_worker(child)]


def worker() -> psutil.Process:
    (found,) = workers()
    return found


def test_a_task_runs_and_its_worker_stays_warm_for_the_next(executor, control, tmp_path):
    local = executor()
    local.run(task("one", tmp_path))
    assert not local.ready
    job_id, result = control.until("task_succeeded")
    assert (job_id, result.frames) == ("one", 3)
    first = worker().pid
    control.until("executor_ready")
    assert local.ready
    local.run(task("two", tmp_path))
    control.until("task_succeeded")
    assert worker().pid == first
    assert BlobStore(tmp_path / "blobs").missing([result.clip, result.master, result.poster, result.holes]) == ()
    assert list((tmp_path / "scratch").iterdir()) == []


def test_an_idle_worker_ends_and_the_next_task_gets_a_new_one(executor, control, tmp_path):
    local = executor(idle_s=0.1)
    local.run(task("one", tmp_path))
    control.until("task_succeeded")
    control.until("executor_ready")
    eventually(lambda: not workers(), "the worker's end")
    local.run(task("two", tmp_path))
    assert control.until("task_succeeded")[0] == "two"


def test_a_worker_that_dies_before_it_begins_is_told_apart(executor, control, tmp_path):
    local = executor(command=(PYTHON, "-c", "raise SystemExit(7)"))
    local.run(task("one", tmp_path))
    job_id, error, began = control.until("task_lost")
    assert (job_id, began, error.code) == ("one", False, ErrorCode.WORKER_DIED)
    assert "exited with code 7" in error.cause and error.shot == "Alley"


def test_a_worker_that_cannot_be_started_is_an_error_of_its_task(executor, control, tmp_path):
    local = executor(command=(str(tmp_path / "no such program"),))
    local.run(task("one", tmp_path))
    _, error, began = control.until("task_lost")
    assert not began and "could not be started" in error.cause


def test_a_worker_that_babbles_is_killed(executor, control, tmp_path):
    local = executor(
        command=(PYTHON, "-c", "import time; print('hello, this is not a message', flush=True); time.sleep(60)")
    )
    local.run(task("one", tmp_path))
    _, error, _ = control.until("task_lost")
    assert "SIGKILL" in error.cause


def test_a_worker_that_keeps_dying_is_not_started_again_at_once(executor, control, tmp_path):
    local = executor(
        command=(PYTHON, "-c", "raise SystemExit(7)"), backoff=BackoffRule(first_s=0.2, trips_at=3, pause_s=0.4)
    )
    for attempt in range(4):
        local.run(task(f"try {attempt}", tmp_path))
        control.until("task_lost")
        if attempt > 0:
            assert not local.ready, "it pauses before it takes the next task"
        control.until("executor_ready")
        assert local.ready


def test_pauses_double_until_the_breaker_trips_and_success_resets_them():
    backoff = Backoff(BackoffRule(first_s=0.5, trips_at=4, pause_s=60.0))
    assert [backoff.died() for _ in range(5)] == [0.0, 0.5, 1.0, 60.0, 60.0]
    backoff.finished()
    assert backoff.died() == 0.0


def test_a_kill_for_memory_is_called_that(executor, control, tmp_path, monkeypatch):
    counter = tmp_path / "vmstat"
    counter.write_text("nr_free_pages 12345\noom_kill 3\n")
    monkeypatch.setattr(oom, "COUNTERS", ((counter, "oom_kill"),))
    marker = tmp_path / "begun"
    local = executor()
    local.run(task("one", tmp_path, fault="stubborn", marker=str(marker)))
    wait_for_marker(marker)
    counter.write_text("nr_free_pages 12345\noom_kill 4\n")
    worker().kill()
    _, error, began = control.until("task_lost")
    assert began and error.code is ErrorCode.OUT_OF_MEMORY


def test_a_cancel_of_another_job_is_passed_over(executor, control, tmp_path):
    local = executor()
    local.run(task("one", tmp_path))
    local.cancel("another")
    assert control.until("task_succeeded")[0] == "one"


def test_stopping_kills_the_worker_and_tells_nobody(executor, control, tmp_path):
    marker = tmp_path / "begun"
    local = executor()
    local.run(task("one", tmp_path, fault="stubborn", marker=str(marker)))
    wait_for_marker(marker)
    process = worker()
    local.stop()
    assert not process.is_running()
    while not control.posted.empty():
        control.posted.get()()
    assert {told[0] for told in control.told} <= {"task_began", "task_progressed", "task_preview"}
    assert not list((tmp_path / "scratch").glob("*"))


def test_a_worker_ends_with_its_daemon_even_in_the_middle_of_a_task():
    """Its stdin closes when the daemon dies, however that dies."""
    orphan = subprocess.Popen(
        [PYTHON, "-m", "second_unit_daemon.executors.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"SECOND_UNIT_ENGINES": str(ENGINES)},
    )
    assert read_message(orphan.stdout) == WorkerReady(orphan.pid)
    orphan.stdin.close()
    assert orphan.wait(PATIENCE_S) == EXIT_ORPHANED
    orphan.stdout.close()


def test_a_worker_that_hangs_before_it_listens_can_be_cancelled(executor, control, tmp_path):
    """Its task does not fit into a pipe that nobody empties; the daemon must not wait for that."""
    local = executor(command=(PYTHON, "-c", "import time; time.sleep(600)"), cancel_grace_s=0.2)
    local.run(task("one", tmp_path, ballast="x" * 500_000))
    eventually(lambda: psutil.Process().children(), "the worker's start")
    began = time.monotonic()
    local.cancel("one")
    assert control.until("task_stopped") == ("one",)
    assert time.monotonic() - began < 5


def test_a_cancel_that_comes_too_late_does_not_stop_the_next_attempt(tmp_path):
    worker = subprocess.Popen(
        [PYTHON, "-m", "second_unit_daemon.executors.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"SECOND_UNIT_ENGINES": str(ENGINES)},
    )
    shot = painted(2, at=0, fault="complaint").request
    folders = str(tmp_path / "blobs"), str(tmp_path / "scratch")
    outcomes = []
    assert read_message(worker.stdout) == WorkerReady(worker.pid)
    for attempt in (1, 2):
        write_message(worker.stdin, RunTask("one", attempt, shot, devices.cpu(), *folders))
        while not isinstance(outcome := read_message(worker.stdout), TaskFailed | TaskStopped):
            assert outcome is not None
        outcomes.append(outcome.error.code if isinstance(outcome, TaskFailed) else None)
        write_message(worker.stdin, StopTask("one", attempt))
    assert outcomes == [ErrorCode.REFERENCE_UNREADABLE, ErrorCode.REFERENCE_UNREADABLE]
    worker.stdin.close()
    worker.wait(PATIENCE_S)
    worker.stdout.close()


def test_a_blob_that_the_disk_has_damaged_is_named_and_can_be_sent_again(executor, control, tmp_path):
    shot = wall_shot(2, name="Alley")
    blobs = BlobStore(tmp_path / "blobs")
    for path in shot.write(tmp_path / "inputs").values():
        blobs.adopt(path)
    damaged = shot.request.depth.frames[1]
    content = bytearray(blobs.path(damaged).read_bytes())
    content[len(content) // 2] ^= 0xFF
    blobs.path(damaged).write_bytes(content)
    executor().run(Task("one", 1, shot.request))
    _, error = control.until("task_failed")
    assert error.code is ErrorCode.BLOB_CORRUPT and error.shot == "Alley"
    assert blobs.missing(shot.request.blobs()) == (damaged,)


def test_freeing_memory_ends_an_idle_worker_and_the_next_task_gets_a_new_one(executor, control, tmp_path):
    local = executor()
    local.run(task("one", tmp_path))
    control.until("executor_ready")
    assert workers()
    local.free()
    eventually(lambda: not workers(), "the worker's end")
    local.run(task("two", tmp_path, marker=str(tmp_path / "begun"), pause_s=0.3))
    wait_for_marker(tmp_path / "begun")
    local.free()  # a worker that works is left alone
    control.until("executor_ready")
    assert workers()
