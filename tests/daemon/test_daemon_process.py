# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon as a process: real sockets, real workers, killed at the worst moments."""

from __future__ import annotations

import os
import signal
import stat

import psutil
import pytest
import zmq
from attrs import evolve
from second_unit_daemon.encode.read import probe, read_frames
from second_unit_protocol.client import BlockingClient
from second_unit_protocol.connection import load
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate
from second_unit_protocol.messages import (
    Acknowledge,
    CancelJob,
    GetJob,
    GetStatus,
    JobChanged,
    ListJobs,
    Preview,
    RetryJob,
    Shutdown,
    Submit,
)
from second_unit_protocol.states import JobState

from tests.support.daemon import DaemonProcess, eventually, painted, submit, wait_for, wait_for_marker
from tests.support.engines import colour_of
from tests.support.shots import wall_shot

RUNNING = (JobState.RUNNING,)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    """One daemon for the tests that do not hurt it."""
    with DaemonProcess(tmp_path_factory.mktemp("home"), cancel_grace_s=0.5) as process:
        yield process


@pytest.fixture
def client(daemon):
    with daemon.client() as client:
        yield client


# --- a shot from end to end ----------------------------------------------------------------------------------------


def test_a_shot_is_rendered_by_the_built_in_engine_and_comes_back_as_files(daemon, client, tmp_path):
    shot = wall_shot(8, 96, 64, references=2, moving_box=True)
    job_id = submit(client, shot, tmp_path / "blobs")
    job = wait_for(client, job_id)
    assert job.state is JobState.SUCCEEDED, job.error
    clip = tmp_path / "clip.mp4"
    client.download(job.result.clip, clip)
    facts = probe(clip)
    assert (facts.frames, facts.rate, facts.width, facts.height) == (8, Rate(24), 96, 64)
    assert job.result.adherence.rot_err_rad < 0.5
    assert set(job.result.takes) >= {"camera", "depth", "references"}
    delivered = client.call(Acknowledge(job_id)).job
    assert delivered.state is JobState.DELIVERED
    assert client.call(Acknowledge(job_id)).job == delivered


def test_the_master_holds_what_the_engine_made_and_the_clip_is_conformed_to_the_scene(client, tmp_path):
    shot = wall_shot(6, 64, 64, engine="paint", references=0, clip_rate=Rate(12))
    job = wait_for(client, submit(client, shot, tmp_path / "blobs"))
    master, clip, holes = tmp_path / "master.mkv", tmp_path / "clip.mp4", tmp_path / "holes.mkv"
    client.download(job.result.master, master)
    client.download(job.result.clip, clip)
    client.download(job.result.holes, holes)
    made = [tuple(frame[0, 0]) for frame in read_frames(master)]
    assert made == [colour_of(i) for i in range(shot.request.grid.count)]
    nearest = [colour_of(shot.request.grid.nearest(f)) for f in range(1, 7)]
    shown = [frame[32, 32].astype(int) for frame in read_frames(clip)]
    assert len(shown) == 6
    assert all(abs(a - b).max() <= 3 for a, b in zip(shown, nearest, strict=True))
    mask = next(iter(read_frames(holes)))
    assert mask[:32].min() == 255 and mask[32:].max() == 0
    assert job.result.figures == {"hole_fraction": 0.5}


def test_events_tell_of_every_state_and_show_pictures(client, tmp_path):
    job_id = submit(client, painted(12, pause_s=0.1), tmp_path)
    states, previews, fractions = [], [], []
    for event in client.events(60):
        if isinstance(event, Preview):
            previews.append(event)
        elif isinstance(event, JobChanged) and event.job.job_id == job_id:
            fractions.append(event.job.fraction)
            if not states or states[-1] != event.job.state:
                states.append(event.job.state)
            if states[-1] is JobState.SUCCEEDED:
                break
    assert states == [JobState.WAITING, JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    assert previews and all(p.job_id == job_id and p.jpeg.startswith(b"\xff\xd8") for p in previews)


def test_the_same_request_gives_the_same_frames(client, tmp_path):
    shot = wall_shot(4, 96, 64)
    first = wait_for(client, submit(client, shot, tmp_path))
    second = wait_for(client, submit(client, shot, tmp_path))
    assert first.job_id != second.job_id
    made = []
    for job in (first, second):
        client.download(job.result.master, tmp_path / f"{job.job_id}.mkv")
        made.append([frame.tobytes() for frame in read_frames(tmp_path / f"{job.job_id}.mkv")])
    assert len(made[0]) == 4
    assert made[0] == made[1]


def test_submitting_twice_makes_one_job(client, tmp_path):
    shot = painted()
    job_id = submit(client, shot, tmp_path)
    again = client.call(Submit(job_id, shot.request))
    assert again.job.job_id == job_id and again.missing == ()
    assert [job.job_id for job in client.call(ListJobs()).jobs].count(job_id) == 1
    with pytest.raises(SecondUnitError) as refused:
        client.call(Submit(job_id, evolve(shot.request, seed=5)))
    assert refused.value.code is ErrorCode.BAD_REQUEST


def test_an_engine_that_the_daemon_does_not_have_is_refused_at_once(client):
    with pytest.raises(SecondUnitError) as refused:
        client.call(Submit("a" * 32, evolve(painted().request, engine="dream")))
    assert refused.value.code is ErrorCode.NO_SUCH_ENGINE


def test_a_shot_that_its_engine_cannot_shoot_is_refused_at_once(client):
    with pytest.raises(SecondUnitError) as refused:
        client.call(Submit("b" * 32, wall_shot(4, references=0).request))
    assert refused.value.code is ErrorCode.NO_REFERENCE


# --- cancelling ------------------------------------------------------------------------------------------------------


def test_a_running_job_is_cancelled_and_its_worker_goes_on(daemon, client, tmp_path):
    marker = tmp_path / "begun"
    job_id = submit(client, painted(100, pause_s=0.2, marker=str(marker)), tmp_path / "blobs")
    wait_for_marker(marker)
    workers = [worker.pid for worker in daemon.workers()]
    assert client.call(CancelJob(job_id)).job.state is JobState.CANCELLING
    assert wait_for(client, job_id).state is JobState.CANCELLED
    assert wait_for(client, submit(client, painted(), tmp_path / "blobs")).state is JobState.SUCCEEDED
    assert [worker.pid for worker in daemon.workers()] == workers


def test_a_worker_that_does_not_stop_is_killed_and_the_next_job_runs(daemon, client, tmp_path):
    marker = tmp_path / "begun"
    stubborn = submit(client, painted(fault="stubborn", marker=str(marker)), tmp_path / "blobs")
    wait_for_marker(marker)
    (worker,) = daemon.workers()
    assert client.call(CancelJob(stubborn)).job.state is JobState.CANCELLING
    assert wait_for(client, stubborn).state is JobState.CANCELLED
    assert not worker.is_running()
    assert wait_for(client, submit(client, painted(), tmp_path / "blobs")).state is JobState.SUCCEEDED


def test_queued_and_waiting_jobs_are_cancelled_on_the_spot(client, tmp_path):
    marker = tmp_path / "begun"
    running = submit(client, painted(100, pause_s=0.2, marker=str(marker)), tmp_path / "blobs")
    wait_for_marker(marker)
    queued = submit(client, painted(), tmp_path / "blobs")
    waiting = submit(client, painted(5), tmp_path / "blobs", upload=False)
    assert client.call(GetJob(queued)).job.queue_place == 0
    assert client.call(GetJob(waiting)).job.state is JobState.WAITING
    for job_id in (queued, waiting):
        assert client.call(CancelJob(job_id)).job.state is JobState.CANCELLED
    client.call(CancelJob(running))
    assert wait_for(client, running).state is JobState.CANCELLED
    with pytest.raises(SecondUnitError) as refused:
        client.call(RetryJob(waiting))
    assert refused.value.code is ErrorCode.NO_SUCH_BLOB
    client.call(RetryJob(queued))
    done = wait_for(client, queued)
    assert done.state is JobState.SUCCEEDED
    with pytest.raises(SecondUnitError) as refused:
        client.call(CancelJob(queued))
    assert refused.value.code is ErrorCode.WRONG_STATE


# --- what fails, and how it says so ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("segfault", ErrorCode.WORKER_DIED, "SIGSEGV"),
        ("kill", ErrorCode.WORKER_DIED, "SIGKILL"),
        ("memory", ErrorCode.OUT_OF_MEMORY, "12 GB"),
        ("bug", ErrorCode.ENGINE_FAILED, "division by zero"),
        ("complaint", ErrorCode.REFERENCE_UNREADABLE, "reference 1"),
        ("short", ErrorCode.ENGINE_FAILED, ""),
        pytest.param(
            "small_disk",
            ErrorCode.DISK_FULL,
            "disk",
            marks=pytest.mark.skipif(os.name != "posix", reason="needs a limit on file sizes"),
        ),
    ],
)
def test_a_job_that_fails_says_why_and_the_next_one_runs(client, tmp_path, fault, code, words):
    job_id = submit(client, painted(16, fault=fault, at=2, name="Alley"), tmp_path / "blobs")
    job = wait_for(client, job_id)
    assert (job.state, job.error.code) == (JobState.FAILED, code)
    assert words in job.error.cause
    assert job.error.shot == "Alley"
    assert wait_for(client, submit(client, painted(), tmp_path / "blobs")).state is JobState.SUCCEEDED


def test_prints_of_a_library_do_not_disturb_the_worker(client, tmp_path):
    job = wait_for(client, submit(client, painted(fault="chatter"), tmp_path))
    assert job.state is JobState.SUCCEEDED


# --- death and return ------------------------------------------------------------------------------------------------


def test_a_job_survives_the_daemon_killed_in_the_middle_of_it(tmp_path):
    marker = tmp_path / "begun"
    daemon = DaemonProcess(tmp_path / "home")
    daemon.start()
    with daemon.client() as client:
        job_id = submit(client, painted(8, pause_s=0.2, marker=str(marker)), tmp_path / "blobs")
        behind = submit(client, painted(name="Next"), tmp_path / "blobs")
        wait_for_marker(marker)
    (worker,) = daemon.workers()
    daemon.kill()
    eventually(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE, "the orphan ending")
    with daemon, daemon.client() as client:
        job = wait_for(client, job_id)
        assert (job.state, job.attempt) == (JobState.SUCCEEDED, 2)
        assert wait_for(client, behind).state is JobState.SUCCEEDED
        assert len(marker.read_text().splitlines()) == 2
        client.call(Acknowledge(job_id))
        assert [j.state for j in client.call(ListJobs()).jobs].count(JobState.DELIVERED) == 1
    assert list((tmp_path / "home" / "scratch").glob("*")) == []


def test_a_job_that_kills_its_daemon_every_time_is_given_up(tmp_path):
    marker = tmp_path / "begun"
    daemon = DaemonProcess(tmp_path / "home", max_crashes=2)
    for life in (1, 2):
        daemon.start()
        if life == 1:
            with daemon.client() as client:
                job_id = submit(client, painted(50, pause_s=0.2, marker=str(marker)), tmp_path / "blobs")
        wait_for_marker(marker, life)
        daemon.kill()
    with daemon, daemon.client() as client:
        job = client.call(GetJob(job_id)).job
        assert (job.state, job.error.code) == (JobState.FAILED, ErrorCode.WORKER_DIED)


def test_a_stopped_daemon_queues_its_running_job_again_and_tidies_up(tmp_path):
    marker = tmp_path / "begun"
    daemon = DaemonProcess(tmp_path / "home")
    daemon.start()
    with daemon.client() as client:
        job_id = submit(client, painted(8, pause_s=0.2, marker=str(marker)), tmp_path / "blobs")
        waiting = submit(client, painted(5), tmp_path / "blobs", upload=False)
        wait_for_marker(marker)
    assert daemon.stop() == 0
    assert not daemon.connection_file.exists()
    with daemon, daemon.client() as client:
        assert client.call(GetJob(waiting)).job.state is JobState.WAITING
        client.upload(list(painted(5).write(tmp_path / "more").items()))
        assert wait_for(client, job_id).state is JobState.SUCCEEDED
        assert wait_for(client, waiting).state is JobState.SUCCEEDED


def test_a_worker_killed_from_outside_fails_its_job_by_name_and_is_replaced(daemon, client, tmp_path):
    marker = tmp_path / "begun"
    job_id = submit(client, painted(100, pause_s=0.2, marker=str(marker)), tmp_path / "blobs")
    wait_for_marker(marker)
    (worker,) = daemon.workers()
    os.kill(worker.pid, signal.SIGKILL)
    job = wait_for(client, job_id)
    assert (job.state, job.error.code) == (JobState.FAILED, ErrorCode.WORKER_DIED)
    assert "SIGKILL" in job.error.cause
    assert client.call(RetryJob(job_id)).job.error is None
    wait_for_marker(marker, 2)
    client.call(CancelJob(job_id))
    assert wait_for(client, job_id).state is JobState.CANCELLED


def test_a_client_can_stop_the_daemon(tmp_path):
    daemon = DaemonProcess(tmp_path)
    daemon.start()
    with daemon.client() as client:
        client.call(Shutdown())
    assert daemon.process.wait(30) == 0
    assert not daemon.connection_file.exists()


def test_a_second_daemon_on_the_same_home_is_refused_in_one_sentence(daemon):
    second = daemon.command("serve", check=False)
    assert second.returncode == 1
    assert "already runs" in second.stderr and str(daemon.process.pid) in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1


def test_a_connection_file_left_by_a_dead_daemon_is_replaced(tmp_path):
    daemon = DaemonProcess(tmp_path)
    daemon.start()
    old = load(daemon.connection_file)
    daemon.kill()
    refused = daemon.command("status", check=False)
    assert refused.returncode == 1 and "No daemon is running" in refused.stderr
    with daemon, daemon.client() as client:
        assert client.call(GetStatus()).info.pid != old.pid


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_only_the_owner_can_read_the_connection_file_and_the_home(daemon):
    assert stat.S_IMODE(daemon.connection_file.stat().st_mode) == 0o600
    for private in (daemon.home, daemon.home / "keys", daemon.home / "logs"):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700, private


# --- two owners ------------------------------------------------------------------------------------------------------


def test_two_owners_do_not_see_each_other_and_take_turns(tmp_path):
    public, secret = (key.decode() for key in zmq.curve_keypair())
    clients = tmp_path / "home" / "keys" / "clients"
    clients.mkdir(parents=True)
    (clients / "friend.key").write_text(public)
    marker = tmp_path / "begun"
    with DaemonProcess(tmp_path / "home") as daemon:
        connection = load(daemon.connection_file)
        guest = evolve(connection, client_public=public, client_secret=secret)
        with daemon.client() as owner, BlockingClient(guest, "guest") as friend:
            first = submit(owner, painted(20, pause_s=0.1, marker=str(marker)), tmp_path / "blobs")
            wait_for_marker(marker)
            later = [submit(owner, painted(name=f"Mine {n}"), tmp_path / "blobs") for n in range(3)]
            theirs = submit(friend, painted(name="Theirs"), tmp_path / "blobs")
            assert friend.call(GetJob(theirs)).job.queue_place == 0
            assert [owner.call(GetJob(job_id)).job.queue_place for job_id in later] == [1, 2, 3]
            assert [job.job_id for job in friend.call(ListJobs()).jobs] == [theirs]
            for message in (GetJob(first), CancelJob(first), Acknowledge(first), RetryJob(first)):
                with pytest.raises(SecondUnitError) as refused:
                    friend.call(message)
                assert refused.value.code is ErrorCode.NO_SUCH_JOB
            owner.call(CancelJob(first))
            assert wait_for(friend, theirs).state is JobState.SUCCEEDED
            assert all(wait_for(owner, job_id).state is JobState.SUCCEEDED for job_id in later)
            heard = {event.job.job_id for event in friend.events(0.2) if isinstance(event, JobChanged)}
            assert heard == {theirs}
