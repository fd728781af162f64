# SPDX-License-Identifier: GPL-3.0-or-later
"""The Queue panel's list, through a real daemon: jobs of this file and of others, moved, cancelled, tried again."""

from __future__ import annotations

import uuid
from pathlib import Path

import bpy
import pytest
from attrs import evolve
from bl_ext.user_default.second_unit.link import current, spool
from bl_ext.user_default.second_unit.protocol.messages import Submit, Submitted
from bl_ext.user_default.second_unit.protocol.states import JobState
from bl_ext.user_default.second_unit.sequencer import memory
from bl_ext.user_default.second_unit.ui import queued
from bl_ext.user_default.second_unit.ui.shot import rows

from tests.blender import daemons
from tests.blender.daemons import until


@pytest.fixture(scope="module")
def captured(tmp_path_factory) -> Path:
    return daemons.shot(tmp_path_factory.mktemp("spool") / "shot", frames=6, first=11)


@pytest.fixture
def daemon(tmp_path, monkeypatch):
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    current.link.close()
    memory.close()
    memory.ensure_open()
    current.board.over.clear()
    running = daemons.Daemon().start()
    until(lambda: current.link.ready, "the connection")
    yield running
    running.close()


@pytest.fixture
def jobs(daemon, captured, tmp_path) -> dict[str, str]:
    """A job that runs for a long time, two of this file that are queued behind it, and one of another file."""
    names = {"runs": uuid.uuid4().hex, "first": uuid.uuid4().hex, "second": uuid.uuid4().hex}
    for take, (name, job_id) in enumerate(names.items(), 1):
        folder = daemons.copied(captured, tmp_path / name)
        daemons.submit(daemons.with_options(folder, pause_s=0.5 if name == "runs" else 0.0), job_id=job_id, take=take)
        until(lambda job_id=job_id: job_id in current.board.jobs, f"the job {name}")
        until(lambda job_id=job_id: current.board.jobs[job_id].state is not JobState.WAITING, f"{name} in the queue")
    names["other"] = submit_from_another_file(captured)
    until(lambda: len(current.board.queued()) == 3, "four jobs")
    queued.refresh()
    yield names
    for job_id in names.values():
        current.tracker.cancel(job_id)
    until(lambda: not current.board.jobs, "the end of all jobs")


def submit_from_another_file(captured: Path) -> str:
    request, _files = spool.load(captured)
    job_id, replies = uuid.uuid4().hex, []
    current.link.ask(Submit(job_id, evolve(request, shot_name="Harbour")), replies.append)
    (reply,) = until(lambda: replies, "the other file's job")
    assert isinstance(reply, Submitted) and not reply.missing, "its captures are there already"
    return job_id


def order() -> list[str]:
    return [row.job_id for row in rows.in_queue()]


def choose(job_id: str) -> None:
    state = bpy.context.window_manager.second_unit_queue
    state.active = state.rows.find(job_id)


def test_the_list_has_what_runs_first_and_jobs_of_other_files(jobs):
    until(lambda: order() == [jobs[name] for name in ("runs", "first", "second", "other")], "the order")
    until(lambda: rows.in_queue()[0].fraction is not None, "progress")
    assert [(row.title, row.is_ours) for row in rows.in_queue()] == [
        ("Wall take 1", True),
        ("Wall take 2", True),
        ("Wall take 3", True),
        ("Harbour", False),
    ]
    assert rows.in_queue()[1].words == "Queued" and rows.in_queue()[3].words == "Queued, 2 ahead"
    assert [view.job_id for view in rows.shown_by_shoot()] == [jobs["runs"]], "what only waits is in the queue alone"


def test_a_job_goes_up_down_and_to_the_front(jobs):
    choose(jobs["other"])
    bpy.ops.second_unit.job_move(direction="FIRST")
    until(lambda: current.board.queued() == [jobs["other"], jobs["first"], jobs["second"]], "to the front")
    until(lambda: queued.active_row(bpy.context.window_manager).job_id == jobs["other"], "the choice went with it")
    bpy.ops.second_unit.job_move(direction="DOWN")
    until(lambda: current.board.queued() == [jobs["first"], jobs["other"], jobs["second"]], "down")
    bpy.ops.second_unit.job_move(direction="DOWN")
    until(lambda: current.board.queued()[2] == jobs["other"], "to the end")
    assert bpy.ops.second_unit.job_move(direction="DOWN") == {"CANCELLED"}
    bpy.ops.second_unit.job_move(direction="UP", job_id=jobs["second"])
    until(lambda: current.board.queued() == [jobs["second"], jobs["first"], jobs["other"]], "up")
    with pytest.raises(RuntimeError, match="Only jobs that are queued"):
        bpy.ops.second_unit.job_move(direction="UP", job_id=jobs["runs"])


def test_a_cancelled_job_is_tried_again_or_put_away(jobs):
    bpy.ops.second_unit.cancel(job_id=jobs["first"])
    bpy.ops.second_unit.cancel(job_id=jobs["other"])
    until(lambda: len(current.board.over) == 2, "both cancelled")
    until(lambda: len(order()) == 4, "both are still shown")
    shown = {row.job_id: row for row in rows.in_queue()}
    assert (shown[jobs["first"]].words, shown[jobs["first"]].can_retry) == ("Cancelled", True)
    assert not shown[jobs["other"]].can_retry, "its take would have nowhere to land"
    bpy.ops.second_unit.job_retry(job_id=jobs["first"])
    until(lambda: current.board.queued() == [jobs["second"], jobs["first"]], "queued again, at the end")
    bpy.ops.second_unit.job_dismiss(job_id=jobs["other"])
    until(lambda: order() == [jobs["runs"], jobs["second"], jobs["first"]], "put away")


def test_a_lone_job_cannot_be_moved_and_the_button_says_why(daemon):
    with pytest.raises(RuntimeError, match="no two jobs"):
        bpy.ops.second_unit.job_move(direction="UP")
