# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot that asks for finishing: the job's clip is finished, its master is not, and the provenance tells."""

from __future__ import annotations

import json

import pytest
from attrs import evolve
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_daemon.encode.read import probe
from second_unit_daemon.post.job import Finishing
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import FrameGrid, Rate, SceneRange
from second_unit_protocol.messages import MakePlan
from second_unit_protocol.results import Input, PlanRequest
from second_unit_protocol.shot import PostStep
from second_unit_protocol.states import JobState

from tests.support.daemon import DaemonProcess, painted, submit, wait_for
from tests.support.room import room_shot


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
    assert told[0]["method"] == clip.provenance["finishing"][0]["method"] == "exact", "what was used, not auto"
    assert [step["step"] for step in clip.provenance["finishing"]] == [step["step"] for step in told]


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


def test_the_plan_says_what_finishing_cannot_be_and_how_long_it_takes(daemon):
    with daemon.client() as client:
        plain = PlanRequest("projection", SceneRange(1, 24, Rate(24)), 640, 360, tuple(Input), 1, (1.0,))
        plan = client.call(MakePlan(plain)).plan
        larger = evolve(plain, post=(PostStep("upscale", {"size": "2"}), PostStep("sound")))
        larger = client.call(MakePlan(larger)).plan
        assert larger.problem is None and larger.seconds > plan.seconds + 24
        wrong = evolve(plain, post=(PostStep("upscale", {"size": "320x180"}),))
        wrong = client.call(MakePlan(wrong)).plan
        assert wrong.problem and "320 × 180" in wrong.problem.cause


def test_a_take_is_brought_onto_its_camera_before_it_is_brought_to_the_scenes_rate(tmp_path):
    """At the scene's rate its frames are no longer the shot's, and their cameras not known."""
    shot = room_shot(5, 96, 64).open(tmp_path)
    grid = FrameGrid(1, 5, Rate(24), Rate(16))
    asked_for = evolve(shot.request, grid=grid, delivery=SceneRange(1, 7, Rate(24)), post=(PostStep("stabilise"),))
    finishing = Finishing(ShotData(asked_for, shot.blob_path))
    assert finishing.facts()[0]["step"] == "stabilise" and finishing.stream.frames == 7
