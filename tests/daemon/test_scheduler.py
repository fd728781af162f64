# SPDX-License-Identifier: GPL-3.0-or-later
"""The scheduler over a real job store, with an executor that the test drives by hand."""

from __future__ import annotations

import pytest
from attrs import evolve
from second_unit_daemon import devices
from second_unit_daemon.jobs.executor import Task
from second_unit_daemon.jobs.scheduler import Scheduler
from second_unit_daemon.jobs.store import JobStore
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate
from second_unit_protocol.messages import JobChanged, Preview
from second_unit_protocol.results import ShotResult
from second_unit_protocol.shot import BlobRef
from second_unit_protocol.states import JobState

from tests.support.daemon import painted

S = JobState
SHOT = painted(2).request
DIED = SecondUnitError(ErrorCode.WORKER_DIED, "The render worker died").info
BROKE = SecondUnitError(ErrorCode.ENGINE_FAILED, "It broke").info
MAX_CRASHES = 3


class Hand:
    """An executor that does what the test says."""

    def __init__(self):
        self.device = devices.cpu()
        self.ready = True
        self.tasks: list[Task] = []
        self.cancelled: list[str] = []
        self.is_stopped = False

    def run(self, task: Task) -> None:
        assert self.ready
        self.ready = False
        self.tasks.append(task)

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)

    def stop(self) -> None:
        self.is_stopped = True


class Queue:
    """Store, scheduler, executors, and what was published."""

    def __init__(self, folder, executors: int = 1):
        self.store = JobStore(folder / "jobs.sqlite")
        self.hands = [Hand() for _ in range(executors)]
        self.published: list[tuple[str, JobChanged | Preview]] = []
        self.scheduler = Scheduler(self.store, MAX_CRASHES)
        self.scheduler.attach(self.hands, lambda owner, event: self.published.append((owner, event)))

    def add(self, *job_ids: str, owner: str = "me") -> None:
        for job_id in job_ids:
            self.store.add(owner, job_id, SHOT, S.QUEUED, "submitted")
        self.scheduler.wake()

    def state(self, job_id: str) -> JobState:
        job = self.store.get(job_id)
        assert job is not None
        return job.info.state

    def states(self, *job_ids: str) -> list[JobState]:
        return [self.state(job_id) for job_id in job_ids]

    def free(self, hand: Hand) -> None:
        hand.ready = True
        self.scheduler.executor_ready()

    def told(self, job_id: str) -> list[JobState]:
        return [e.job.state for _, e in self.published if isinstance(e, JobChanged) and e.job.job_id == job_id]


@pytest.fixture
def queue(tmp_path):
    queue = Queue(tmp_path)
    yield queue
    queue.store.close()


def result() -> ShotResult:
    blob = BlobRef("a" * 64, 1)
    return ShotResult(blob, blob, blob, None, 2, Rate(24), 64, 64, "paint", "1", 0, (), (), None, {}, {}, "{}")


def test_one_task_at_a_time_for_each_executor(tmp_path):
    queue = Queue(tmp_path, executors=2)
    queue.add("a", "b", "c")
    assert queue.states("a", "b", "c") == [S.RUNNING, S.RUNNING, S.QUEUED]
    assert [hand.tasks[0].job_id for hand in queue.hands] == ["a", "b"]
    queue.scheduler.task_succeeded("b", result())
    queue.free(queue.hands[1])
    assert queue.states("a", "b", "c") == [S.RUNNING, S.SUCCEEDED, S.RUNNING]
    assert queue.hands[1].tasks[1] == Task("c", 1, SHOT)
    queue.store.close()


def test_everybody_who_waits_learns_that_the_queue_moved(queue):
    queue.add("a", "b", "c")
    queue.published.clear()
    queue.scheduler.task_succeeded("a", result())
    queue.free(queue.hands[0])
    places = [(e.job.job_id, e.job.queue_place) for _, e in queue.published if isinstance(e, JobChanged)]
    assert places == [("a", None), ("b", None), ("c", 0)]


def test_a_queued_job_is_cancelled_on_the_spot_and_a_running_one_by_its_executor(queue):
    queue.add("a", "b")
    assert queue.scheduler.cancel(queue.store.get("b")).info.state is S.CANCELLED
    assert queue.scheduler.cancel(queue.store.get("a")).info.state is S.CANCELLING
    assert queue.scheduler.cancel(queue.store.get("a")).info.state is S.CANCELLING
    assert queue.hands[0].cancelled == ["a"]
    queue.scheduler.task_stopped("a")
    assert queue.told("a") == [S.RUNNING, S.CANCELLING, S.CANCELLED]


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (lambda s: s.task_succeeded("a", result()), S.SUCCEEDED),
        (lambda s: s.task_failed("a", BROKE), S.CANCELLED),
        (lambda s: s.task_lost("a", DIED, True), S.CANCELLED),
        (lambda s: s.task_stopped("a"), S.CANCELLED),
    ],
    ids=["it was finished first", "it failed first", "its worker died of it", "it stopped"],
)
def test_however_a_cancelled_job_ends_it_ends_once(queue, outcome, state):
    queue.add("a")
    queue.scheduler.cancel(queue.store.get("a"))
    outcome(queue.scheduler)
    assert queue.state("a") is state
    queue.scheduler.task_failed("a", BROKE)
    queue.scheduler.task_progressed("a", "rendering", 0.5, 1.0)
    queue.scheduler.task_preview(Preview("a", 0, 1, 1, b""))
    assert queue.told("a") == [S.RUNNING, S.CANCELLING, state], "what comes late changes nothing and is not told"


def test_a_stop_that_nobody_asked_for_is_a_failure(queue):
    queue.add("a")
    queue.scheduler.task_stopped("a")
    assert queue.store.get("a").info.error.code is ErrorCode.INTERNAL


def test_a_worker_that_dies_before_it_begins_costs_one_more_try(queue):
    queue.add("a")
    queue.scheduler.task_lost("a", DIED, False)
    assert queue.state("a") is S.QUEUED
    queue.free(queue.hands[0])
    assert queue.hands[0].tasks[-1].attempt == 2
    queue.scheduler.task_lost("a", DIED, False)
    assert queue.state("a") is S.FAILED and queue.store.get("a").info.error == DIED


def test_a_worker_that_dies_of_a_job_fails_it(queue):
    queue.add("a")
    queue.scheduler.task_began("a")
    queue.scheduler.task_lost("a", DIED, True)
    assert queue.state("a") is S.FAILED and queue.store.get("a").crashes == 1


def test_progress_is_kept_and_told_to_its_owner(queue):
    queue.add("a", owner="friend")
    queue.published.clear()
    queue.scheduler.task_progressed("a", "rendering", 0.5, 12.0)
    ((owner, event),) = queue.published
    assert (owner, event.job.stage, event.job.fraction, event.job.seconds_left) == ("friend", "rendering", 0.5, 12.0)


def test_what_a_dead_daemon_left_starts_again_but_not_for_ever(tmp_path):
    for crash in range(1, MAX_CRASHES + 1):
        queue = Queue(tmp_path)
        if crash == 1:
            queue.add("a")
        else:
            queue.scheduler.recover()
            queue.scheduler.wake()
        assert queue.state("a") is S.RUNNING
        queue.store.close()  # without a word, as kill -9 does
    queue = Queue(tmp_path)
    queue.scheduler.recover()
    error = queue.store.get("a").info.error
    assert queue.state("a") is S.FAILED and error.code is ErrorCode.WORKER_DIED and "3 times" in error.cause
    queue.store.close()


def test_a_cancel_survives_the_daemons_death(tmp_path):
    queue = Queue(tmp_path)
    queue.add("a")
    queue.scheduler.cancel(queue.store.get("a"))
    queue.store.close()
    queue = Queue(tmp_path)
    queue.scheduler.recover()
    assert queue.state("a") is S.CANCELLED
    queue.store.close()


def test_shutting_down_queues_again_in_the_old_place_and_tells_nobody(queue):
    queue.add("a", "b")
    queue.published.clear()
    queue.scheduler.shut_down()
    assert queue.hands[0].is_stopped and queue.published == []
    assert queue.states("a", "b") == [S.QUEUED, S.QUEUED]
    assert queue.store.places() == {"a": 0, "b": 1}
    assert queue.store.get("a").crashes == 0, "it was not the job's fault"


# --- a disk that is full, rows that cannot be read ----------------------------------------------------------------


def fill_disk(store: JobStore, is_full: bool) -> None:
    """SQLite then fails as it does on a full disk, with SQLITE_FULL."""
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages if is_full else 1 << 30}")


def long_result() -> ShotResult:
    return evolve(result(), provenance="p" * 90_000)


def test_a_result_that_a_full_disk_refuses_is_written_down_when_there_is_room(queue):
    queue.add("a", "b")
    fill_disk(queue.store, True)
    with pytest.raises(SecondUnitError) as refused:
        queue.scheduler.task_succeeded("a", long_result())
    assert refused.value.code is ErrorCode.DISK_FULL and "Free some space" in str(refused.value)
    queue.hands[0].ready = True
    queue.scheduler.wake()
    assert queue.states("a", "b") == [S.RUNNING, S.QUEUED], "nothing is handed out before the first is settled"
    fill_disk(queue.store, False)
    queue.scheduler.wake()
    assert queue.states("a", "b") == [S.SUCCEEDED, S.RUNNING]
    assert queue.store.get("a").info.result == long_result()


def test_a_result_that_waits_for_room_is_not_rendered_again_after_a_stop(queue):
    queue.add("a")
    fill_disk(queue.store, True)
    with pytest.raises(SecondUnitError):
        queue.scheduler.task_succeeded("a", long_result())
    fill_disk(queue.store, False)
    queue.scheduler.shut_down()
    assert queue.state("a") is S.SUCCEEDED


def test_a_shot_that_cannot_be_read_fails_and_the_next_one_runs(queue):
    queue.store.add("me", "a", SHOT, S.QUEUED, "submitted")
    queue.store._db.execute("UPDATE jobs SET shot = x'00'")
    queue.add("b")
    assert queue.states("a", "b") == [S.FAILED, S.RUNNING]
    assert "shot-request" in queue.store.get("a").info.error.cause


def test_a_result_of_another_version_spoils_its_own_job_only(queue):
    queue.add("a", "b")
    queue.scheduler.task_succeeded("a", result())
    queue.store._db.execute("UPDATE jobs SET result = x'80' WHERE job_id = 'a'")
    listed = {job.info.job_id: job.info for job in queue.store.of_owner("me", "", 10)}
    assert listed["b"].error is None
    assert listed["a"].result is None and "cannot be read any more" in listed["a"].error.cause
