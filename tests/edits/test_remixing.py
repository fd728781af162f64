# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes made again with something changed: what is the same is neither sent nor drawn again, and lineage tells."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.conditioning.forms import CameraTrack, write_camera
from second_unit_daemon.conditioning.shot_data import ShotData, array_of, pack_array
from second_unit_daemon.edits.ground import TakeGround
from second_unit_daemon.encode.read import read_frames
from second_unit_daemon.jobs.admission import plan_request_of
from second_unit_protocol.grid import Rate
from second_unit_protocol.messages import GetShot, ListJobs, MakePlan
from second_unit_protocol.shot import Optics, PlaneKind, PlaneSequence, Quality
from second_unit_protocol.states import JobState

from tests.support.daemon import submit, wait_for
from tests.support.projecting import psnr_db
from tests.support.shots import WallScene, wall_shot, wall_texture


@pytest.fixture(scope="module")
def draft(daemon, tmp_path_factory) -> str:
    """A tiny model's draft."""
    fields = {"engine": "tiny-vace", "references": 1, "prompt": "a wet street", "seed": 5, "quality": Quality.DRAFT}
    shot = wall_shot(5, 96, 96, rate=Rate(16), **fields)
    with daemon.client() as client:
        assert client.call(MakePlan(plan_request_of(shot.request))).plan.grid == shot.request.grid
        job = wait_for(client, submit(client, shot, tmp_path_factory.mktemp("draft")), seconds=300)
        assert job.state is JobState.SUCCEEDED, job.error
    return job.job_id


def again(daemon, folder, *words: str):
    """(the new job, its request, its provenance, what was written)."""
    done = daemon.command(*words, "--out", str(folder))
    with daemon.client() as client:
        job = next(j for j in client.call(ListJobs()).jobs if j.job_id.startswith(done.stdout.split()[0]))
        request = client.call(GetShot(job.job_id)).shot
    return job, request, json.loads(next(folder.glob("*.json")).read_text()), done.stdout


def test_a_remix_with_other_words_sends_nothing_and_keeps_all_else(daemon, draft, tmp_path):
    words = ("remix", draft, "--prompt", "a dry street", "--style", "noir", "--set", "steps=2")
    _, request, facts, _ = again(daemon, tmp_path, *words)
    with daemon.client() as client:
        old = client.call(GetShot(draft)).shot
    assert (request.prompt, request.style, request.seed, request.options) == ("a dry street", "noir", 5, {"steps": 2})
    assert request.blobs() == old.blobs() and request.grid == old.grid
    assert facts["lineage"] == {"edit": "remix", "parents": [draft], "alike": None}


def test_what_is_the_same_is_not_computed_again(daemon, draft, tmp_path):
    job, _, _, _ = again(daemon, tmp_path, "remix", draft)
    assert job.result.figures["windows_kept"] == 1


def test_a_draft_becomes_a_final_of_the_same_seed_and_says_how_alike_they_are(daemon, draft, tmp_path):
    job, request, facts, said = again(daemon, tmp_path, "final", draft, "--set", "steps=4")
    assert request.quality is Quality.FINAL and request.seed == 5 and facts["lineage"]["edit"] == "final"
    assert 0.2 < job.result.figures["alike"] < 1.0
    assert f"{job.result.figures['alike']:.1%} alike" in said
    with daemon.client() as client:
        old = client.call(GetShot(draft)).shot
        (drawn,) = (j.result.provenance for j in client.call(ListJobs()).jobs if j.job_id == draft)
    assert request.depth == old.depth and request.grid == old.grid, "made of the draft's own planes"
    assert json.loads(drawn)["made_with"]["model_size"] == "64x64" and facts["made_with"]["model_size"] == "96x96"


def test_another_camera_sees_the_takes_own_surfaces(daemon, tmp_path):
    shot = wall_shot(9, 96, 64, references=3)
    with daemon.client() as client:
        job_id = submit(client, shot, tmp_path / "blobs")
        assert wait_for(client, job_id, seconds=300).state is JobState.SUCCEEDED
    scene = WallScene(96, 64, wall_texture())
    back = [scene.camera(1 - frame / 8) for frame in range(9)]
    write_camera(CameraTrack.at_rate(back, scene.intrinsics, 96, 64, 24.0), tmp_path / "back.npz", "c2w_npz")
    _, request, _, _ = again(daemon, tmp_path / "out", "remix", job_id, "--camera", str(tmp_path / "back.npz"))
    assert [r.image for r in request.references] == [r.image for r in shot.request.references]
    frames = list(read_frames(next((tmp_path / "out").glob("*.master.mkv"))))
    for frame in range(9):
        assert psnr_db(frames[frame], shot.truth[8 - frame]) > 26, frame
    assert not np.array_equal(frames[0], frames[8])
    more = daemon.command("vary", job_id, "--count", "3", "--no-wait")
    assert more.stdout.count("seed") == 1 and "note: One take only" in more.stderr


def test_a_lens_is_for_whichever_planes_there_are_and_another_cameras_for_the_delivered_picture(tmp_path):
    whole = wall_shot(8, 72, 64, capture=(80, 80), rate=Rate(16))
    depth = whole.request.depth
    paths = whole.write(tmp_path)
    region = PlaneSequence(PlaneKind.REGION, 80, 80, depth.frames)
    shown = WallScene(72, 64, wall_texture())
    own = WallScene(80, 80, wall_texture()).intrinsics
    track = CameraTrack.at_rate([shown.camera(0)] * 8, shown.intrinsics, 72, 64, 16.0)
    for planes in ({"depth": depth}, {"depth": None, "region": region}):
        shot = ShotData(evolve(whole.request, colour=None, **planes), lambda ref: paths[ref])
        time = shot.request.grid.scene_frame(2)
        np.testing.assert_allclose(TakeGround(shot).view(time, 80, 80).intrinsics, own)
        np.testing.assert_allclose(TakeGround(shot).view(time, 96, 96).intrinsics[:2, 2], own[:2, 2] + 8)
        lens = TakeGround(shot, track).view(time, 80, 80).intrinsics
        np.testing.assert_allclose(np.diag(lens), np.diag(shown.intrinsics))
        np.testing.assert_allclose(lens[:2, 2], shown.intrinsics[:2, 2] + [4, 8])


def test_another_engine_gets_the_take_at_its_own_times_and_size(daemon, tmp_path):
    optics = Optics(0.02, -0.01, pack_array(np.full(8, np.inf)), pack_array(np.arange(8.0)))
    shot = wall_shot(8, 72, 64, references=1, optics=optics)
    with daemon.client() as client:
        job_id = submit(client, shot, tmp_path / "blobs")
        assert wait_for(client, job_id, seconds=300).state is JobState.SUCCEEDED
    _, request, facts, _ = again(daemon, tmp_path / "out", "remix", job_id, "--engine", "tiny-vace", "--prompt", "fog")
    assert request.grid.count == 9 and len(shot.request.depth.frames) == 8
    assert (request.depth.width, request.depth.height) == (80, 64) and len(request.depth.frames) == request.grid.count
    assert {"camera", "depth", "references", "prompt"} <= set(facts["takes"])
    assert array_of(request.optics.focus_m)[[0, -1]].tolist() == [0, 7], "the lens goes along"

    inside = np.zeros((64, 72), np.uint8)
    inside[20:44, 24:48] = 255
    cv2.imwrite(str(tmp_path / "mask.png"), inside)
    cv2.imwrite(str(tmp_path / "green.png"), np.full((64, 72, 3), (0, 200, 0), np.uint8))
    painted = ("--mask", str(tmp_path / "mask.png"), "--picture", f"{tmp_path / 'green.png'}@0")
    part, _, _, _ = again(daemon, tmp_path / "part", "modify", job_id, *painted)
    words = ("remix", part.job_id, "--engine", "tiny-vace", "--prompt", "a door")
    _, request, facts, _ = again(daemon, tmp_path / "again", *words)
    assert (request.region.width, len(request.region.frames)) == (80, request.grid.count)
    assert {"edited_clip", "region"} <= set(facts["takes"])
    clip = list(read_frames(next((tmp_path / "part").glob("*.master.mkv"))))
    made = list(read_frames(next((tmp_path / "again").glob("*.master.mkv"))))
    for now, before in zip(made[:8], clip, strict=True):  # in the first one too, where the painted picture is pinned
        np.testing.assert_array_equal(now[inside == 0], before[inside == 0])
    assert (made[7][inside > 0] != clip[7][inside > 0]).any()
    scene = WallScene(72, 64, wall_texture())
    path = CameraTrack.at_rate([scene.camera(0)] * 8, scene.intrinsics, 72, 64, 24.0)
    write_camera(path, tmp_path / "still.npz", "c2w_npz")
    done = daemon.command("remix", part.job_id, "--camera", str(tmp_path / "still.npz"), check=False)
    assert done.returncode == 1 and "changes a part of a clip" in done.stderr
