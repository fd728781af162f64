# SPDX-License-Identifier: GPL-3.0-or-later
"""Depth from files of every kind is planar metres, +inf where there is nothing."""

from __future__ import annotations

import cv2
import numpy as np
import OpenEXR
import pytest
from second_unit_daemon.conditioning.depth_files import DepthFile, DepthKind
from second_unit_protocol.errors import SecondUnitError

DEPTH = np.array([[1.0, 2.0, 4.0], [8.0, 0.5, np.inf]], np.float32)
LENS = np.array([[2.0, 0, 1.5], [0, 2, 1], [0, 0, 1]])


def exr(path, samples, channel="Z"):
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, {channel: samples}) as file:
        file.write(str(path))


def test_one_depth_as_numpy_and_exr(tmp_path):
    np.save(tmp_path / "a.npy", DEPTH)
    np.savez(tmp_path / "b.npz", depth=DEPTH.astype(np.float16), other=DEPTH)
    exr(tmp_path / "c.exr", np.where(np.isfinite(DEPTH), DEPTH, 1e10).astype(np.float32))
    for name in ("a.npy", "b.npz", "c.exr"):
        reader = DepthFile(tmp_path / name).open()
        assert (len(reader), reader.width, reader.height, reader.per_frame) == (1, 3, 2, False)
        found = reader.frame(0)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, DEPTH)


def test_one_for_each_frame(tmp_path):
    clip = np.stack([DEPTH * (n + 1) for n in range(11)])
    np.save(tmp_path / "clip.npy", clip[:, None])  # (F, 1, H, W), as many programs keep it
    folder = tmp_path / "frames"
    folder.mkdir()
    for n, frame in enumerate(clip):
        exr(folder / f"d{n}.exr", frame, "depth.Z")  # d10 comes after d9
    for path in (tmp_path / "clip.npy", folder):
        reader = DepthFile(path).open()
        assert len(reader) == 11
        for n in (0, 9, 10):
            np.testing.assert_array_equal(reader.frame(n), clip[n])


def test_millimetres_in_a_png_of_16_bits(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.array([[1000, 2500], [0, 65535]], np.uint16))
    found = DepthFile(tmp_path / "a.png", scale=0.001).open().frame(0)
    np.testing.assert_allclose(found, [[1.0, 2.5], [np.inf, 65.535]], rtol=1e-6)


def test_distance_along_the_ray_becomes_depth_along_the_axis(tmp_path):
    np.save(tmp_path / "a.npy", np.full((2, 3), 3.0))
    reader = DepthFile(tmp_path / "a.npy", DepthKind.RADIAL).open()
    # The pixel (2, 1) has its centre at (2.5, 1.5): its ray is (0.5, 0.25, 1), of length √1.3125.
    assert reader.frame(0, LENS)[1, 2] == pytest.approx(3 / np.sqrt(1.3125), rel=1e-6)
    with pytest.raises(SecondUnitError, match="lens"):
        reader.frame(0)


def test_disparity_is_inverse_depth(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[4.0, 0.5, 0.0, -1.0, np.nan]]))
    found = DepthFile(tmp_path / "a.npy", DepthKind.DISPARITY, scale=2.0).open().frame(0)
    np.testing.assert_array_equal(found, [[0.5, 4.0, np.inf, np.inf, np.inf]])


def test_a_clip_is_not_held_in_memory(tmp_path):
    """The array stays on disk: a frame of it is read when it is asked for."""
    np.save(tmp_path / "a.npy", np.ones((4, 2, 3), np.float32))
    reader = DepthFile(tmp_path / "a.npy").open()
    with open(tmp_path / "a.npy", "r+b") as file:
        file.seek(-4, 2)
        file.write(np.float32(7.0).tobytes())
    assert reader.frame(3)[1, 2] == 7.0


@pytest.mark.parametrize(("name", "content"), [("a.npy", b"no"), ("a.exr", b"no"), ("a.png", b"no"), ("a.npz", b"no")])
def test_what_is_no_depth_is_refused_in_words(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SecondUnitError, match=rf"{name} cannot be read"):
        DepthFile(tmp_path / name).open()
    with pytest.raises(SecondUnitError, match="nowhere"):
        DepthFile(tmp_path / "nowhere").open()
