# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks and grease pencil as regions of a strip: the pixels that Blender itself covers with them."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from bl_ext.user_default.second_unit.protocol.errors import SecondUnitError
from bl_ext.user_default.second_unit.scene import pencil
from bl_ext.user_default.second_unit.sequencer import masks
from bl_ext.user_default.second_unit.ui.edits import drawing

from tests.blender import footage

SIZE = WIDTH, HEIGHT = 208, 120
UNDEFINED_PX = 8  # Blender 5.0 leaves single pixels of a mask undefined, most often the very last one


def spline(layer, corners, closed=True):
    """Corners in pixels, y down; masks count in squares as wide as the longer side, y up."""
    made = layer.splines.new()
    made.points.add(len(corners) - 1)  # it begins with one
    made.use_cyclic = closed
    for point, (x, y) in zip(made.points, corners, strict=True):
        place = 0.5 + (x - WIDTH / 2) / WIDTH, 0.5 - (y - HEIGHT / 2) / WIDTH
        point.co = point.handle_left = point.handle_right = place
        point.handle_left_type = point.handle_right_type = "VECTOR"
    return made


@pytest.fixture
def drawn() -> bpy.types.Mask:
    mask = bpy.data.masks.new("Deer")
    mask.frame_start, mask.frame_end = 1, 100
    spline(mask.layers.new(name="Box"), [(40, 30), (100, 30), (100, 90), (40, 90)])
    return mask


def pixels(path) -> np.ndarray:
    image = bpy.data.images.load(str(path))
    width, height = image.size
    flat = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(flat)
    bpy.data.images.remove(image)
    return flat.reshape(height, width, 4)[::-1, :, 0]


def box(picture: np.ndarray) -> list[int]:
    rows, columns = np.nonzero(picture > 0.5)
    return [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def test_a_mask_that_stands_still_is_one_picture_where_it_is_drawn(drawn, tmp_path):
    def state():
        return (
            {s.name for s in bpy.data.scenes},
            {m.name: m.users for m in bpy.data.masks},
            bpy.context.scene.frame_current,
        )

    before = state()
    found = masks.mask_pictures(drawn, 11, 3, SIZE, tmp_path)
    assert found.is_file() and box(pixels(found)) == pytest.approx([40, 30, 100, 90], abs=1)
    assert state() == before


def test_an_animated_mask_is_a_picture_for_each_scene_frame(drawn, tmp_path):
    layer = drawn.layers[0]
    for frame, alpha in ((12, 1.0), (13, 0.0)):
        layer.alpha = alpha
        layer.keyframe_insert("alpha", frame=frame)
    found = masks.mask_pictures(drawn, 11, 4, SIZE, tmp_path)
    there = [int((pixels(path) > 0.5).sum()) > UNDEFINED_PX for path in sorted(found.glob("*.png"))]
    assert there == [True, True, False, False]


def test_in_a_window_a_mask_is_drawn_a_frame_at_a_time(drawn, tmp_path):
    layer = drawn.layers[0]
    for frame, alpha in ((12, 1.0), (13, 0.0)):
        layer.alpha = alpha
        layer.keyframe_insert("alpha", frame=frame)
    said: list[str] = []
    folder = masks.new_folder(drawn, tmp_path)
    drawing.start(drawing.Wanted(drawn.name, 11, 4, SIZE, folder), "Move a part", said.append)
    before = {scene.name for scene in bpy.data.scenes}
    for done in range(1, 4):
        drawing.tick()
        assert not said and len(list(folder.glob("*.png"))) == done
        assert f"mask {done} of 4 is drawn" in drawing.shown()[0].words
        assert {scene.name for scene in bpy.data.scenes} == before, "nothing is left between two rounds"
    drawing.tick()
    assert said == [str(folder)] and not drawing.shown()
    at_once = masks.mask_pictures(drawn, 11, 4, SIZE, tmp_path)
    for path, other in zip(sorted(folder.glob("*.png")), sorted(at_once.glob("*.png")), strict=True):
        assert path.name == other.name
        apart = np.abs(pixels(path) - pixels(other)) > 0.01
        assert np.count_nonzero(apart) <= UNDEFINED_PX, np.argwhere(apart)
    drawing.start(drawing.Wanted("Nobody", 1, 4, SIZE, folder), "Move a part", said.append)
    drawing.tick()
    assert "The mask Nobody is gone" in drawing.shown()[0].words and len(said) == 1
    drawing.forget()
    assert not drawing.shown()


def test_an_open_spline_is_a_line_and_a_mask_without_a_closed_one_is_refused(drawn, tmp_path):
    assert masks.mask_line(drawn, SIZE) is None
    spline(drawn.layers[0], [(70, 60), (150, 40)], closed=False)
    line = masks.mask_line(drawn, SIZE)
    assert line[0] == pytest.approx([70, 60], abs=1e-3) and line[-1] == pytest.approx([150, 40], abs=1e-3)
    other = bpy.data.masks.new("Line")
    spline(other.layers.new(name="Line"), [(1, 1), (9, 9)], closed=False)
    with pytest.raises(SecondUnitError, match="no closed spline"):
        masks.mask_pictures(other, 1, 1, SIZE, tmp_path)


def test_grease_pencil_is_filled_as_the_camera_sees_it(tmp_path):
    scene = footage.frame_scene(*SIZE)
    camera = bpy.data.objects.new("Cam", bpy.data.cameras.new("Cam"))
    scene.collection.objects.link(camera)
    camera.location, camera.rotation_euler = (0, -4, 0), (1.5707963, 0, 0)
    camera.data.sensor_width, camera.data.lens = 36.0, 36.0  # the picture is 4 m wide where the drawing is
    scene.camera = camera
    data = (bpy.data.grease_pencils_v3 if hasattr(bpy.data, "grease_pencils_v3") else bpy.data.grease_pencils).new("P")
    drawing = bpy.data.objects.new("P", data)
    scene.collection.objects.link(drawing)
    bpy.context.view_layer.update()
    strokes = data.layers.new("Lines").frames.new(1).drawing
    strokes.add_strokes([4, 2])
    places = [(-1, 0, -0.5), (0, 0, -0.5), (0, 0, 0.5), (-1, 0, 0.5), (0.5, 0, 0), (1.0, 0, 0.25)]
    points = [point for stroke in strokes.strokes for point in stroke.points]
    for point, place in zip(points, places, strict=True):
        point.position = place
    strokes.strokes[0].cyclic = True
    scale = WIDTH / 4
    found = box(pixels(pencil.pencil_picture(drawing, scene, SIZE, tmp_path)))
    assert found == pytest.approx([WIDTH / 2 - scale, HEIGHT / 2 - scale / 2, WIDTH / 2, HEIGHT / 2 + scale / 2], abs=1)
    line = pencil.pencil_line(drawing, scene, SIZE)
    assert line[-1] == pytest.approx([WIDTH / 2 + scale, HEIGHT / 2 - scale / 4], abs=0.1)
    strokes.strokes[0].cyclic = False
    with pytest.raises(SecondUnitError, match="no closed stroke"):
        pencil.pencil_picture(drawing, scene, SIZE, tmp_path)
