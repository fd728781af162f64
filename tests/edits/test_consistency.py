# SPDX-License-Identifier: GPL-3.0-or-later
"""A character that changes its coat is told from one that keeps it, with an image model and without."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from second_unit_daemon.cli import app
from typer.testing import CliRunner

from tests.support.generating import video
from tests.support.shots import wall_texture

SIZE = WIDTH, HEIGHT = 128, 96
PREPROCESSOR = {
    "image_processor_type": "BitImageProcessor",
    "do_resize": True, "size": {"shortest_edge": 56}, "resample": 3,
    "do_center_crop": True, "crop_size": {"height": 56, "width": 56},
    "do_rescale": True, "rescale_factor": 1 / 255,
    "do_normalize": True, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
}  # fmt: skip


def figure(coat: tuple[int, int, int]) -> np.ndarray:
    """(40, 24, 4): a head over a striped coat, alpha around it."""
    picture = np.zeros((40, 24, 4), np.uint8)
    cv2.circle(picture, (12, 7), 6, (220, 180, 150, 255), -1)
    cv2.rectangle(picture, (3, 13), (20, 39), (*coat, 255), -1)
    picture[15::6, 3:21, :3] = (picture[15::6, 3:21, :3] * 0.6).astype(np.uint8)
    return picture


def clip(path, coat: tuple[int, int, int], light: float = 1.0):
    """(the clip, its masks): the figure walks through a room of many colours."""
    room, who = wall_texture(256)[:HEIGHT, :WIDTH], figure(coat)
    frames, masks = [], []
    for n in range(12):
        frame, mask = room.copy(), np.zeros((HEIGHT, WIDTH), np.uint8)
        place = slice(40, 80), slice(10 + 6 * n, 34 + 6 * n)
        there = who[..., 3] > 0
        frame[place][there], mask[place][there] = (who[..., :3][there] * light).astype(np.uint8), 255
        frames.append(frame)
        masks.append(np.repeat(mask[..., None], 3, -1))
    path.with_suffix(".mkv").write_bytes(video(frames, 24))
    path.with_suffix(".mask.mkv").write_bytes(video(masks, 24))
    return str(path.with_suffix(".mkv")), str(path.with_suffix(".mask.mkv"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The character's picture, two clips that keep the coat, in other light, and one that does not."""
    folder = tmp_path_factory.mktemp("ann")
    cv2.imwrite(str(folder / "ann.png"), cv2.cvtColor(figure((170, 30, 40)), cv2.COLOR_RGBA2BGRA))
    clips = [clip(folder / "same", (170, 30, 40)), clip(folder / "dusk", (170, 30, 40), 0.85)]
    return folder, [*clips, clip(folder / "other", (30, 60, 170))]


def judged(made, *words: str) -> dict:
    folder, clips = made
    given = [word for path, mask in clips for word in (path, "--mask", mask)]
    done = CliRunner().invoke(app, ["consistency", *given, "--picture", str(folder / "ann.png"), "--json", *words])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_another_coat_is_told_by_colours_and_another_light_is_not(made):
    told = judged(made)
    same, dusk, other = (np.mean(c["likeness"]) for c in told["clips"].values())
    assert same > 0.97 and dusk > other + 0.25
    assert told["how"] == "by colours and edges" and other < told["between"] < same


def test_an_image_model_of_the_users_tells_them_apart(made, tmp_path):
    torch = pytest.importorskip("torch")
    from transformers import Dinov2Config, Dinov2Model

    torch.manual_seed(0)
    config = Dinov2Config(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, image_size=56
    )
    Dinov2Model(config).save_pretrained(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR))
    told = judged(made, "--model", str(tmp_path))
    same, dusk, other = (np.mean(c["likeness"]) for c in told["clips"].values())
    assert same > 0.99 and same > dusk > other and told["how"] == "by the image model"


def test_what_cannot_be_compared_is_said(made, tmp_path):
    folder, clips = made
    words = ["consistency", clips[0][0], clips[1][0], "--picture", str(folder / "ann.png")]
    done = CliRunner().invoke(app, [*words, "--mask", clips[0][1]])
    assert done.exit_code != 0 and "1 masks for 2 clips" in str(done.exception)
    done = CliRunner().invoke(app, [*words, "--model", str(tmp_path)])
    assert done.exit_code != 0 and "no config.json" in str(done.exception)
