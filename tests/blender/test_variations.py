# SPDX-License-Identifier: GPL-3.0-or-later
"""Variations of a shot: one capture, one upload, several takes; the one nearest to its camera lands, and is marked."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import bpy
import pytest
from attrs import evolve
from bl_ext.user_default.second_unit.link import batches, current, spool
from bl_ext.user_default.second_unit.link.records import Clip, JobRecord, fold, submitted_line
from bl_ext.user_default.second_unit.protocol.messages import GetJob
from bl_ext.user_default.second_unit.protocol.states import JobState
from bl_ext.user_default.second_unit.sequencer import memory, provenance
from bl_ext.user_default.second_unit.ui.takes import view

from tests.blender import daemons
from tests.blender.daemons import until

SPEEDS = (40, 100, 70)  # per cent: what each seed makes of the camera


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    current.link.close()
    current.link.error = None
    memory.close()
    memory.ensure_open()
    return tmp_path / "home"


@pytest.fixture
def daemon(home):
    running = daemons.Daemon()
    yield running
    running.close()


@pytest.fixture
def variations(tmp_path) -> list[str]:
    """Submits the variations as Shoot does; their jobs' ids."""
    folder = daemons.shot(tmp_path / "spooled", frames=6, engine="plates", size=(240, 136))
    request, files = spool.load(folder)
    media, batch, job_ids = request.delivery, uuid.uuid4().hex, []
    for number, speed in enumerate(SPEEDS):
        record = JobRecord(
            job_id=uuid.uuid4().hex,
            shot_id=request.shot_id,
            shot_name=request.shot_name,
            engine=request.engine,
            seed=speed,
            take=1 + number,
            clip=Clip(bpy.context.scene.name, media.first, media.count, media.rate),
            spool=str(spool.variation(folder, number)),
            batch=batch,
        )
        current.tracker.submit(record, evolve(request, seed=speed), files)
        job_ids.append(record.job_id)
    return job_ids


def records(job_ids: list[str]) -> list[JobRecord]:
    return [current.tracker.journal.get(job_id) for job_id in job_ids]


def test_the_best_variation_lands_and_the_others_are_kept(daemon, variations, tmp_path):
    daemon.start()
    until(lambda: all(r.acknowledged for r in records(variations)), "all of them being over", 120)
    slow, true, less = records(variations)
    assert true.landed and not slow.landed and not less.landed
    assert slow.passed and less.passed and not any(r.open for r in (slow, true, less))
    assert [provenance.find_strip(job_id) is not None for job_id in variations] == [False, True, False]
    assert all(current.tracker.journal.absolute(r.files["clip"]).is_file() for r in (slow, true, less))
    answers: list = []
    for job_id in variations:
        current.link.ask(GetJob(job_id), answers.append)
    until(lambda: len(answers) == 3, "answers")
    assert {answer.job.state for answer in answers} == {JobState.DELIVERED}
    until(lambda: not (tmp_path / "spooled").exists(), "the capture's removal, once")
    view.refresh()
    shown = [view.of_job(job_id) for job_id in variations]
    assert [v.best for v in shown] == [False, True, False]
    assert [v.wrong_camera for v in shown] == [True, False, True]
    assert "50%" not in view.verdict(true) and view.verdict(slow).startswith("Wrong camera")
    assert view.compared(true) == "Best of 3 variations"
    assert view.compared(less) == "2. of 3 variations by its camera"


def test_what_they_share_is_uploaded_once(daemon, variations, monkeypatch):
    sent: list[int] = []
    upload = current.link.upload
    monkeypatch.setattr(current.link, "upload", lambda pairs, *rest: (sent.append(len(pairs)), upload(pairs, *rest))[1])
    daemon.start()
    until(lambda: all(r.fetched for r in records(variations)), "all of them being here", 120)
    assert len(sent) == 1


def test_a_variation_may_be_cancelled_and_the_rest_go_on(daemon, variations):
    current.tracker.cancel(variations[1])
    daemon.start()
    until(lambda: all(not r.open for r in records(variations)), "all of them being over", 120)
    slow, true, less = records(variations)
    assert true.ended and not true.landed
    assert less.landed and slow.passed, "70 % of the speed are nearer than 40 %"


def test_a_take_remembers_its_batch():
    clip = Clip("Scene", 1, 4, bpy_rate())
    record = JobRecord("a" * 32, batch="b" * 32, clip=clip, created=5.0)
    line = json.loads(json.dumps({"entry": "submitted", "at": 5.0, "session": "s", **submitted_line(record)}))
    assert fold(JobRecord(record.job_id), line) == record
    assert fold(record, {"entry": "passed"}).passed
    alone = JobRecord("c" * 32)
    assert batches.batch_of(alone, [record, alone]) == [alone]


def test_one_that_was_not_measured_is_never_the_best():
    measured = {"adherence": {"rank": [2, 40.0]}}
    a = JobRecord("a" * 32, batch="x", fetched=True, take=1)
    b = JobRecord("b" * 32, batch="x", fetched=True, take=2, result=measured)
    assert batches.best([a, b]) == b
    assert batches.marked([a, b]) is None, "it takes two that were measured to have a best one"


def bpy_rate():
    from bl_ext.user_default.second_unit.protocol.grid import Rate

    return Rate(24)
