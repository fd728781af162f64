# SPDX-License-Identifier: GPL-3.0-or-later
"""Depth at the doors of every family that takes it, against numbers worked out from the published forms.

The scene has four flat parts: 1 m, 2 m and 4 m away, and nothing; in the last frame all are twice as far. Inverse depth
is 1, 1/2, 1/4, 0 and then 1/2, 1/4, 1/8, 0.

- Per picture (VACE's own annotator: ``depth -= min; depth /= max``, times 255; depth ControlNets for stills are trained
  on the same): 255, 127.5, 63.75, 0 in **every** frame, for the farther one has a range of its own.
- Per clip (Video Depth Anything, from which Cosmos Transfer's, LTX-2's and EasyAnimate's control videos are made: one
  minimum and maximum for all frames): 255, 127.5, 63.75, 0, and in the last frame 127.5, 63.75, 31.875, 0.

Camera forms have a file of their own (test_camera_doors.py), keyframes theirs (test_ltx2.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon import devices
from second_unit_daemon.engines.diffusion.family import Window
from second_unit_daemon.jobs.admission import plan_request_of
from second_unit_protocol.planes import pack_plane
from second_unit_protocol.shot import PlaneKind, PlaneSequence

from tests.support.generating import Studio, add

NEAR = {"near": 255.0, "middle": 127.5, "far": 63.75, "nothing": 0.0}
FARTHER = {"near": 127.5, "middle": 63.75, "far": 31.875, "nothing": 0.0}
CORNERS = {"near": (16, 16), "middle": (16, 48), "far": (48, 16), "nothing": (48, 48)}  # row, column
ROUNDING = 0.51  # a value between two of 8 bits goes to either


def door(studio: Studio, engine: str, frames: int = 5, **options: Any) -> dict[str, Any]:
    shot = studio.shot(engine, frames=frames, references=0)
    planes = []
    for frame in range(frames):
        depth = np.full((64, 64), np.inf, np.float32)
        depth[:32, :32], depth[:32, 32:], depth[32:, :32] = 1.0, 2.0, 4.0
        depth *= 2.0 if frame == frames - 1 and frames > 1 else 1.0
        planes.append(add(shot, pack_plane(depth.tobytes(), "<f4", depth.shape)))
    sequence = PlaneSequence(PlaneKind.DEPTH, 64, 64, tuple(planes))
    shot = evolve(shot, request=evolve(shot.request, depth=sequence, options=options))
    data, made = studio.data(shot), studio.engine(engine)
    made.plan(plan_request_of(data.request), devices.cpu())
    return made.family.door(data, made.decision, Window(0, frames), None).arguments


def agree(picture: np.ndarray, expected: dict[str, float]) -> None:
    """``picture`` (64, 64, 3), 0 to 255: grey, and what is expected in the middle of each part."""
    assert picture.shape == (64, 64, 3)
    for part, at in CORNERS.items():
        np.testing.assert_allclose(picture[at], expected[part], atol=ROUNDING, err_msg=part)


def test_vace_shows_each_frame_by_its_own_range_where_all_is_to_be_made(studio):
    given = door(studio, "tiny-vace", control="depth")
    video = given["video"][0] * 255.0
    for frame in (0, 4):
        agree(video[frame], NEAR)
    assert (given["mask"] == 1.0).all(), "white: generate"


@pytest.mark.parametrize("engine", ["tiny-z-image", "tiny-sdxl"])
def test_stills_are_steered_by_their_own_range(studio, engine):
    given = door(studio, engine, frames=1)
    picture = given["control_image"] if "control_image" in given else given["image"]
    agree(np.asarray(picture, np.float32), NEAR)


def test_cosmos_transfer_has_one_range_for_the_clip(studio):
    pictures = [np.asarray(picture, np.float32) for picture in door(studio, "tiny-cosmos-transfer")["controls"]]
    agree(pictures[0], NEAR)
    agree(pictures[4], FARTHER)


def test_cogvideox_has_one_range_for_the_clip(studio):
    pictures = [np.asarray(picture, np.float32) for picture in door(studio, "tiny-cogvideox")["control_video"]]
    agree(pictures[0], NEAR)
    agree(pictures[4], FARTHER)


def test_easyanimate_has_one_range_for_the_clip_channels_first(studio):
    video = door(studio, "tiny-easyanimate", control="depth")["control_video"]
    assert video.shape == (1, 3, 5, 64, 64)
    agree(video[0, :, 0].transpose(1, 2, 0) * 255.0, NEAR)
    agree(video[0, :, 4].transpose(1, 2, 0) * 255.0, FARTHER)


def test_ltx2_has_one_range_for_the_clip_beside_it(studio, tmp_path, monkeypatch):
    (tmp_path / "loras").mkdir()
    (tmp_path / "loras" / "tiny-ic-lora.safetensors").write_bytes(b"")
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path))
    given = door(studio, "tiny-ltx2", frames=9)
    (control,) = given["reference_conditions"]
    assert given["control_lora"] == "tiny-ic-lora" and control.frames.shape == (9, 64, 64, 3)
    agree(control.frames[0].astype(np.float32), NEAR)
    agree(control.frames[8].astype(np.float32), FARTHER)
