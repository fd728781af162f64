# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shot is asked before it becomes a job: each refusal names the shot and the thing that is wrong."""

from __future__ import annotations

import uuid

import pytest
from attrs import evolve
from second_unit_daemon.blobs.store import BlobStore
from second_unit_daemon.jobs.admission import MAX_PROMPT, MAX_REFERENCES, check_content, plan_request_of
from second_unit_daemon.jobs.scheduler import Scheduler
from second_unit_daemon.jobs.service import JobService
from second_unit_daemon.jobs.store import JobStore
from second_unit_daemon.models.desk import ModelDesk
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate
from second_unit_protocol.results import Input
from second_unit_protocol.shot import (
    Array,
    Character,
    Lora,
    PlaneKind,
    Quality,
    RegionMotion,
    ShotRequest,
    SourceClip,
    SourceUse,
)
from second_unit_protocol.shot_check import check_shot
from second_unit_protocol.states import JobState

from tests.support.daemon import ENGINES
from tests.support.shots import wall_shot

SHOT = wall_shot(4, references=2, moving_box=True, name="Alley").request
REGION = evolve(SHOT.depth, kind=PlaneKind.REGION)


def refusal(check, shot: ShotRequest) -> str:
    with pytest.raises(SecondUnitError) as refused:
        check(shot)
    assert refused.value.code is ErrorCode.BAD_REQUEST
    assert refused.value.info.shot == "Alley"
    return refused.value.info.cause


def test_a_good_shot_passes():
    check_shot(SHOT)
    check_content(SHOT)


def test_what_a_shot_holds_is_what_differs_from_its_defaults():
    plain = wall_shot(4, references=0, colour=False).request
    assert set(plan_request_of(plain).given) == {Input.CAMERA, Input.DEPTH}
    full = evolve(SHOT, prompt="rain", negative_prompt=" ", style="noir", seed=3, motion_strength=0.1)
    full = evolve(full, quality=Quality.FINAL)
    picture = full.references[0].image
    full = evolve(full, characters=(Character("Ann", picture),), loras=(Lora("film"),), region=REGION)
    full = evolve(full, style_picture=picture, style_strength=0.5)
    path = Array("<f8", (4, 2), bytes(64))
    full = evolve(full, source=SourceClip(picture, 1.0, Rate(24)), moving=(RegionMotion("deer", REGION, path),))
    assert set(plan_request_of(full).given) == set(Input) - {Input.NEGATIVE_PROMPT, Input.EXTENDED_CLIP}
    longer = evolve(full, source=SourceClip(picture, 1.0, Rate(24), SourceUse.EXTEND))
    assert Input.EXTENDED_CLIP in plan_request_of(longer).given
    assert Input.EDITED_CLIP not in plan_request_of(longer).given
    assert plan_request_of(full).reference_count == 2
    assert plan_request_of(full).reference_frames == tuple(r.scene_frame for r in full.references)


@pytest.mark.parametrize(
    ("shot", "words"),
    [
        (evolve(SHOT, delivery=evolve(SHOT.delivery, handle_before=2, handle_after=2)), "leave nothing"),
        (evolve(SHOT, delivery=evolve(SHOT.delivery, last=SHOT.delivery.last + 1)), "do not reach scene frame"),
        (evolve(SHOT, delivery=evolve(SHOT.delivery, first=SHOT.delivery.first - 1)), "do not reach scene frame"),
        (evolve(SHOT, delivery=evolve(SHOT.delivery, rate=Rate(12))), "do not reach scene frame"),
        (evolve(SHOT, prompt="x" * (MAX_PROMPT + 1)), "The prompt has 20001 characters"),
        (evolve(SHOT, negative_prompt="x" * (MAX_PROMPT + 1)), "The negative prompt has"),
        (evolve(SHOT, references=SHOT.references[:1] * (MAX_REFERENCES + 1)), "257 references"),
    ],
)
def test_what_cannot_be_rendered_is_refused_with_its_numbers(shot, words):
    assert words in refusal(check_content, shot)


@pytest.mark.parametrize(
    ("shot", "words"),
    [
        (evolve(SHOT, depth=evolve(SHOT.depth, frames=SHOT.depth.frames[1:])), "3 depth planes for 4 frames"),
        (evolve(SHOT, colour=SHOT.depth), "the colour planes say that they are depth"),
        (evolve(SHOT, width=SHOT.width + 2), "are smaller than the shot"),
        (evolve(SHOT, motion=evolve(SHOT.motion, tracks=())), "motion.matrices"),
        (evolve(SHOT, camera=evolve(SHOT.camera, intrinsics=SHOT.camera.c2w)), "camera.intrinsics"),
    ],
)
def test_parts_that_do_not_fit_each_other_are_named(shot, words):
    assert words in refusal(check_shot, shot)


@pytest.fixture
def service(tmp_path, monkeypatch):
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path))
    monkeypatch.setenv("SECOND_UNIT_ENGINES", str(ENGINES))
    store = JobStore(tmp_path / "jobs.sqlite")
    yield JobService(store, BlobStore(tmp_path / "blobs"), Scheduler(store, 3), ModelDesk())
    store.close()


def test_a_job_waits_for_exactly_the_blobs_that_are_not_there(service, tmp_path):
    shot = wall_shot(4)
    paths = list(shot.write(tmp_path / "out").items())
    (ref, path), *rest = paths
    blobs = BlobStore(tmp_path / "blobs")
    blobs.adopt(path)
    job, missing = service.submit("me", uuid.uuid4().hex, shot.request)
    assert job.state is JobState.WAITING and set(missing) == {other for other, _ in rest}
    for ref, path in rest:
        assert service.get("me", job.job_id).state is JobState.WAITING
        blobs.adopt(path)
        service.blob_arrived(ref)
    assert service.get("me", job.job_id).state is JobState.QUEUED


def test_a_job_whose_blob_vanished_meanwhile_waits_on(service, tmp_path):
    shot = wall_shot(2)
    first, *rest = shot.write(tmp_path / "out").items()
    blobs = BlobStore(tmp_path / "blobs")
    job, _ = service.submit("me", uuid.uuid4().hex, shot.request)
    for ref, path in [first, *rest]:
        if (ref, path) == first:
            service.blob_arrived(ref)  # it came, and was deleted before the others were here
        else:
            blobs.adopt(path)
            service.blob_arrived(ref)
    assert service.get("me", job.job_id).state is JobState.WAITING
    blobs.adopt(first[1])
    service.blob_arrived(first[0])
    assert service.get("me", job.job_id).state is JobState.QUEUED


def test_an_engine_that_is_not_there_is_named_with_those_that_are(service):
    with pytest.raises(SecondUnitError, match="knows no engine named dream") as refused:
        service.submit("me", uuid.uuid4().hex, evolve(SHOT, engine="dream"))
    assert refused.value.code is ErrorCode.NO_SUCH_ENGINE


def test_an_engine_that_cannot_run_here_says_why(service, tmp_path):
    (tmp_path / "engines.toml").write_text('[engines]\ndream = "no.such.module:Dream"\n')
    with pytest.raises(SecondUnitError, match="cannot be used") as refused:
        service.submit("me", uuid.uuid4().hex, evolve(SHOT, engine="dream"))
    assert refused.value.code is ErrorCode.NO_SUCH_ENGINE and refused.value.info.shot == "Alley"


def test_another_shot_cannot_take_a_jobs_number(service):
    number = uuid.uuid4().hex
    service.submit("me", number, SHOT)
    for owner, shot in (("me", evolve(SHOT, seed=1)), ("friend", SHOT)):
        with pytest.raises(SecondUnitError, match="is taken by another shot"):
            service.submit(owner, number, shot)


def test_a_retry_without_its_captured_files_says_so(service):
    job, _ = service.submit("me", uuid.uuid4().hex, SHOT)
    with pytest.raises(SecondUnitError, match="waiting and cannot be retried"):
        service.retry("me", job.job_id)
    service.cancel("me", job.job_id)
    with pytest.raises(SecondUnitError, match="captured files that the job needs are gone") as refused:
        service.retry("me", job.job_id)
    assert refused.value.code is ErrorCode.NO_SUCH_BLOB and "Shoot again" in str(refused.value)
