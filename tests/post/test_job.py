# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot that asks for finishing: the job's clip is finished, its master is not, and the provenance tells."""

from __future__ import annotations

import json

import pytest
from attrs import evolve
from second_unit_daemon.encode.read import probe
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.shot import PostStep
from second_unit_protocol.states import JobState

from tests.support.daemon import DaemonProcess, painted, submit, wait_for


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    with DaemonProcess(tmp_path_factory.mktemp("home")) as process:
        yield process


def asked(shot, *steps: PostStep):
    return evolve(shot, request=evolve(shot.request, post=steps))


def test_the_clip_is_finished_and_the_master_is_not(daemon, tmp_path):
    steps = PostStep("interpolate"), PostStep("upscale", {"size": "2"}), PostStep("grain", {"strength": 0.2})
    with daemon.client() as client:
        job = wait_for(client, submit(client, asked(painted(4), *steps), tmp_path / "blobs"))
        assert job.state is JobState.SUCCEEDED, job.error
        client.download(job.result.clip, tmp_path / "clip.mp4")
        client.download(job.result.master, tmp_path / "master.mkv")
    clip, master = probe(tmp_path / "clip.mp4"), probe(tmp_path / "master.mkv")
    assert (clip.frames, clip.width, clip.height) == (4, 128, 128)
    assert (job.result.width, job.result.height) == (128, 128)
    assert (master.width, master.height) == (64, 64)
    told = json.loads(job.result.provenance)["finishing"]
    assert [step["step"] for step in told] == ["interpolate", "upscale", "grain"]
    assert clip.provenance["finishing"] == told


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (PostStep("sparkle"), "no step 'sparkle'"),
        (PostStep("grain", {"strength": 5.0}), "from 0 to 1"),
        (PostStep("interpolate", {"rate": "48"}), "scene's rate"),
    ],
)
def test_finishing_that_cannot_be_is_refused_before_it_is_a_job(daemon, tmp_path, step, words):
    with daemon.client() as client, pytest.raises(SecondUnitError) as caught:
        submit(client, asked(painted(2), step), tmp_path / "blobs")
    assert caught.value.code is ErrorCode.BAD_REQUEST and words in caught.value.info.cause
