# SPDX-License-Identifier: GPL-3.0-or-later
"""From a captured shot to a strip through a real daemon, and every way in which the daemon can be missing or wrong."""

from __future__ import annotations

import json
import shutil
import uuid
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.second_unit import preferences
from bl_ext.user_default.second_unit.link import current
from bl_ext.user_default.second_unit.link.daemon import Phase
from bl_ext.user_default.second_unit.link.planner import Planner
from bl_ext.user_default.second_unit.link.state import daemon_view, job_views
from bl_ext.user_default.second_unit.protocol import paths
from bl_ext.user_default.second_unit.protocol.errors import ErrorCode, ErrorInfo
from bl_ext.user_default.second_unit.protocol.grid import Rate, SceneRange
from bl_ext.user_default.second_unit.protocol.messages import GetJob, ListJobs
from bl_ext.user_default.second_unit.protocol.results import Input, PlanRequest
from bl_ext.user_default.second_unit.protocol.states import JobState
from bl_ext.user_default.second_unit.sequencer import compat, memory, provenance

from tests.blender import daemons
from tests.blender.daemons import until


@pytest.fixture(scope="module")
def captured(tmp_path_factory) -> Path:
    return daemons.shot(tmp_path_factory.mktemp("spool") / "shot", frames=6, first=11)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """A fresh user folder and a link that has heard of nothing."""
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
def spooled(captured, tmp_path) -> Path:
    """A copy of the captured shot, which the tracker may delete."""
    return daemons.copied(captured, tmp_path / "spooled")


@pytest.fixture
def slow(spooled) -> Path:
    """The same shot, painted slowly."""
    return daemons.with_options(spooled, pause_s=0.5)


def new_id() -> str:
    return uuid.uuid4().hex


def landed(job_id: str):
    record = current.tracker.journal.get(job_id)
    return record if record and record.landed and record.acknowledged else None


def state_of(job_id: str) -> JobState | None:
    job = current.tracker.jobs.get(job_id)
    return job.state if job else None


def ask(message) -> object:
    answers: list[object] = []
    current.link.ask(message, answers.append)
    return until(lambda: answers, "an answer")[0]


def test_a_captured_shot_becomes_a_strip_and_the_daemon_hears_of_it(daemon, spooled):
    daemon.start()
    until(lambda: current.link.ready, "the link")
    job_id = new_id()
    daemons.submit(spooled, job_id=job_id)
    record = until(lambda: landed(job_id), "landing")
    _scene, strip = provenance.find_strip(job_id)
    assert (compat.left(strip), compat.right(strip)) == (11, 17)
    clip = current.tracker.journal.absolute(record.files["clip"])
    assert Path(bpy.path.abspath(strip.filepath)) == clip
    assert sorted(record.files) == ["clip", "holes", "master", "poster"]
    assert all(current.tracker.journal.absolute(f).is_file() for f in record.files.values())
    assert not list(clip.parent.glob(".*")), "temporary files are left"
    assert ask(GetJob(job_id)).job.state is JobState.DELIVERED
    until(lambda: not spooled.exists(), "the capture's removal")


def test_the_daemon_may_come_later(daemon, spooled):
    job_id = new_id()
    daemons.submit(spooled, job_id=job_id)
    daemons.turn(0.5)
    assert [v.stage for v in job_views(current.tracker, "")] == ["Waiting for the daemon"]
    daemon.start()
    until(lambda: landed(job_id), "landing")


def test_a_daemon_that_dies_in_the_middle_is_followed_into_its_next_life(daemon, slow):
    daemon.start()
    job_id = new_id()
    daemons.submit(slow, job_id=job_id)
    until(lambda: state_of(job_id) is JobState.RUNNING, "running")
    daemon.kill()
    until(lambda: current.link.error and current.link.error.cause == "The daemon has died", "the loss being seen")
    assert str(paths.log_folder()) in current.link.error.remedy
    assert [(v.stage, v.time_left) for v in job_views(current.tracker, "")] == [("Waiting for the daemon", "")]
    daemon.start()
    until(lambda: landed(job_id), "landing")
    assert len([s for s in bpy.context.scene.sequence_editor.strips_all if s.type == "MOVIE"]) == 1


def test_cancel_is_acknowledged_within_a_second(daemon, slow):
    import time

    daemon.start()
    job_id = new_id()
    daemons.submit(slow, job_id=job_id)
    until(lambda: state_of(job_id) is JobState.RUNNING, "running")
    began = time.monotonic()
    current.tracker.cancel(job_id)
    until(lambda: state_of(job_id) in (JobState.CANCELLING, JobState.CANCELLED), "the acknowledgement")
    assert time.monotonic() - began < 1.0
    until(lambda: current.tracker.journal.get(job_id).ended, "the end")
    assert state_of(job_id) is JobState.CANCELLED
    assert job_id not in current.tracker.errors
    assert job_views(current.tracker, "") == []


def test_a_job_that_is_cancelled_without_a_daemon_never_runs(daemon, spooled):
    job_id = new_id()
    daemons.submit(spooled, job_id=job_id)
    until(lambda: current.tracker.journal.get(job_id), "the journal's line")
    current.tracker.cancel(job_id)
    until(lambda: current.tracker.journal.get(job_id).ended, "the end")
    daemon.start()
    until(lambda: current.link.ready, "the link")
    daemons.turn(0.5)
    assert ask(ListJobs()).jobs == ()


def test_a_job_that_ends_before_its_upload_is_known_to_be_over_lands(daemon, spooled, monkeypatch):
    """The job's end and the upload's come by two roads; a small shot is done before the slower one tells."""
    daemon.start()
    until(lambda: current.link.ready, "the link")
    held, upload = [], current.link.upload

    def hold(files, then, progress):
        return upload(files, lambda error: held.append((then, error)), progress)

    monkeypatch.setattr(current.link, "upload", hold)
    job_id = new_id()
    daemons.submit(spooled, job_id=job_id)
    until(lambda: held and state_of(job_id) is JobState.SUCCEEDED, "the job's end")
    then, error = held.pop()
    then(error)
    assert error is None and until(lambda: landed(job_id), "landing").fetched


def test_a_job_that_is_cancelled_while_the_daemon_is_away_stops_when_it_is_back(daemon, slow):
    daemon.start()
    job_id = new_id()
    daemons.submit(slow, job_id=job_id)
    until(lambda: state_of(job_id) is JobState.RUNNING, "running")
    daemon.kill()
    until(lambda: not current.link.ready, "the loss")
    current.tracker.cancel(job_id)
    until(lambda: current.tracker.journal.get(job_id).ended, "the end")
    daemon.start()
    until(lambda: current.link.ready, "the link")
    until(lambda: ask(GetJob(job_id)).job.state is JobState.CANCELLED, "the daemon giving it up")


def test_a_shot_that_is_shown_again_after_another_file_is_planned_again(daemon):
    daemon.start()
    until(lambda: current.link.ready, "the link")
    planner, wanted = (
        Planner(current.link),
        PlanRequest("projection", SceneRange(1, 9, Rate(24)), 96, 64, (Input.DEPTH,)),
    )
    for _ in range(2):
        planner.want(wanted)
        until(lambda: planner.plan is not None, "the plan")
        planner.want(None)
        assert planner.plan is None


def test_a_failed_job_says_why_and_can_be_tried_again(daemon, spooled, tmp_path):
    daemon.start()
    job_id = new_id()
    daemons.submit(daemons.with_options(spooled, fault="complaint"), job_id=job_id)
    until(lambda: current.tracker.journal.get(job_id) and current.tracker.journal.get(job_id).ended, "the failure")
    error = current.tracker.errors[job_id]
    assert (error.code, error.cause) == (ErrorCode.REFERENCE_UNREADABLE, "The picture of reference 1 cannot be read")
    current.tracker.retry(job_id)
    assert not current.tracker.journal.get(job_id).ended
    until(lambda: current.tracker.journal.get(job_id).ended, "the second failure")
    assert ask(GetJob(job_id)).job.attempt == 2


def test_a_job_that_the_daemon_no_longer_has_is_said(daemon, slow, home):
    daemon.start()
    job_id = new_id()
    daemons.submit(slow, job_id=job_id)
    until(lambda: state_of(job_id) is JobState.RUNNING, "running")
    until(lambda: not slow.exists(), "the capture's removal")
    daemon.kill()
    for leftover in home.iterdir():
        if leftover.name not in ("unsaved",):
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    daemon.start()
    until(lambda: job_id in current.tracker.errors, "the sentence")
    assert current.tracker.errors[job_id].sentence() == (
        "Wall: The daemon no longer has this job. Press Shoot to make the take anew"
    )


def test_a_capture_that_was_deleted_before_the_upload_is_said(daemon, spooled):
    job_id = new_id()
    daemons.submit(spooled, job_id=job_id)
    until(lambda: current.tracker.journal.get(job_id), "the journal's line")
    next(path for path in spooled.iterdir() if len(path.name) == 64).unlink()
    daemon.start()
    until(lambda: job_id in current.tracker.errors, "the sentence")
    assert "A captured file is gone" in current.tracker.errors[job_id].cause
    assert current.tracker.errors[job_id].remedy == "Press Shoot again"


def test_a_take_whose_file_was_deleted_is_fetched_again(daemon, spooled):
    daemon.start()
    job_id = new_id()
    daemons.submit(spooled, job_id=job_id)
    record = until(lambda: landed(job_id), "landing")
    clip = current.tracker.journal.absolute(record.files["clip"])
    clip.unlink()
    current.tracker.fetch_again(job_id)
    until(clip.is_file, "the file's return")


def test_a_full_or_closed_take_folder_is_said(daemon, spooled, tmp_path, monkeypatch):
    daemon.start()
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    monkeypatch.setattr(preferences, "take_folder", lambda: blocked / "takes")
    job_id = new_id()
    daemons.submit(spooled, job_id=job_id)
    until(lambda: job_id in current.tracker.errors, "the sentence")
    assert current.tracker.errors[job_id].code is ErrorCode.NOT_WRITABLE
    assert "a file" in current.tracker.errors[job_id].cause
    monkeypatch.setattr(preferences, "take_folder", lambda: tmp_path / "takes")  # the next round sees it
    until(lambda: current.tracker.take_folder == tmp_path / "takes", "the other folder")
    current.tracker.fetch_again(job_id)
    until(lambda: landed(job_id), "landing")


def test_a_take_of_another_file_with_the_same_name_is_not_written_over(daemon, spooled, tmp_path, monkeypatch):
    daemon.start()
    folder = tmp_path / "takes"
    (folder / "Wall").mkdir(parents=True)
    (folder / "Wall" / "take_001.mp4").write_text("another file's take")
    monkeypatch.setattr(preferences, "take_folder", lambda: folder)
    job_id = new_id()
    daemons.submit(spooled, job_id=job_id)
    record = until(lambda: landed(job_id), "landing")
    assert (folder / "Wall" / "take_001.mp4").read_text() == "another file's take"
    assert current.tracker.journal.absolute(record.files["clip"]).name == f"take_001_{job_id[:8]}.mp4"


# --- no daemon, the wrong daemon -----------------------------------------------------------------------------------


def test_without_a_program_the_panel_says_that_it_is_not_installed(monkeypatch):
    monkeypatch.setenv("PATH", "")
    until(lambda: current.link.phase is Phase.ABSENT, "the look")
    view = daemon_view(current.link)
    assert (view.title, view.can_install, view.can_start) == ("Not installed", True, False)
    answer = ask(ListJobs())
    assert isinstance(answer, ErrorInfo) and answer.code is ErrorCode.NO_DAEMON


def test_a_program_that_is_chosen_after_a_vain_start_is_not_called_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", "")
    until(lambda: current.link.phase is Phase.ABSENT, "the look")
    current.link.start()
    assert current.link.error is not None and current.link.error.remedy == "Install it from the Daemon panel"
    program = tmp_path / "second-unit"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setattr(preferences, "daemon_program", lambda: str(program))
    until(lambda: current.link.phase is Phase.STOPPED, "the next look")
    assert current.link.error is None and daemon_view(current.link).can_start


def rewrite_connection(**changed: object) -> None:
    content = json.loads(paths.connection_file().read_text())
    paths.connection_file().write_text(json.dumps(content | changed))


def test_a_wrong_key_is_said(daemon):
    import zmq

    daemon.start()
    public, secret = (key.decode() for key in zmq.curve_keypair())
    rewrite_connection(client_public=public, client_secret=secret)
    until(lambda: current.link.phase is Phase.LOST, "the refusal")
    assert current.link.error.code is ErrorCode.WRONG_KEY
    assert "connection file" in current.link.error.remedy


def test_a_daemon_of_another_version_is_said(daemon, monkeypatch):
    from bl_ext.user_default.second_unit.protocol import client

    daemon.start()
    monkeypatch.setattr(client, "MIN_PROTOCOL_VERSION", 7)
    monkeypatch.setattr(client, "PROTOCOL_VERSION", 9)
    until(lambda: current.link.phase is Phase.LOST, "the refusal")
    assert current.link.error.code is ErrorCode.VERSION_MISMATCH
    assert "Update the older of the two" in current.link.error.sentence()


def test_a_damaged_connection_file_is_said(home):
    home.mkdir()
    paths.connection_file().write_text("{}")
    until(lambda: current.link.phase is Phase.LOST, "the look")
    assert current.link.error.code is ErrorCode.BAD_MESSAGE
    assert "Delete the file and start the daemon again" in current.link.error.remedy
