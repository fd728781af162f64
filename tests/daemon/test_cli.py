# SPDX-License-Identifier: GPL-3.0-or-later
"""The second-unit command, run as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from attrs import evolve
from second_unit_daemon import __version__
from second_unit_daemon.encode.read import probe
from second_unit_protocol.client import BlockingClient
from second_unit_protocol.connection import load
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.keypair import KeyPair
from second_unit_protocol.messages import CancelJob, ListJobs
from second_unit_protocol.states import JobState

from tests.support.daemon import DaemonProcess, painted, submit, wait_for, wait_for_marker

HEAVY = ("numpy", "cv2", "numba", "av", "torch", "matplotlib", "rich")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    with DaemonProcess(tmp_path_factory.mktemp("home")) as process:
        yield process


@pytest.fixture(scope="module")
def job(daemon, tmp_path_factory):
    """A finished job of the shot 'Back Alley / 2'."""
    with daemon.client() as client:
        shot = painted(5, name="Back Alley / 2")
        done = wait_for(client, submit(client, shot, tmp_path_factory.mktemp("blobs")))
        assert done.state is JobState.SUCCEEDED
        return done


def test_the_daemon_says_where_it_listens(tmp_path):
    daemon = DaemonProcess(tmp_path)
    line = daemon.start()
    daemon.stop()
    assert line.startswith(f"Second Unit {__version__} listens on tcp://127.0.0.1:")
    assert str(tmp_path) in line


def test_the_daemon_process_imports_nothing_heavy_until_a_worker_needs_it():
    """What serve imports, and what plans and lists of engines import on top of it."""
    program = (
        "import sys; from second_unit_daemon import app, cli; from second_unit_daemon.engines import registry; "
        f"registry.infos(); registry.create('projection'); print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert loaded.stdout.strip() == "[]"


def test_status_is_readable_and_in_json(daemon):
    assert f"process {daemon.process.pid}" in daemon.command("status").stdout
    info = json.loads(daemon.command("status", "--json").stdout)
    assert info["pid"] == daemon.process.pid
    assert info["device"]["kind"] == "cpu"
    assert info["packages"]["numpy"]


def test_jobs_are_listed_and_shown(daemon, job):
    assert "Back Alley" in daemon.command("jobs").stdout
    (listed,) = json.loads(daemon.command("jobs", "--json").stdout)
    assert (listed["job_id"], listed["state"]) == (job.job_id, "succeeded")
    shown = daemon.command("show", job.job_id[:6]).stdout
    assert "5 frames, 64 x 64, 24 fps" in shown and "hole_fraction" in shown
    assert json.loads(daemon.command("show", job.job_id, "--json").stdout)["result"]["frames"] == 5


def test_a_finished_job_is_fetched_into_a_folder(daemon, job, tmp_path):
    printed = daemon.command("fetch", job.job_id[:8], "--out", str(tmp_path / "takes")).stdout.split()
    suffixes = (".holes.mkv", ".jpg", ".json", ".master.mkv", ".mp4")
    assert sorted(Path(line).name for line in printed) == [f"Back_Alley_2-{job.job_id[:8]}{s}" for s in suffixes]
    assert probe(tmp_path / "takes" / f"Back_Alley_2-{job.job_id[:8]}.mp4").frames == 5
    provenance = json.loads((tmp_path / "takes" / f"Back_Alley_2-{job.job_id[:8]}.json").read_text("utf-8"))
    assert provenance["shot"] == "Back Alley / 2" and provenance["engine"] == "paint"


def test_jobs_are_cancelled_and_retried(daemon, tmp_path):
    marker = tmp_path / "begun"
    with daemon.client() as client:
        job_id = submit(client, painted(100, pause_s=0.2, marker=str(marker)), tmp_path / "blobs")
        wait_for_marker(marker)
        assert daemon.command("cancel", job_id).stdout == "The job is cancelling.\n"
        assert wait_for(client, job_id).state is JobState.CANCELLED
        assert daemon.command("retry", job_id).stdout in ("The job is queued.\n", "The job is running.\n")
        wait_for_marker(marker, 2)
        daemon.command("cancel", job_id)
        assert wait_for(client, job_id).state is JobState.CANCELLED


def test_queued_jobs_change_places(daemon, tmp_path):
    marker = tmp_path / "begun"
    with daemon.client() as client:
        running = submit(client, painted(100, pause_s=0.2, marker=str(marker)), tmp_path / "blobs")
        wait_for_marker(marker)
        first, second, third = (submit(client, painted(), tmp_path / "blobs") for _ in range(3))

        def order() -> list[str]:
            jobs = [job for job in client.call(ListJobs()).jobs if job.queue_place is not None]
            return [job.job_id for job in sorted(jobs, key=lambda job: job.queue_place)]

        assert order() == [first, second, third]
        assert daemon.command("move", third[:12]).stdout == "The job is 1. in the queue.\n"
        assert order() == [third, first, second]
        daemon.command("move", third, "--before", second)
        assert order() == [first, third, second]
        assert daemon.command("move", first, "--last").stdout == "The job is 3. in the queue.\n"
        assert order() == [third, second, first]
        refused = daemon.command("move", running, check=False)
        assert refused.returncode == 1 and "has no place in the queue" in refused.stderr
        for job_id in (first, second, third, running):
            client.call(CancelJob(job_id))
        assert wait_for(client, running).state is JobState.CANCELLED


def test_a_client_of_another_machine_is_let_in_while_the_daemon_runs(daemon):
    pair = KeyPair.new()
    while not pair.public.startswith("-"):
        pair = KeyPair.new()
    own = load(daemon.connection_file)
    assert daemon.command("key").stdout.strip() == own.server_public
    stranger = evolve(own, client_public=pair.public, client_secret=pair.secret)
    with pytest.raises(SecondUnitError), BlockingClient(stranger):
        pass
    daemon.command("allow", "kate", pair.public)
    with BlockingClient(stranger) as client:
        assert client.call(ListJobs()).jobs == ()
    for name, key in (("../kate", pair.public), ("kate", "short")):
        refused = daemon.command("allow", name, key, check=False)
        assert refused.returncode == 1 and "a key of 40 characters" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "nonsense"), "There is no job nonsense"),
        (("fetch", "nonsense"), "There is no job nonsense"),
        (("cancel", ""), "There is no job"),
    ],
)
def test_a_wrong_job_is_one_line_and_an_exit_code(daemon, arguments, words):
    answer = daemon.command(*arguments, check=False)
    assert answer.returncode == 1
    assert words in answer.stderr and len(answer.stderr.strip().splitlines()) == 1


def test_cancelling_what_is_over_says_so(daemon, job):
    answer = daemon.command("cancel", job.job_id, check=False)
    assert answer.returncode == 1 and "Back Alley / 2: The job has succeeded" in answer.stderr


@pytest.mark.parametrize("command", [("status",), ("jobs", "--json"), ("engines",), ("stop",)])
def test_without_a_daemon_every_command_says_how_to_start_one(tmp_path, command):
    answer = DaemonProcess(tmp_path).command(*command, check=False)
    assert answer.returncode == 1 and answer.stdout == ""
    assert "No daemon is running" in answer.stderr and "second-unit serve" in answer.stderr


def test_engines_are_listed_with_what_they_take(daemon):
    listed = daemon.command("engines").stdout
    assert "projection: Projection (built in)" in listed and "takes camera, depth" in listed
    assert {engine["name"] for engine in json.loads(daemon.command("engines", "--json").stdout)} >= {
        "projection",
        "paint",
    }


def test_stop_ends_the_daemon(tmp_path):
    daemon = DaemonProcess(tmp_path)
    daemon.start()
    process = daemon.process
    reaper = threading.Thread(target=process.wait)  # as the shell that started it would
    reaper.start()
    assert daemon.command("stop").stdout == "The daemon has stopped.\n"
    reaper.join(30)
    assert process.returncode == 0


def test_doctor_finds_a_healthy_daemon_healthy(daemon):
    report = daemon.command("doctor")
    assert "problem" not in report.stdout
    for subject in (
        "Python",
        "packages",
        "codecs: libx264, ffv1",
        "home",
        "disk",
        "settings",
        "engine projection",
        "log",
    ):
        assert subject in report.stdout
    assert f"{__version__} answers" in report.stdout
    assert report.stdout.startswith("ok       best for draft: "), "what is best to know comes first"
    (models,) = [line for line in report.stdout.splitlines() if "on this disk" in line]
    assert models.startswith("note     models: ") and "second-unit models list" in report.stdout
    findings = json.loads(daemon.command("doctor", "--json").stdout)
    assert {finding["level"] for finding in findings} <= {"ok", "note"}


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_doctor_names_what_is_wrong_and_fails(tmp_path):
    broken = DaemonProcess(tmp_path)
    (tmp_path / "config.toml").write_text("worker_idle_seconds = 3\n")
    (tmp_path / "engines.toml").write_text('[engines]\ndream = "no.such.module:Dream"\n')
    (tmp_path / "connection.json").write_text("{}")
    (tmp_path / "connection.json").chmod(0o644)
    report = broken.command("doctor", check=False)
    assert report.returncode == 1
    assert "There is no setting worker_idle_seconds" in report.stdout
    assert report.stdout.startswith("problem "), "what is wrong comes before all else"
    assert "note     engine dream: " in report.stdout
    assert "can be read by others" in report.stdout
    assert "is damaged" in report.stdout


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for the driver's tool")
def test_doctor_says_that_a_card_is_there_but_torch_is_not(tmp_path):
    tool = tmp_path / "bin" / "nvidia-smi"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho 'NVIDIA GeForce RTX 5090, 32607, 31000'\n")
    tool.chmod(0o755)
    daemon = DaemonProcess(tmp_path / "home")
    daemon.environment["PATH"] = f"{tool.parent}{os.pathsep}{daemon.environment['PATH']}"
    findings = json.loads(daemon.command("doctor", "--json", check=False).stdout)
    (card,) = [finding for finding in findings if finding["subject"] == "graphics card"]
    assert "RTX 5090" in card["text"]
    assert card["level"] in ("note", "problem") and "--torch-backend=auto" in card["remedy"]


def test_a_wrong_setting_is_named(tmp_path):
    answer = DaemonProcess(tmp_path, cancel_grace_s="soon").command("serve", check=False)
    assert answer.returncode == 1
    assert "in the environment" in answer.stderr and "cancel_grace_s" in answer.stderr


def test_version_and_help_work_without_a_daemon(tmp_path):
    assert DaemonProcess(tmp_path).command("version").stdout.strip() == __version__
    assert "serve" in DaemonProcess(tmp_path).command("--help").stdout
