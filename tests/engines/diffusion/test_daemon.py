# SPDX-License-Identifier: GPL-3.0-or-later
"""A real daemon process shoots with a diffusion model: planned, uploaded, run in a worker, fetched, decoded."""

from __future__ import annotations

import json

import numpy as np
import pytest
from second_unit_daemon.encode.read import read_frames, read_provenance
from second_unit_daemon.jobs.admission import plan_request_of
from second_unit_protocol.grid import Rate
from second_unit_protocol.messages import ListEngines, MakePlan, Preview
from second_unit_protocol.results import Input
from second_unit_protocol.states import JobState

from tests.support.daemon import DaemonProcess, submit, wait_for
from tests.support.shots import wall_shot


@pytest.fixture(scope="module")
def daemon(tiny_list, tmp_path_factory):
    process = DaemonProcess(tmp_path_factory.mktemp("home"))
    process.environment |= {"SECOND_UNIT_MODELS": str(tiny_list), "OMP_NUM_THREADS": "1"}
    with process:
        yield process


def test_a_shot_comes_back_as_a_clip_that_says_how_it_was_made(daemon, tmp_path):
    asked = {"engine": "tiny-vace", "references": 1, "prompt": "a wet street", "style": "noir", "seed": 7}
    shot = wall_shot(8, 72, 64, **asked)
    with daemon.client() as client:
        plan = client.call(MakePlan(plan_request_of(shot.request))).plan
        assert plan.problem is None
        assert (plan.capture_width, plan.capture_height, plan.grid.count) == (80, 64, 9)
        assert Input.COLOUR in {ignored.input for ignored in plan.ignores}
        captured = wall_shot(8, 72, 64, **asked, grid=plan.grid, capture=(80, 64))
        job = wait_for(client, submit(client, captured, tmp_path / "blobs"), seconds=240)
        assert job.state is JobState.SUCCEEDED, job.error
        clip, master = tmp_path / "clip.mp4", tmp_path / "master.mkv"
        client.download(job.result.clip, clip)
        client.download(job.result.master, master)
        shown = [event for event in client.events(0.5) if isinstance(event, Preview)]
    frames = list(read_frames(clip))
    assert len(frames) == 8 and frames[0].shape == (64, 72, 3)
    assert len(list(read_frames(master))) == 9
    # The reference stands in the clip at its frame: known pixels are put back.
    assert np.array_equal(next(iter(read_frames(master))), captured.truth[0][:, 4:76])
    made_with = json.loads(job.result.provenance)["made_with"]
    assert read_provenance(master)["made_with"] == made_with
    assert made_with["model"] == "tiny-vace" and made_with["steps"] == 3 and made_with["attention"] == "native"
    assert job.result.engine == "tiny-vace" and job.result.seed == 7
    assert {preview.job_id for preview in shown} <= {job.job_id}


def test_models_are_engines_and_say_why_they_cannot_be_used(daemon):
    with daemon.client() as client:
        found = {engine.name: engine for engine in client.call(ListEngines()).engines}
    assert found["tiny-vace"].available and found["tiny-vace"].native_rate == Rate(16)
    missing = found["wan-vace-1.3b"]
    assert not missing.available and "second-unit models pull wan-vace-1.3b" in missing.unavailable_reason
