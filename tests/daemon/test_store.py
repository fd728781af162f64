# SPDX-License-Identifier: GPL-3.0-or-later
"""The job store: legal moves only, fair turns, nothing lost, nothing kept that nobody needs."""

from __future__ import annotations

import itertools
import os
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from second_unit_daemon.blobs.store import BlobStore
from second_unit_daemon.jobs.database import migrations, open_database
from second_unit_daemon.jobs.garbage import DAY_S, Garbage, Retention
from second_unit_daemon.jobs.store import JobStore
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate
from second_unit_protocol.results import ShotResult
from second_unit_protocol.shot import BlobRef
from second_unit_protocol.states import LEGAL, IllegalTransition, JobState

from tests.support.daemon import painted

S = JobState
SHOT = painted(2).request
ERROR = SecondUnitError(ErrorCode.ENGINE_FAILED, "It broke").info
# How a new job gets into each state.
WAYS = {
    S.WAITING: (),
    S.QUEUED: (S.QUEUED,),
    S.RUNNING: (S.QUEUED, S.RUNNING),
    S.CANCELLING: (S.QUEUED, S.RUNNING, S.CANCELLING),
    S.SUCCEEDED: (S.QUEUED, S.RUNNING, S.SUCCEEDED),
    S.DELIVERED: (S.QUEUED, S.RUNNING, S.SUCCEEDED, S.DELIVERED),
    S.FAILED: (S.FAILED,),
    S.CANCELLED: (S.CANCELLED,),
}


class Clock:
    """Every look at it is a second later."""

    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@pytest.fixture
def store(tmp_path):
    store = JobStore(tmp_path / "jobs.sqlite", Clock())
    yield store
    store.close()


def ref(letter: str) -> BlobRef:
    return BlobRef(letter * 64, 10)


def result() -> ShotResult:
    return ShotResult(
        clip=ref("a"), master=ref("b"), poster=ref("c"), holes=None, frames=2, rate=Rate(24), width=64, height=64,
        engine="paint", engine_version="1", seed=0, takes=(), ignores=(), adherence=None, figures={"x": 0.5},
        seconds={"engine": 1.0}, provenance="{}",
    )  # fmt: skip


def queue(store: JobStore, *names: tuple[str, str]) -> None:
    for owner, job_id in names:
        store.add(owner, job_id, SHOT, S.QUEUED, "submitted")


@pytest.mark.parametrize(("old", "new"), list(itertools.product(S, S)))
def test_only_the_moves_of_the_table_are_made(store, old, new):
    store.add("me", "job", SHOT, S.WAITING, "new")
    for step in WAYS[old]:
        store.move("job", step, "on the way")
    if new in LEGAL[old]:
        assert store.move("job", new, "because").info.reason == "because"
        assert store.get("job").info.state is new
    else:
        with pytest.raises(IllegalTransition):
            store.move("job", new, "because")
        assert store.get("job").info.state is old
        assert store.history("job")[-1].new == old


def test_every_move_is_in_the_history_with_its_reason(store):
    queue(store, ("me", "job"))
    store.claim("cpu")
    store.move("job", S.FAILED, "it broke", error=ERROR)
    store.move("job", S.QUEUED, "retried")
    moves = [(move.old, move.new, move.reason) for move in store.history("job")]
    assert moves == [
        ("", "queued", "submitted"),
        ("queued", "running", "claimed by cpu"),
        ("running", "failed", "it broke"),
        ("failed", "queued", "retried"),
    ]


def test_a_retry_forgets_the_error_and_goes_to_the_end_of_the_queue(store):
    queue(store, ("me", "first"), ("me", "second"))
    assert store.claim("cpu").info.job_id == "first"
    assert store.move("first", S.FAILED, "it broke", error=ERROR).info.error == ERROR
    assert store.move("first", S.QUEUED, "retried").info.error is None
    assert store.places() == {"second": 0, "first": 1}


def test_an_interrupted_job_keeps_its_place(store):
    queue(store, ("me", "first"), ("me", "second"))
    store.claim("cpu")
    store.move("first", S.QUEUED, "the daemon died", crashed=True)
    assert store.places() == {"first": 0, "second": 1}
    assert store.get("first").crashes == 1


def test_a_job_is_claimed_once(store):
    queue(store, ("me", "only"))
    claimed = store.claim("cpu")
    assert (claimed.info.state, claimed.info.attempt) == (S.RUNNING, 1)
    assert store.claim("cpu") is None


def test_owners_take_turns_however_much_one_of_them_asks_for(store):
    queue(store, *(("greedy", f"g{n}") for n in range(4)), ("modest", "m0"), ("modest", "m1"), ("third", "t0"))
    order = []
    while job := store.claim("cpu"):
        order.append(job.info.job_id)
        store.move(job.info.job_id, S.SUCCEEDED, "rendered", result=result())
    assert order == ["g0", "m0", "t0", "g1", "m1", "g2", "g3"]


def test_the_queue_place_is_the_order_of_claiming(store):
    queue(store, ("a", "a0"), ("a", "a1"), ("b", "b0"), ("c", "c0"), ("b", "b1"))
    promised = sorted(store.places(), key=store.places().get)
    claimed = [store.claim("cpu").info.job_id for _ in range(5)]
    assert claimed == promised


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_a_moved_job_changes_its_owners_order_and_nobody_elses_turn(data):
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock() if data.draw(st.booleans(), "a clock that ticks") else lambda: 1_000_000.0
        store = JobStore(Path(folder) / "jobs.sqlite", clock)
        owners = data.draw(st.lists(st.sampled_from("ab"), min_size=2, max_size=8))
        jobs = [(owner, f"{owner}{number}") for number, owner in enumerate(owners)]
        queue(store, *jobs)
        turns = [owner for owner, _ in _in_order(store)]
        owner, moved = data.draw(st.sampled_from(jobs))
        expected = [job for its, job in _in_order(store) if its == owner and job != moved]
        before = data.draw(st.sampled_from(["", *expected]))
        expected.insert(expected.index(before) if before else len(expected), moved)
        others = [job for its, job in _in_order(store) if its != owner]
        store.reorder(owner, moved, before)
        assert [job for its, job in _in_order(store) if its == owner] == expected
        assert [job for its, job in _in_order(store) if its != owner] == others
        assert [owner for owner, _ in _in_order(store)] == turns or not isinstance(clock, Clock)
        store.close()


def _in_order(store: JobStore) -> list[tuple[str, str]]:
    places = store.places()
    return [(job_id[0], job_id) for job_id in sorted(places, key=places.__getitem__)]


def test_progress_is_kept_for_running_jobs_only(store):
    queue(store, ("me", "job"))
    store.progress("job", "rendering", 0.5, 3.0)
    assert store.get("job").info.fraction == 0.0
    store.claim("cpu")
    store.progress("job", "rendering", 0.5, 3.0)
    info = store.get("job").info
    assert (info.stage, info.fraction, info.seconds_left) == ("rendering", 0.5, 3.0)


def test_jobs_come_back_whole_from_the_disk(store, tmp_path):
    queue(store, ("me", "job"))
    store.claim("cpu")
    before = store.move("job", S.SUCCEEDED, "rendered", result=result())
    store.close()
    again = JobStore(tmp_path / "jobs.sqlite")
    assert again.get("job") == before
    assert again.shot("job") == SHOT
    again.close()


def test_jobs_are_listed_newest_first_for_their_owner_and_shot(store):
    queue(store, ("me", "old"), ("you", "theirs"), ("me", "new"))
    assert [job.info.job_id for job in store.of_owner("me", "", 10)] == ["new", "old"]
    assert [job.info.job_id for job in store.of_owner("me", "", 1)] == ["new"]
    assert store.of_owner("me", "another shot", 10) == []
    with pytest.raises(SecondUnitError) as refused:
        store.owned("me", "theirs")
    assert refused.value.code is ErrorCode.NO_SUCH_JOB


def test_what_is_needed_is_what_unfinished_and_undelivered_jobs_have(store):
    inputs = {blob.digest for blob in SHOT.blobs()}
    made = {"a" * 64, "b" * 64, "c" * 64}
    queue(store, ("me", "job"))
    later = store._clock() + DAY_S
    assert store.digests_needed(later) == inputs
    store.claim("cpu")
    store.move("job", S.SUCCEEDED, "rendered", result=result())
    assert store.digests_needed(later) == made
    store.move("job", S.DELIVERED, "landed")
    assert store.digests_needed(later) == set()
    assert store.digests_needed(0.0) == inputs | made


def test_old_jobs_are_forgotten_but_never_unfinished_ones(store):
    queue(store, ("me", "done"), ("me", "undelivered"), ("me", "queued"))
    for job_id in ("done", "undelivered"):
        store.claim("cpu")
        store.move(job_id, S.SUCCEEDED, "rendered", result=result())
    store.move("done", S.DELIVERED, "landed")
    assert store.forget(store._clock() + DAY_S) == 1
    assert [job.info.job_id for job in store.of_owner("me", "", 10)] == ["queued", "undelivered"]
    assert store.history("done") == []


def test_garbage_spares_what_a_job_needs_and_takes_the_rest(tmp_path):
    store = JobStore(tmp_path / "jobs.sqlite")
    blobs = BlobStore(tmp_path / "blobs")
    shot = painted(2)
    for number, data in enumerate([*shot.blobs.values(), b"an upload that no job ever named"]):
        path = tmp_path / str(number)
        path.write_bytes(data)
        placed = blobs.path(blobs.adopt(path))
        os.utime(placed, (0, 0))
    garbage = Garbage(store, blobs, Retention(keep_days=1.0, quota_bytes=1))
    store.add("me", "job", shot.request, S.QUEUED, "submitted")
    garbage.run()
    assert blobs.missing(shot.request.blobs()) == ()
    assert len(list(blobs.stored())) == len(shot.blobs)
    for stored in blobs.stored():
        os.utime(blobs.find(stored.digest), (0, 0))
    store.move("job", S.CANCELLED, "not wanted")
    Garbage(store, blobs, Retention(keep_days=1.0)).run()
    assert len(list(blobs.stored())) == len(shot.blobs), "a cancelled job can be retried for a while"
    garbage.run()
    assert list(blobs.stored()) == [], "but not where the disk is short"
    store.close()


def test_a_database_of_a_newer_daemon_is_left_alone(tmp_path):
    path = tmp_path / "jobs.sqlite"
    open_database(path).close()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {migrations()[-1][0] + 1}")
    db.close()
    with pytest.raises(SecondUnitError) as refused:
        JobStore(path)
    assert refused.value.code is ErrorCode.VERSION_MISMATCH


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path):
    path = tmp_path / "jobs.sqlite"
    path.write_bytes(b"this is a text file" * 100)
    with pytest.raises(SecondUnitError) as refused:
        JobStore(path)
    assert str(path) in refused.value.info.cause


def test_opening_twice_migrates_once(tmp_path):
    path = tmp_path / "jobs.sqlite"
    first = JobStore(path)
    first.add("me", "job", SHOT, S.QUEUED, "submitted")
    first.close()
    second = JobStore(path)
    assert second.get("job") is not None
    second.close()
    assert [number for number, _ in migrations()] == list(range(1, len(migrations()) + 1))
