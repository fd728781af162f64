# SPDX-License-Identifier: GPL-3.0-or-later
"""Lucy Edit, EasyAnimate, Cosmos, SkyReels, CogVideoX-Fun: what reaches the output, what not, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from second_unit_daemon.engines.diffusion.families import cosmos as cosmos_families
from second_unit_daemon.engines.diffusion.runners import cosmos as cosmos_runners
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.grid import Rate
from second_unit_protocol.planes import pack_plane
from second_unit_protocol.shot import PlaneKind, PlaneSequence, SourceClip, SourceUse

from tests.support.clips import write_clip
from tests.support.generating import add, at_the_door, flat, video
from tests.support.tiny_models.cosmos_transfer import open_guard
from tests.support.varying import (
    blob,
    differences,
    ignored_words,
    moved_camera,
    other_lens,
    with_colour,
    with_depth,
    with_picture,
)

WORDS = {
    "prompt": {"prompt": "a bright house"},
    "negative": {"negative_prompt": "bad"},
    "seed": {"seed": 6},
    "motion_strength": {"motion_strength": 0.9},
}


def clip(shot, folder, seed: int):
    frames = [np.random.default_rng(seed + k).integers(0, 256, (64, 64, 3)).astype(np.uint8) for k in range(5)]
    write_clip(folder / f"{seed}.mp4", frames, 16)
    return {"source": SourceClip(blob(shot, (folder / f"{seed}.mp4").read_bytes()), 1.0, Rate(16))}


def left_half(shot):
    plane = np.zeros((64, 64), np.uint8)
    plane[:, :32] = 255
    ref = blob(shot, pack_plane(plane.tobytes(), "|u1", plane.shape))
    return {"region": PlaneSequence(PlaneKind.REGION, 64, 64, (ref,) * 5)}


def test_lucy_changes_the_clip_by_words_and_keeps_what_lies_outside_the_region(studio, tmp_path):
    shot = studio.shot("tiny-lucy", frames=5, references=0)
    source, other = clip(shot, tmp_path, 1), clip(shot, tmp_path, 50)
    cases = {name: source | changes for name, changes in WORDS.items()}
    cases["ignored"] = source | moved_camera(shot) | with_depth(shot) | with_colour(shot)
    plain = studio.take(shot, **source)
    changed = {n for n, c in (cases | {"clip": other}).items() if studio.take(shot, **c).made() != plain.made()}
    assert changed == {"prompt", "negative", "seed", "clip"}
    assert studio.take(shot, **source).made() == plain.made()
    with at_the_door("LucyEditPipeline") as calls:
        kept = studio.take(shot, **source, **left_half(shot))
    given = np.asarray(calls[0]["video"][2])
    assert (kept.frames[2].image[:, 32:] == given[:, 32:]).all(), "up to the region's very edge"
    assert (kept.frames[2].image[:, :30] != given[:, :30]).any()
    assert "no clip to change" in studio.plan(shot).problem.cause
    assert ignored_words(studio.plan(shot, **source)) == {"camera", "depth", "colour"}


def test_easyanimate_follows_rays_and_the_first_picture(studio):
    shot = studio.shot("tiny-easyanimate", frames=5)
    changed = differences(
        studio,
        shot,
        **WORDS,
        camera=moved_camera(shot),
        lens=other_lens(shot),
        picture=with_picture(shot),
        no_picture={"references": ()},
        ignored=with_depth(shot) | with_colour(shot),
    )
    assert changed == {"prompt", "negative", "seed", "camera", "lens", "picture", "no_picture"}
    assert ignored_words(studio.plan(shot)) == {"depth", "colour"}


@pytest.fixture
def guarded(monkeypatch):
    """NVIDIA's guard is gated; one that lets everything through stands in for it."""
    monkeypatch.setattr(cosmos_families, "installed", lambda name: "1")
    real = cosmos_runners.TransferRunner.parts
    monkeypatch.setattr(
        cosmos_runners.TransferRunner, "parts", lambda *args: real(*args) | {"safety_checker": open_guard()}
    )


def test_cosmos_transfer_follows_depth_in_chunks(studio, guarded):
    shot = studio.shot("tiny-cosmos-transfer", frames=9, references=0)
    changed = differences(
        studio,
        shot,
        **WORDS,
        depth=with_depth(shot),
        quiet={"options": {"control_strength": 0.2}},
        ignored=moved_camera(shot) | with_colour(shot),
    )
    # The camera is in the depth, which was captured through it.
    assert changed == {"prompt", "negative", "seed", "depth", "quiet"}
    with at_the_door("Cosmos2_5_TransferPipeline") as calls:
        studio.take(shot, **with_depth(shot))
    greys = np.array([np.asarray(picture)[..., 0] for picture in calls[0]["controls"]])
    assert greys.shape == (9, 64, 64) and greys[0, 0, 0] == 255 and greys[8, -1, -1] == 0 and greys[8, 0, 0] == 129
    assert (calls[0]["num_frames"], calls[0]["num_frames_per_chunk"]) == (9, 5)


def test_cosmos_transfer_does_not_run_without_its_guard(studio):
    problem = studio.plan(studio.shot("tiny-cosmos-transfer", frames=5)).problem
    assert "only run with NVIDIA's guard" in problem.cause and "pip install cosmos_guardrail" in problem.remedy


def test_cosmos3_moves_the_camera_from_the_first_picture(studio):
    shot = studio.shot("tiny-cosmos3", frames=5)
    changed = differences(
        studio,
        shot,
        **WORDS,
        camera=moved_camera(shot),
        picture=with_picture(shot),
        ignored=other_lens(shot) | with_depth(shot) | with_colour(shot),
    )
    assert changed == {"prompt", "negative", "seed", "camera", "picture"}
    assert ignored_words(studio.plan(shot)) == {"depth", "colour"}
    assert any("not its lens" in warning for warning in studio.plan(shot).warnings)


def extended(shot, shades: range, first: float = 1.0):
    """A clip of single colours that the shot goes on from; it begins at scene frame ``first``."""
    pictures = [flat((20 * k, 90, 220 - 20 * k)) for k in shades]
    return {"source": SourceClip(add(shot, video(pictures, 16)), first, Rate(16), use=SourceUse.EXTEND)}, pictures


def test_skyreels_goes_on_from_the_frames_that_are_there(studio):
    shot = studio.shot("tiny-skyreels", frames=13, references=0)
    source, pictures = extended(shot, range(9))
    other, _ = extended(shot, range(2, 11))
    with at_the_door("SkyReelsV2DiffusionForcingVideoToVideoPipeline") as calls:
        plain = studio.take(shot, **source)
    assert [np.array_equal(given, its) for given, its in zip(calls[0]["video"], pictures, strict=True)] == [True] * 9
    assert (calls[0]["overlap_history"], calls[0]["num_frames"], calls[0]["base_num_frames"]) == (9, 13, 13)
    assert len(plain.frames) == 13 and (plain.frames[0].image == pictures[0]).all()
    assert studio.take(shot, **source).made() == plain.made()
    cases = {name: source | changes for name, changes in WORDS.items()} | {
        "clip": other,
        "ignored": source | moved_camera(shot) | with_depth(shot) | with_colour(shot),
    }
    assert {n for n, c in cases.items() if studio.take(shot, **c).made() != plain.made()} == {
        "prompt", "negative", "seed", "clip",
    }  # fmt: skip
    assert ignored_words(studio.plan(shot, **source)) == {"camera", "depth", "colour"}


def test_skyreels_continues_a_long_shot_part_by_part_and_cannot_go_backwards(studio):
    shot = studio.shot("tiny-skyreels-short", frames=21, references=0)
    source, _ = extended(shot, range(5))
    with at_the_door("SkyReelsV2DiffusionForcingVideoToVideoPipeline") as calls:
        take = studio.take(shot, **source)
    assert len(take.frames) == 21 and [len(call["video"]) for call in calls] == [5, 5, 9]
    assert "no clip to go on from" in studio.plan(shot).problem.cause
    late, _ = extended(shot, range(5), first=9.0)
    with pytest.raises(SecondUnitError, match="does not show the shot's first frame"):
        studio.take(shot, **late)


def test_cogvideox_follows_the_depth(studio):
    shot = studio.shot("tiny-cogvideox", frames=9, references=0)
    cases = WORDS | {"depth": with_depth(shot), "ignored": moved_camera(shot) | with_colour(shot)}
    assert differences(studio, shot, **cases) == {"prompt", "negative", "seed", "depth"}
    assert ignored_words(studio.plan(shot)) == {"colour"}
    assert studio.take(shot).previews[0].shape == (8, 8, 3)
    assert "steered by depth" in studio.plan(shot, depth=None).problem.cause


def test_a_tokenizer_that_nothing_here_reads_is_told_before_the_job(studio, tmp_path, monkeypatch):
    from second_unit_daemon.engines.diffusion import weights

    monkeypatch.setattr(weights, "place_of", lambda spec: tmp_path)
    problem = studio.plan(studio.shot("tiny-cogvideox", frames=9, references=0)).problem
    assert "a tokenizer that" in problem.cause and "pip install" in problem.remedy
