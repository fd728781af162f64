# SPDX-License-Identifier: GPL-3.0-or-later
"""The master gives back every byte; stills and the measure of likeness do what they say."""

from __future__ import annotations

import math
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from second_unit_daemon.encode.jpeg import jpeg
from second_unit_daemon.encode.master import MasterWriter
from second_unit_daemon.encode.measure import psnr
from second_unit_daemon.encode.read import probe, read_frames, read_provenance
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate


def noise(count: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, *shape), dtype=np.uint8)


@pytest.mark.parametrize(("width", "height"), [(96, 64), (97, 65), (333, 71)])
@pytest.mark.parametrize("grey", [False, True])
def test_the_master_gives_back_every_byte(tmp_path, width, height, grey):
    frames = noise(7, height, width) if grey else noise(7, height, width, 3)
    path = tmp_path / "master.mkv"
    with MasterWriter(path, width, height, Rate(24000, 1001), {}, grey=grey) as master:
        for frame in frames:
            master.write(frame)
    back = list(read_frames(path))
    assert len(back) == len(frames)
    assert all(np.array_equal(a, b) for a, b in zip(frames, back, strict=True))
    facts = probe(path)
    assert (facts.codec, facts.width, facts.height, facts.frames, facts.rate) == (
        "ffv1",
        width,
        height,
        7,
        Rate(24000, 1001),
    )


def test_every_frame_of_the_master_can_be_cut_at(tmp_path):
    path = tmp_path / "master.mkv"
    with MasterWriter(path, 96, 64, Rate(24), {}) as master:
        for frame in noise(5, 64, 96, 3):
            master.write(frame)
    with av.open(str(path)) as container:
        assert all(p.is_keyframe for p in container.demux(video=0) if p.size)


def test_strided_frames_are_stored_as_they_look(tmp_path):
    wide = noise(1, 64, 200, 3)[0]
    path = tmp_path / "master.mkv"
    with MasterWriter(path, 96, 64, Rate(24), {}) as master:
        master.write(wide[:, 5:101])
        master.write(wide[:, ::-1][:, 5:101])
    first, second = read_frames(path)
    assert np.array_equal(first, wide[:, 5:101])
    assert np.array_equal(second, wide[:, ::-1][:, 5:101])


def test_provenance_comes_back_from_the_master(tmp_path):
    provenance = {"engine": "projection", "seed": 5, "nested": {"a": [1, 2.5, None]}}
    with MasterWriter(tmp_path / "m.mkv", 96, 64, Rate(24), provenance) as master:
        master.write(noise(1, 64, 96, 3)[0])
    assert read_provenance(tmp_path / "m.mkv") == provenance


def test_a_file_of_another_program_has_no_provenance(tmp_path):
    with av.open(str(tmp_path / "other.mkv"), "w") as container:
        container.metadata["comment"] = "holiday"
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "gray"
        frame = av.VideoFrame.from_ndarray(noise(1, 64, 64)[0], "gray")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert read_provenance(tmp_path / "other.mkv") == {}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_by_the_master_too(tmp_path):
    path = tmp_path / "master.mkv"
    path.symlink_to("/dev/full")
    with pytest.raises(SecondUnitError) as caught, MasterWriter(path, 96, 64, Rate(24), {}) as master:
        for frame in noise(20, 64, 96, 3):
            master.write(frame)
    assert caught.value.code is ErrorCode.DISK_FULL
    assert not path.is_symlink()


def test_a_missing_folder_is_an_error_and_not_a_crash(tmp_path):
    path = tmp_path / "no" / "m.mkv"
    with pytest.raises(SecondUnitError, match="cannot be made"), MasterWriter(path, 96, 64, Rate(24), {}) as master:
        master.write(noise(1, 64, 96, 3)[0])


def test_a_grey_master_refuses_colour(tmp_path):
    with (
        pytest.raises(ValueError, match="uint8"),
        MasterWriter(tmp_path / "m.mkv", 96, 64, Rate(24), {}, grey=True) as m,
    ):
        m.write(noise(1, 64, 96, 3)[0])


def test_previews_are_small_true_jpegs():
    y, x = np.mgrid[0:300, 0:400]
    picture = np.stack([x // 2, y // 2, 255 - x // 2], -1).astype(np.uint8)
    data = jpeg(picture, max_width=160, quality=90)
    back = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert back.shape == (120, 160, 3)
    assert psnr(back, cv2.resize(picture, (160, 120), interpolation=cv2.INTER_AREA)) > 35
    assert cv2.imdecode(np.frombuffer(jpeg(picture, max_width=900), np.uint8), 1).shape == (300, 400, 3)
    assert cv2.imdecode(np.frombuffer(jpeg(picture[..., 0]), np.uint8), cv2.IMREAD_UNCHANGED).shape == (300, 400)


def test_psnr_is_the_textbook_figure():
    a = np.full((4, 4, 3), 100, np.uint8)
    b = np.full((4, 4, 3), 110, np.uint8)
    assert psnr(a, b) == pytest.approx(20 * math.log10(255 / 10))
    assert psnr(b, a) == psnr(a, b)
    assert psnr(a, a) == math.inf
    b[0] = 100
    mask = np.zeros((4, 4), bool)
    mask[1:] = True
    assert psnr(a, b, mask) == pytest.approx(20 * math.log10(255 / 10))
    assert math.isnan(psnr(a, b, np.zeros((4, 4), bool)))
    with pytest.raises(ValueError, match="cannot be compared"):
        psnr(a, b[:2])
