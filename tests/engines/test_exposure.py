# SPDX-License-Identifier: GPL-3.0-or-later
"""References of different exposure and tint: they meet without a seam, and each keeps its own look at its own frame."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from second_unit_daemon.conditioning.projection import exposure, references
from second_unit_daemon.conditioning.projection.references import stack_of
from second_unit_daemon.conditioning.shot_data import ShotData

from tests.support.projecting import project
from tests.support.room import room_shot

LAST = 8
GAIN = np.array([1.25, 1.1, 0.85])  # the second picture's, by channel


def tinted(folder, gain: np.ndarray) -> ShotData:
    """The room with its second reference in another light."""
    drawn = room_shot(LAST + 1, 320, 180, references=(0, LAST), moving=False)
    folder.mkdir(exist_ok=True)
    shot = drawn.open(folder)
    second = drawn.request.references[1]
    path = folder / second.image.digest
    picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR_RGB).astype(float)
    changed = np.clip(picture * gain + 0.5, 0, 255).astype(np.uint8)
    path.write_bytes(cv2.imencode(".png", changed[..., ::-1])[1].tobytes())
    return shot


@pytest.fixture(scope="module")
def shot(tmp_path_factory) -> ShotData:
    return tinted(tmp_path_factory.mktemp("tinted"), GAIN)


def known_mean(frame) -> np.ndarray:
    return frame.image[frame.holes == 0].mean(0)


def test_the_gain_between_two_pictures_is_found(shot):
    looks = stack_of(shot).looks
    found = looks.gains[0] / looks.gains[1]
    assert np.allclose(found, GAIN, rtol=0.06), found


def test_pictures_in_one_light_stay_as_they_are(tmp_path):
    looks = stack_of(tinted(tmp_path / "plain", np.ones(3))).looks
    assert np.array_equal(looks.gains, np.ones((2, 3)))


def test_each_picture_has_its_own_look_at_its_own_time_and_the_way_between_is_even(shot):
    looks = stack_of(shot).looks
    for number, position in ((0, 0.0), (1, float(LAST))):
        assert np.allclose(looks.at(position)[number], 1, atol=1e-6)
    means = np.array([known_mean(frame) for frame in project(shot)])
    steps = np.abs(np.diff(means, axis=0)).max(1)
    assert steps.max() < 2.5 * np.median(steps) + 0.5, "no frame jumps to another light"


def test_where_two_pictures_meet_there_is_no_edge(shot, tmp_path, monkeypatch):
    """With the looks switched off the frame is unevenly lit; with them it is hardly more so than in one light."""
    floor = project(tinted(tmp_path / "plain", np.ones(3)))[LAST // 2]
    matched = project(shot)[LAST // 2]
    monkeypatch.setattr(references, "looks_of", lambda used, regions: plain_looks(used))
    plain = project(shot)[LAST // 2]
    drawn = room_shot(LAST + 1, 320, 180, references=(0, LAST), moving=False)
    truth = np.asarray(drawn.truth[LAST // 2])
    added, before = (spread(frame, truth) - spread(floor, truth) for frame in (matched, plain))
    assert before > 0.02 and added < 0.15 * before


def plain_looks(used) -> exposure.Looks:
    return exposure.Looks(np.ones((len(used), 3)), np.array([r.clip_position for r in used]))


def spread(frame, truth) -> float:
    """How unevenly a frame is lit against the truth: deviation of the ratio, over known pixels that are not dark."""
    lit = (frame.holes == 0) & (truth.min(-1) > 40) & (frame.image.max(-1) < 250)
    ratio = frame.image[lit].astype(float) / truth[lit]
    return float(np.std(np.log(ratio), axis=0).mean())
