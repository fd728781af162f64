# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's core, as it is staged, without Blender: cameras, depth, pictures, telling moving things apart."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

lenses = st.fixed_dictionaries(
    {
        "lens_mm": st.floats(1, 500),
        "sensor_width_mm": st.floats(5, 80),
        "sensor_height_mm": st.floats(5, 80),
        "sensor_fit": st.sampled_from(["AUTO", "HORIZONTAL", "VERTICAL"]),
        "shift_x": st.floats(-2, 2),
        "shift_y": st.floats(-2, 2),
    }
)
sides = st.integers(64, 4096)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lenses, sides, sides, st.floats(0.5, 2))
def test_the_lens_of_some_intrinsics_has_them(core, lens, width, height, pixel_shape):
    """Whatever a camera's lens, one fitted horizontally shows the same; that one renders."""
    camera = core("camera")
    matrix = camera.intrinsics(camera.Lens(**lens), width, height, 1.0, pixel_shape)
    again = camera.intrinsics(camera.lens_of(matrix, width, height, pixel_shape), width, height, 1.0, pixel_shape)
    np.testing.assert_allclose(again, matrix, rtol=1e-9, atol=1e-6)


@given(st.floats(0.01, 10), st.floats(2, 1e4), st.floats(0, 1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_window_depth_comes_back_as_planar_depth(core, near, ratio, along):
    camera = core("camera")
    far = near * ratio
    depth = near + (far - near) * along
    intrinsics = np.array([[300.0, 0, 150], [0, 310, 90], [0, 0, 1]])
    clip = camera.window_projection(intrinsics, 320, 180, near, far) @ (0.3, -0.2, -depth, 1.0)
    stored = np.float64(0.5 * clip[2] / clip[3] + 0.5)
    found = camera.linear_depth(np.array([min(stored, 1 - 1e-12)]), near, far)
    # float64 keeps 1/z to 1e-16 of 1/near
    assert found[0] == pytest.approx(depth, rel=1e-6 + 1e-9 * ratio)
    assert np.isposinf(camera.linear_depth(np.float32([1.0]), near, far))[0]


def test_a_window_projection_puts_points_on_the_pixels_of_the_intrinsics(core):
    camera = core("camera")
    intrinsics = np.array([[300.0, 0, 150], [0, 310, 70], [0, 0, 1]])
    point = np.array([0.4, 0.3, 2.0])  # x right, y down, z forward
    pixel = intrinsics @ point / point[2]
    clip = camera.window_projection(intrinsics, 320, 180, 0.1, 100.0) @ (camera.FLIP @ (*point, 1.0))
    found = (0.5 + 0.5 * clip[0] / clip[3]) * 320, (0.5 - 0.5 * clip[1] / clip[3]) * 180
    assert found == pytest.approx(tuple(pixel[:2]), abs=1e-9)


def test_unprojecting_goes_through_the_pixels_centres(core):
    camera = core("camera")
    intrinsics = np.array([[10.0, 0, 2], [0, 10, 1], [0, 0, 1]])
    c2w = np.eye(4)
    c2w[:3, 3] = (1, 2, 3)
    points = camera.unproject(np.float32([[5, np.inf], [5, 5]]), intrinsics, c2w)
    np.testing.assert_allclose(points[0, 0], (1 + 5 * (0.5 - 2) / 10, 2 + 5 * (0.5 - 1) / 10, 8))
    assert np.isnan(points[0, 1]).all()


@pytest.mark.parametrize("scale", [(-1, 1, 1), (0, 1, 1), (-1, -1, -1)])
def test_a_camera_that_is_no_rotation_is_found_out(core, scale):
    assert core("camera").upright(np.diag([*scale, 1])) is None
    assert core("camera").upright(np.diag([2.0, 3.0, 0.5, 1])) is not None
    sheared = np.eye(4)
    sheared[0, 1] = 0.01
    assert core("camera").upright(sheared) is None


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (208, 120)])
def test_pictures_that_are_written_and_read_are_the_same_elsewhere(core, size, tmp_path):
    pictures = core("pictures")
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
    png = pictures.write_png(pixels)
    np.testing.assert_array_equal(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR_RGB), pixels)
    header = bytes([0, 0, 2, *[0] * 9]) + np.array(size, "<u2").tobytes()
    bottom_up, top_down = header + bytes([24, 0]), header + bytes([24, 0x20])
    np.testing.assert_array_equal(pictures.read_targa(bottom_up + pixels[::-1, :, ::-1].tobytes()), pixels)
    np.testing.assert_array_equal(pictures.read_targa(top_down + pixels[..., ::-1].tobytes()), pixels)
    with pytest.raises(ValueError, match="type 10"):
        pictures.read_targa(bytes([0, 0, 10]) + top_down[3:])
    for name, data in (("a.png", png), ("b.jpg", cv2.imencode(".jpg", pixels)[1].tobytes())):
        (tmp_path / name).write_bytes(data)
        assert pictures.size_of(tmp_path / name) == size
        assert pictures.kind_of(data[:16]) == {"a": "png", "b": "jpeg"}[name[0]]
    (tmp_path / "c.txt").write_text("no picture at all, only words")
    assert pictures.size_of(tmp_path / "c.txt") is None
    (tmp_path / "d.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00")
    assert pictures.size_of(tmp_path / "d.jpg") is None


def test_points_are_told_by_the_box_that_holds_them(core):
    motion = core("motion")
    unit = np.ones(3) / 2
    away = np.eye(4)
    away[0, 3] = 5.0
    still = motion.Occurrence(0, np.eye(4), np.zeros(3), unit)
    mover = motion.Occurrence(1, away, np.zeros(3), unit)
    now = away.copy()
    now[0, 3] = 3.0
    points = np.array([(0.0, 0, 0.5), (3.4, 0, 0), (5.0, 0, 0), (1.4, 0, 0)])
    found = motion.assign(points, (still, mover), now[None], 1.0, lambda one: one.number)
    assert found.tolist() == [0, 1, 1, 0]  # at its place now, not at its first; else the nearest
    near = now.copy()
    near[0, 3] = 3.3
    both = (
        motion.Occurrence(0, near, np.zeros(3), unit, label=4),
        motion.Occurrence(1, away, np.zeros(3), unit, label=5),
    )
    inside = np.array([(3.45, 0, 0), (2.85, 0, 0)])  # boxes of both hold them; each lies on the sides of one
    assert motion.assign(inside, both, now[None], 1.0, lambda one: one.label).tolist() == [5, 4]
    assert motion.moved(np.eye(4), np.eye(4) + 1e-7) is False
    assert motion.moved(np.eye(4), np.eye(4) + 1e-3) is True


def test_a_frustum_has_the_pictures_corners_where_they_project(core):
    camera, frustum = core("camera"), core("frustum")
    matrix = camera.intrinsics(camera.Lens(35.0, 36.0, 24.0, "AUTO", 0.1, -0.2), 832, 480)
    seen = frustum.corners(matrix, 832, 480, 2.0)
    assert np.allclose(seen[:, 2], -2.0)
    pixels = (seen * [1, -1, -1] / 2.0) @ matrix.T  # Blender's camera axes to OpenCV's
    assert np.allclose(pixels[:, :2], [[0, 480], [832, 480], [832, 0], [0, 0]])
    assert frustum.edges(np.zeros(3), seen).shape == (16, 3)


def test_a_picture_of_another_aspect_hangs_whole_in_the_middle_of_its_frustum(core):
    frustum = core("frustum")
    frame = np.array([[0.0, 0, -1], [4, 0, -1], [4, 2, -1], [0, 2, -1]])
    assert frustum.inside(frame, (256, 147), (832, 480)) is frame
    tall = frustum.inside(frame, (100, 100), (200, 100))
    assert tall.tolist() == [[1.0, 0, -1], [3, 0, -1], [3, 2, -1], [1, 2, -1]]
    wide = frustum.inside(frame, (400, 100), (200, 100))
    assert wide.tolist() == [[0.0, 0.5, -1], [4, 0.5, -1], [4, 1.5, -1], [0, 1.5, -1]]


def test_the_exports_of_the_menu_are_those_of_the_program(core):
    """The extension cannot ask the daemon's package; names, endings and readers are held together here."""
    from second_unit_cameras import FORMS
    from second_unit_daemon.conditioning.exports import EXPORTS

    offered = core("exports").EXPORTS
    assert offered.keys() == EXPORTS.keys()
    for name, export in offered.items():
        assert export.read_by == EXPORTS[name].read_by, name
        written = EXPORTS[name].files
        assert (export.ending or "folder") in written, name
    for export in core("exports").CAMERAS:
        form = FORMS[export.name]
        assert (export.title, export.ending, export.read_by) == (form.title, form.suffix, form.read_by)
    assert [export.name for export in core("exports").CAMERAS] == list(FORMS)


@pytest.mark.parametrize(
    ("width", "height", "references", "times"),
    [(832, 480, 3, 5), (832, 480, 6, 5), (832, 480, 7, 3), (1280, 720, 2, 5), (1920, 1080, 1, 3), (3840, 2160, 1, 1)],
)
def test_geometry_is_as_fine_as_memory_and_sides_bear(core, width, height, references, times):
    assert core("sizes").finer_by(width, height, references) == times


def test_what_keeps_a_shot_from_being_shot_has_ways_out(core):
    mending = core("mending")
    assert mending.smaller(1280, 720) == (912, 512)
    assert mending.smaller(20000, 400) == (5600, 112)  # a side that no clip may have is made legal first
    assert mending.smaller(8192, 64) == (8192, 64)  # no smaller one has that aspect
    assert mending.smaller(64, 64) == (64, 64)
    assert [mending.fewer(1, last, []) for last in (49, 2, 1)] == [(1, 24), (1, 1), (1, 1)]
    by_engine = [mending.fewer(11, 19, [], most) for most in (1, 5, 25)]
    assert by_engine == [(11, 11), (11, 15), (11, 14)], "as many as the engine makes"
    assert mending.fewer(1, 48, [1.0, 30.0, 47.5]) == (25, 48), "the part with the most references"
    assert mending.fewer(1, 48, [3.0, 47.0]) == (1, 24) and mending.fewer(1, 48, [90.0]) == (1, 24)
    assert mending.longer(10, 20, [9.5, 12.0, 30.25]) == (9, 31)


def test_what_an_engine_cannot_do_is_mended_by_another(core):
    from second_unit_protocol.errors import ErrorCode

    ways = {code.value: [way.value for way in found] for code, found in core("mending").WAYS.items()}
    assert ways[ErrorCode.TOO_LONG] == ["FRAMES", "ENGINE"]
    for code in (ErrorCode.NO_CARD, ErrorCode.REFERENCE_ASPECT, ErrorCode.NO_SUCH_ENGINE, ErrorCode.OUT_OF_MEMORY):
        assert "ENGINE" in ways[code], code
