# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports against numbers worked out by hand, read back with other programs' readers."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from second_unit_daemon.conditioning.depth_files import DepthFile
from second_unit_daemon.conditioning.exports import EXPORTS, Options, export_shot, find_export
from second_unit_daemon.conditioning.exports.depth import millimetres, range_of_frame, scaled
from second_unit_daemon.conditioning.exports.flows import flo_bytes, kitti_picture
from second_unit_daemon.conditioning.exports.tracks import drawn, first_colours, tracks_of
from second_unit_daemon.encode.read import read_frames
from second_unit_protocol.errors import SecondUnitError

from tests.support.projecting import altered


def picture(path):
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert found is not None, path
    return found


# --- plates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "hole", "mask_hole"),
    [
        ("warp_vace", 128, 255),
        ("warp_trajectorycrafter", 0, 255),
        ("warp_gen3c", 0, 0),
        ("warp_viewcrafter", 0, None),
    ],
)
def test_plates_have_the_holes_and_the_mask_of_their_model(room, tmp_path, form, hole, mask_hole):
    """In the last frame the side of a box comes into view that the reference did not see."""
    drawn_room, shot = room
    export_shot(shot, form, tmp_path / "out")
    plate = picture(tmp_path / "out" / "plate" / "000004.png")[..., ::-1]
    assert plate.shape == (96, 160, 3)
    export_shot(shot, "holes", tmp_path / "holes")
    holes = picture(tmp_path / "holes" / "000004.png") == 255
    assert 0.02 < holes.mean() < 0.4
    assert (plate[holes] == hole).all()
    error = np.abs(plate[~holes].astype(int) - drawn_room.truth[4][~holes])
    assert np.median(error) < 6, "what is known shows the scene"
    if mask_hole is None:
        assert not (tmp_path / "out" / "mask").exists()
        return
    mask = picture(tmp_path / "out" / "mask" / "000004.png")
    assert set(np.unique(mask)) == {0, 255}
    assert (mask[holes] == mask_hole).all() and (mask[~holes] == 255 - mask_hole).all()
    first = picture(tmp_path / "out" / "plate" / "000000.png")[..., ::-1]
    np.testing.assert_array_equal(first, shot.references[0].image)


def test_videos_hold_the_same_as_pictures(room, tmp_path):
    _, shot = room
    export_shot(shot, "warp_vace", tmp_path / "out")
    export_shot(shot, "warp_vace", tmp_path / "clip.mkv")
    export_shot(shot, "warp_vace", tmp_path / "clip.mp4")
    exact = [picture(tmp_path / "out" / "plate" / f"{n:06d}.png")[..., ::-1] for n in range(5)]
    masks = [picture(tmp_path / "out" / "mask" / f"{n:06d}.png") for n in range(5)]
    for found, expected in zip(read_frames(tmp_path / "clip.mkv"), exact, strict=True):
        np.testing.assert_array_equal(found, expected)
    for found, expected in zip(read_frames(tmp_path / "clip_mask.mkv"), masks, strict=True):
        np.testing.assert_array_equal(found[..., 0] if found.ndim == 3 else found, expected)
    for found, expected in zip(read_frames(tmp_path / "clip_mask.mp4"), masks, strict=True):
        assert ((found[..., 0] > 127) == (expected > 127)).all()


# --- depth -----------------------------------------------------------------------------------------------------------


def test_depth_is_scaled_inverse_and_near_is_white():
    inverse = (1 / np.array([[1.0, 2.0, 4.0, np.inf]])).astype(np.float32)  # 1, 1/2, 1/4, 0 per metre
    limits = range_of_frame(inverse)
    assert scaled(inverse, limits, 8).tolist() == [[255, 128, 64, 0]]
    assert scaled(inverse, limits, 10).tolist() == [[1023, 512, 256, 0]]
    assert scaled(inverse, limits, 16).tolist() == [[65535, 32768, 16384, 0]]
    assert scaled(inverse, (0.25, 0.5), 8).tolist() == [[255, 255, 0, 0]]
    assert scaled(np.full((1, 2), 0.5, np.float32), (0.5, 0.5), 8).tolist() == [[0, 0]]


def test_normalisation_by_frame_clip_and_percentile(wall, tmp_path):
    """The wall is 4, 3.7 and 3.4 m away. By frame it is flat and black; by clip, 1/4 is black and 1/3.4 white."""
    export_shot(wall, "depth_per_frame", tmp_path / "frame")
    export_shot(wall, "depth_per_clip", tmp_path / "clip")
    export_shot(wall, "depth_percentile", tmp_path / "percentile")
    middle = round(255 * (1 / 3.7 - 1 / 4) / (1 / 3.4 - 1 / 4))
    for kind, expected in (("frame", [0, 0, 0]), ("clip", [0, middle, 255]), ("percentile", [0, middle, 255])):
        found = [picture(tmp_path / kind / f"{n:06d}.png") for n in range(3)]
        assert [sorted(set(np.unique(f).tolist())) for f in found] == [[value] for value in expected], kind


@pytest.mark.parametrize(("bits", "white"), [(10, 1023), (16, 65535)])
def test_deep_video_decodes_to_the_samples(room, tmp_path, bits, white):
    _, shot = room
    options = Options(bits=bits)
    export_shot(shot, "depth_per_clip", tmp_path / "a.mkv", options)
    export_shot(shot, "depth_per_clip", tmp_path / "a", options)
    with av.open(str(tmp_path / "a.mkv")) as container:
        frames = [frame.to_ndarray() for frame in container.decode(video=0)]
    assert len(frames) == 5 and max(f.max() for f in frames) == white
    for n, frame in enumerate(frames):
        pictured = picture(tmp_path / "a" / f"{n:06d}.png")
        assert pictured.dtype == np.uint16
        np.testing.assert_array_equal(pictured >> (16 - bits), frame)
    assert max(picture(tmp_path / "a" / f"{n:06d}.png").max() for n in range(5)) == 65535, "white is white"


def test_a_clip_of_10_bits_in_mp4_is_near(room, tmp_path):
    _, shot = room
    export_shot(shot, "depth_per_clip", tmp_path / "a.mkv", Options(bits=10))
    export_shot(shot, "depth_per_clip", tmp_path / "a.mp4", Options(bits=10))
    found = []
    for name in ("a.mkv", "a.mp4"):
        with av.open(str(tmp_path / name)) as container:
            found.append(np.stack([frame.to_ndarray(format="gray10le") for frame in container.decode(video=0)]))
    assert np.abs(found[0].astype(int) - found[1]).mean() < 4
    with pytest.raises(SecondUnitError, match="16 bits"):
        export_shot(shot, "depth_per_clip", tmp_path / "b.mp4", Options(bits=16))
    with pytest.raises(SecondUnitError, match="8, 10 or 16"):
        export_shot(shot, "depth_per_clip", tmp_path / "b.mkv", Options(bits=12))


def test_metric_depth_comes_back_as_metres(room, tmp_path):
    """EXR and .npy read by our own reader are the captured planes, cut to the delivered size."""
    _, shot = room
    export_shot(shot, "depth_metric", tmp_path / "exr")
    export_shot(shot, "depth_metric", tmp_path / "depth.npy")
    export_shot(shot, "depth_metric", tmp_path / "mm", Options(bits=16))
    truth = shot.depth(2)[8:-8, 8:-8]
    np.testing.assert_array_equal(DepthFile(tmp_path / "exr").open().frame(2), truth)
    np.testing.assert_array_equal(DepthFile(tmp_path / "depth.npy").open().frame(2), truth)
    found = DepthFile(tmp_path / "mm", scale=0.001).open().frame(2)
    np.testing.assert_allclose(found[np.isfinite(truth)], truth[np.isfinite(truth)], atol=0.00051)
    assert millimetres(np.array([1.2344, 65.535, 65.6, np.inf], np.float32)).tolist() == [1234, 65535, 0, 0]


# --- flow ------------------------------------------------------------------------------------------------------------


def test_a_flo_file_byte_by_byte():
    """The tag "PIEH", width, height, then u and v of each pixel, row by row; unknown is beyond 1e9."""
    vectors = np.array([[[1.5, -2.0], [0.25, 4.0]]], np.float32)
    known = np.array([[True, False]])
    assert flo_bytes(vectors, known) == b"PIEH" + struct.pack("<2i", 2, 1) + struct.pack("<4f", 1.5, -2.0, 1e10, 1e10)


def test_a_kitti_picture_as_its_kit_reads_it():
    """u = (red - 2^15) / 64, v = (green - 2^15) / 64, blue says whether it is known; OpenCV's order is blue first."""
    vectors = np.array([[[1.5, -2.0], [0.25, 4.0], [600.0, 0.0]]], np.float32)
    found = kitti_picture(vectors, np.array([[True, False, True]]))
    assert found.tolist() == [[[1, 32640, 32864], [0, 0, 0], [0, 0, 0]]]


def test_flow_of_a_wall_is_what_geometry_says(wall, tmp_path):
    """Half a metre to the right and 0.3 m in, from 4 m: the point on the axis moves by -96 · 0.5 / 3.7 pixels."""
    export_shot(wall, "flow_flo", tmp_path / "flo")
    export_shot(wall, "flow_kitti", tmp_path / "kitti", Options(backward=True))
    assert sorted(p.name for p in (tmp_path / "flo").iterdir()) == ["000000.flo", "000001.flo"]
    assert sorted(p.name for p in (tmp_path / "kitti").iterdir()) == ["000001.png", "000002.png"]
    raw = (tmp_path / "flo" / "000000.flo").read_bytes()
    assert struct.unpack("<4sii", raw[:12]) == (b"PIEH", 96, 64)
    flow = np.frombuffer(raw[12:], "<f4").reshape(64, 96, 2)
    x, y = 70.5 - 48, 20.5 - 32  # pixel (70, 20) from the centre
    expected = (x * 4 / 3.7 - 96 * 0.5 / 3.7 - x, y * 4 / 3.7 + 96 * 0.05 / 3.7 - y)
    np.testing.assert_allclose(flow[20, 70], expected, atol=1e-4)
    packed = picture(tmp_path / "kitti" / "000001.png").astype(float)  # from frame 1 back to frame 0
    expected = (x * 3.7 / 4 + 96 * 0.5 / 4 - x, y * 3.7 / 4 - 96 * 0.05 / 4 - y)
    np.testing.assert_allclose((packed[20, 70, :0:-1] - 2**15) / 64, expected, atol=1 / 64)
    assert (packed[..., 0] == 1).all()


# --- tracks ----------------------------------------------------------------------------------------------------------


def test_tracking_colours_are_places_and_inverse_depth():
    colours = first_colours(np.array([[1.0, 2.0, 4.0], [1.0, 2.0, np.inf]], np.float32))
    assert colours[0, :, 0].tolist() == [0, 127, 255]  # x over the width
    assert colours[:, 0, 1].tolist() == [0, 255]
    assert colours[:, 0, 2].tolist() == [255, 255] and colours[0, 2, 2] == 0
    assert colours[0, 1, 2] == pytest.approx(255 * (0.5 - 0.27) / (1.0 - 0.27), abs=2)  # 2nd percentile near 0.27


def test_near_points_cover_far_ones_whatever_their_order():
    places = np.array([[4.5, 4.5], [5.5, 4.5], [50.0, 1.0]], np.float32)
    red, green = [255, 0, 0], [0, 255, 0]
    for near in (0, 1):
        depth = np.array([2.0, 2.0, 1.0], np.float32)
        depth[near] = 1.0
        found = drawn(places, depth, np.array([red, green, red], np.uint8), (10, 9))
        assert found[4, 5].tolist() == [red, green][near]
        assert found[4, 3].tolist() == red and found[4, 6].tolist() == green  # squares of three
        assert found[3:6, 3:7].any(-1).all() and not found[:3].any()


def test_the_tracking_video_carries_first_places_along(room, tmp_path):
    """A pixel of the last frame that shows what frame 0 saw has the colour of where it was in frame 0."""
    _, shot = room
    export_shot(shot, "tracking_video", tmp_path / "out")
    last = picture(tmp_path / "out" / "000004.png")[..., ::-1].astype(float)
    found = tracks_of(shot, 6)
    seen = found.visible[4] & found.visible[0] & (found.places[4] > 3).all(1) & (found.places[4] < [157, 93]).all(1)
    first, there = found.places[0][seen], np.floor(found.places[4][seen]).astype(int)
    there_colour = last[there[:, 1], there[:, 0]]
    solid = there_colour.any(1)
    assert solid.sum() > 150
    error = np.abs(there_colour[solid][:, :2] - 255 * (first[solid] - 0.5) / [159, 95])
    assert np.median(error) < 3.5, "to about a pixel's width of colour"


def test_tracks_and_splines_hold_the_same_places(room, tmp_path):
    _, shot = room
    export_shot(shot, "tracks", tmp_path / "t.npz", Options(spacing=16))
    export_shot(shot, "splines", tmp_path / "s.json", Options(spacing=16))
    with np.load(tmp_path / "t.npz") as arrays:
        tracks, visible = arrays["tracks"], arrays["visibility"]
        assert arrays["size"].tolist() == [160, 96]
    assert tracks.shape == (5, 60, 2) and visible.shape == (5, 60) and visible[0].all()
    assert 0.5 < visible[4].mean() < 1
    assert tracks[0, 0].tolist() == [8.5, 8.5] and tracks[0, 1].tolist() == [24.5, 8.5]
    lines = json.loads((tmp_path / "s.json").read_text())
    assert len(lines) == 60 and len(lines[0]) == 5
    assert lines[7][4] == pytest.approx({"x": tracks[4, 7, 0], "y": tracks[4, 7, 1]}, abs=1e-3)


def test_tracks_follow_the_pictures(room):
    """Colours of the true frames agree along visible tracks, on the board that moves too."""
    drawn_room, shot = room
    found = tracks_of(shot, 4)
    seen = found.visible.all(0)
    first, last = (np.floor(found.places[f][seen]).astype(int) for f in (0, 4))
    blurred = [cv2.GaussianBlur(drawn_room.truth[f], (0, 0), 1.0).astype(float) for f in (0, 4)]
    error = np.abs(blurred[0][first[:, 1], first[:, 0]] - blurred[1][last[:, 1], last[:, 0]]).mean(1)
    assert np.median(error) < 8
    index = shot.index(0)[8:-8, 8:-8]
    assert (index[first[:, 1], first[:, 0]] == 1).sum() > 5
    assert np.median(error[index[first[:, 1], first[:, 0]] == 1]) < 16


# --- what blurs ------------------------------------------------------------------------------------------------------


def test_shutter_and_focus_are_written_as_they_came(wall, tmp_path):
    from attrs import evolve
    from second_unit_daemon.conditioning.shot_data import pack_array
    from second_unit_protocol.shot import Optics

    optics = Optics(0.02, -0.01, pack_array(np.array([2.8, np.inf, 4.0])), pack_array(np.array([3.0, 3.0, 3.5])))
    export_shot(altered(wall, lambda request: evolve(request, optics=optics)), "optics", tmp_path / "o.json")
    told = json.loads((tmp_path / "o.json").read_text())
    assert (told["shutter_s"], told["shutter_open_s"]) == (0.02, -0.01)
    assert told["frames"] == [{"f_stop": 2.8, "focus_m": 3.0}, {"f_stop": None}, {"f_stop": 4.0, "focus_m": 3.5}]
    with pytest.raises(SecondUnitError, match="without shutter"):
        export_shot(wall, "optics", tmp_path / "none.json")


# --- all -------------------------------------------------------------------------------------------------------------


def test_a_shot_without_what_an_export_needs_is_refused_by_name(room, tmp_path):
    from attrs import evolve

    _, shot = room
    bare = altered(shot, lambda request: evolve(request, depth=None, index=None, references=()))
    for form in ("depth_per_frame", "flow_flo", "warped_noise", "tracking_video", "tracks", "warp_vace"):
        with pytest.raises(SecondUnitError, match="Room") as caught:
            export_shot(bare, form, tmp_path / form)
        assert caught.value.info.remedy, form


def test_a_name_that_no_form_writes_is_refused_and_plain_rays_have_a_name(room, tmp_path):
    _, shot = room
    for form, name in (("warp_vace", "a.gif"), ("depth_metric", "a.png"), ("flow_flo", "a.mov")):
        with pytest.raises(SecondUnitError, match=f"{form} is not written to one") as caught:
            export_shot(shot, form, tmp_path / name)
        assert EXPORTS[form].files in caught.value.info.sentence()
    assert not list(tmp_path.iterdir())
    assert find_export("plucker") is EXPORTS["plucker_cameractrl"]


def test_every_export_is_listed_with_who_reads_it():
    for export in EXPORTS.values():
        assert export.title and export.files and export.read_by, export.name


def test_the_document_has_a_row_for_every_export_with_all_its_cells():
    page = (Path(__file__).resolve().parents[2] / "docs" / "conditioning.md").read_text("utf-8")
    for name in EXPORTS:
        (row,) = re.findall(rf"^\| `{name}`(?:, also `\w+`)? \|.*$", page, re.MULTILINE)
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert len(cells) in (6, 7) and all(cells), name
