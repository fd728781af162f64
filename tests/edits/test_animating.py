# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips without a scene: stills that a camera moves over, and words."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from second_unit_daemon.edits.animating import move_of, track_of
from second_unit_daemon.encode.read import read_frames
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.grid import Rate

from tests.support.projecting import psnr_db
from tests.support.shots import wall_texture

WIDTH, HEIGHT = 128, 72


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    path = tmp_path_factory.mktemp("still") / "still.png"
    picture = np.ascontiguousarray(wall_texture(512)[100 : 100 + HEIGHT, 100 : 100 + WIDTH])
    cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return path, picture


def made(daemon, folder, *words: str) -> tuple[list[np.ndarray], dict]:
    daemon.command(*words, "--out", str(folder))
    provenance = json.loads(next(folder.glob("*.json")).read_text())
    return list(read_frames(next(folder.glob("*.master.mkv")))), provenance


def test_a_still_is_travelled_over_on_a_card_exactly_as_far_as_asked(daemon, still, tmp_path):
    path, picture = still
    words = ("--move", "truck:1:linear", "--layout", "card", "--far", "10", "--seconds", "0.25", "--fov", "53.130102")
    frames, facts = made(daemon, tmp_path, "animate", str(path), *words)
    assert len(frames) == 6
    np.testing.assert_array_equal(frames[0], picture)
    shift = WIDTH / 10  # a metre to the right, ten metres away, with a lens as long as the picture is wide
    moved = np.float32([[1, 0, -shift], [0, 1, 0]])
    expected = cv2.warpAffine(picture, moved, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
    inside = slice(0, WIDTH - int(shift) - 2)
    assert psnr_db(frames[-1][:, inside], expected[:, inside]) > 30
    assert facts["lineage"]["edit"] == "animate" and facts["facts"]["stand_in"]


def test_a_model_makes_a_still_move_from_its_first_frame(daemon, still, tmp_path):
    path, _ = still
    words = ("--engine", "tiny-image", "--seconds", "0.3", "--rate", "16", "--size", "64x64", "--prompt", "leaves")
    frames, facts = made(daemon, tmp_path, "animate", str(path), *words)
    assert len(frames) == 5 and facts["prompt"] == "leaves"
    assert "camera" not in facts["ignores"], "nobody asked for one"


def test_words_become_a_clip_with_a_camera_path_over_level_ground_or_without(daemon, tmp_path):
    words = ("text", "a wet street", "--seconds", "0.3", "--rate", "16", "--size", "64x64", "--seed", "3")
    frames, facts = made(daemon, tmp_path / "a", *words, "--engine", "tiny-text")
    assert len(frames) == 5 and "camera" not in facts["ignores"] and facts["inputs"]["depth"] == ""
    _, followed = made(daemon, tmp_path / "b", *words, "--engine", "tiny-vace", "--move", "dolly:2")
    assert {"camera", "depth", "prompt"} <= set(followed["takes"])
    said = daemon.command(*words, "--engine", "tiny-text", "--move", "dolly:2", "--no-wait", "--set", "bogus=1").stderr
    assert "tiny-text ignores the camera: This model reads no camera" in said
    assert said.count("Tiny text has no option bogus") == 1, "what the plan warns of is said too"
    done = daemon.command(*words, "--engine", "projection", check=False)
    assert done.returncode == 1 and "does not read words" in done.stderr


def test_moves_have_amounts_and_are_refused_with_a_sentence():
    assert move_of("orbit:-20", 5.0).amount == -20 and move_of("dolly", 10.0).amount == 2.0
    track = track_of(move_of("pan:30", 5.0), 7, Rate(24), (64, 64), 50.0, 5.0)
    turn, _ = cv2.Rodrigues(track.c2w[0, :3, :3].T @ track.c2w[-1, :3, :3])
    assert np.degrees(np.linalg.norm(turn)) == pytest.approx(30)
    with pytest.raises(SecondUnitError, match="no camera move"):
        move_of("jump", 5.0)
    with pytest.raises(SecondUnitError, match="would reach what it looks at"):
        track_of(move_of("dolly_zoom:9.9", 10.0), 5, Rate(24), (64, 64), 50.0, 10.0)


def test_a_move_takes_the_place_of_a_camera_path_in_project(daemon, still, tmp_path):
    out = tmp_path / "clip.mkv"
    daemon.command(
        "project", "--image", str(still[0]), "--move", "orbit:8", "--seconds", "0.2", "--layout", "dome", "--out",
        str(out),
    )  # fmt: skip
    assert len(list(read_frames(out))) == 5
