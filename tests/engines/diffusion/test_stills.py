# SPDX-License-Identifier: GPL-3.0-or-later
"""Image models: a picture that fits the scene, a picture restyled, the same look at another camera."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from attrs import evolve
from second_unit_protocol.grid import Rate
from second_unit_protocol.shot import SourceClip

from tests.support.generating import at_the_door
from tests.support.varying import (
    differences,
    ignored_words,
    picture,
    with_colour,
    with_depth,
)

ENGINES = ("tiny-z-image", "tiny-sdxl")


def source(shot, strength: float, seed: int = 3) -> dict[str, object]:
    return {"source": SourceClip(picture(shot, seed), 1.0, Rate(16), strength=strength)}


def elsewhere(shot):
    """The shot with its reference pinned to another time, a metre to the side, so that it has to be carried."""
    reference = shot.request.references[0]
    c2w = np.frombuffer(reference.c2w.data).reshape(4, 4).copy()
    c2w[0, 3] += 1.0
    return {"references": (evolve(reference, scene_frame=9.0, c2w=evolve(reference.c2w, data=c2w.tobytes())),)}


@pytest.mark.parametrize("engine", ENGINES)
def test_text_and_depth_make_the_picture_and_nothing_else_does(studio, engine):
    shot = studio.shot(engine, frames=1, references=0)
    changed = differences(
        studio,
        shot,
        depth=with_depth(shot),
        prompt={"prompt": "a bright house"},
        negative={"negative_prompt": "bad"},
        seed={"seed": 6},
        colour=with_colour(shot),
        edges={"options": {"control": "edges"}},
        strength={"options": {"control_strength": 0.2}},
    )
    assert changed == {"depth", "prompt", "negative", "seed", "edges", "strength"}
    assert ignored_words(studio.plan(shot)) == {"colour"}


def test_unfinished_pictures_are_shown_by_a_tiny_vae_where_one_is_there(studio):
    by_map = studio.take(studio.shot("tiny-z-image", frames=1, references=0)).previews
    by_vae = studio.take(studio.shot("tiny-sdxl", frames=1, references=0)).previews
    assert [picture.shape for picture in (*by_map, *by_vae)] == [(8, 8, 3)] * 2 + [(64, 64, 3)] * 2
    assert (by_vae[0] != by_vae[1]).any() and (by_map[0] != by_map[1]).any()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_source_picture_is_restyled_as_far_as_its_strength_says(studio, engine):
    shot = studio.shot(engine, frames=1, references=0)
    near, far, other = (studio.take(shot, **source(shot, *asked)) for asked in ((0.3,), (1.0,), (0.3, 4)))
    assert len({near.made(), far.made(), other.made()}) == 3
    assert "ImageImg2Img" in near.facts["pipeline"] or "NetImg2Img" in near.facts["pipeline"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_reference_from_another_time_is_carried_here_and_only_its_gaps_are_painted(studio, engine):
    shot = studio.shot(engine, frames=1, references=1)
    there = elsewhere(shot)
    pipeline = {"tiny-z-image": "ZImageControlNetInpaintPipeline"}.get(
        engine, "StableDiffusionXLControlNetInpaintPipeline"
    )
    with at_the_door(pipeline) as calls:
        take = studio.take(shot, **there)
    image, mask = (np.asarray(calls[0][name]) for name in ("image", "mask_image"))
    assert set(np.unique(mask)) == {0, 255} and (image[mask == 255] == 128).all()
    delivered = take.frames[0].image
    inside = cv2.erode(255 - mask, np.ones((13, 13), np.uint8)) > 0  # away from the soft edges
    assert inside.any()
    assert np.abs(delivered[inside].astype(int) - image[inside]).max() <= 1
    assert differences(
        studio, shot, look=there | {"references": (evolve(there["references"][0], image=picture(shot, 8)),)}
    )


def test_the_depth_picture_is_white_where_it_is_near(studio):
    shot = studio.shot("tiny-z-image", frames=1, references=0)
    with at_the_door("ZImageControlNetPipeline") as calls:
        studio.take(shot, **with_depth(shot))
    control = np.asarray(calls[0]["control_image"])
    assert control.shape == (64, 64, 3) and control[0, 0, 0] == 255 and control[-1, -1, 0] == 0
    assert (calls[0]["width"], calls[0]["height"], calls[0]["controlnet_conditioning_scale"]) == (64, 64, 0.75)


def test_a_picture_engine_refuses_a_longer_shot_and_one_without_depth(studio):
    shot = studio.shot("tiny-z-image", frames=5)
    assert "one picture" in studio.plan(shot).problem.cause
    single = studio.shot("tiny-z-image", frames=1)
    assert "no depth" in studio.plan(single, depth=None, references=()).problem.cause


def test_a_real_model_says_what_it_needs_beside_its_own_weights(studio):
    info = studio.engine("z-image-turbo").info
    assert not info.available and "models pull z-image-turbo" in info.unavailable_reason
