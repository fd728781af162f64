# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint this frame, through a real daemon: from words, the capture, a reference, and the look carried."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from bl_ext.user_default.second_unit.core.pictures import write_png
from bl_ext.user_default.second_unit.link import current
from bl_ext.user_default.second_unit.sequencer import memory
from bl_ext.user_default.second_unit.ui.paint import engines
from bl_ext.user_default.second_unit.ui.paint.painting import begins_with

from tests.blender import captures, daemons
from tests.blender.daemons import until

FRAME = 3


@pytest.fixture
def daemon(tmp_path, monkeypatch):
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    current.link.close()
    memory.close()
    memory.ensure_open()
    running = daemons.Daemon().start()
    until(lambda: current.link.ready and current.link.engines, "the daemon")
    yield running
    running.close()


@pytest.fixture
def shot(tmp_path, daemon):
    captures.standard_scene()
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    bpy.context.scene.collection.objects.link(sun)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    memory.ensure_open()
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, 5
    bpy.ops.second_unit.shot_add()
    made = scene.second_unit.shots[0]
    made.size, made.width, made.height = "CUSTOM", captures.WIDTH, captures.HEIGHT
    made.prompt, made.random_seed, made.seed = "a wet street", False, 40
    scene.second_unit_paint.engine = "still"
    scene.frame_set(FRAME)
    return made


def pixels(path: str) -> np.ndarray:
    """(H, W, 3) uint8 of a picture on disk, row 0 at the top."""
    image = bpy.data.images.load(bpy.path.abspath(path))
    try:
        width, height = image.size
        values = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(values)
    finally:
        bpy.data.images.remove(image)
    return np.rint(values.reshape(height, width, -1)[::-1, :, :3] * 255).astype(np.uint8)


def paint(begin: str = "WORDS", count: int = 1, strength: float = 1.0) -> list:
    """Presses Paint as a script does; returns the rows that came of it, the latest first."""
    settings = bpy.context.scene.second_unit_paint
    settings.begin, settings.count, settings.strength = begin, count, strength
    before = len(settings.paintings)
    assert bpy.ops.second_unit.paint() == {"FINISHED"}
    return [settings.paintings[place] for place in range(len(settings.paintings) - 1, before - 1, -1)]


def test_words_and_depth_become_pictures_beside_their_capture_and_one_is_pinned(shot, tmp_path):
    rows = paint(count=2)
    assert [(row.frame, row.engine, row.seed) for row in rows] == [(FRAME, "still", "41"), (FRAME, "still", "40")]
    first, second = (pixels(row.picture) for row in reversed(rows))
    assert first.shape == (captures.HEIGHT, captures.WIDTH, 3)
    assert (int(first[0, 0, 1]), int(second[0, 0, 1]), int(first[0, 0, 2])) == (40, 41, 0)
    assert first[..., 0].min() < 20 and first[..., 0].max() == 255, "the nearest surface is white"
    assert pixels(rows[0].capture).std() > 1 and rows[0].capture == rows[1].capture
    assert bpy.context.scene.frame_current == FRAME and not current.tracker.journal.records()
    assert not (bpy.context.scene.sequence_editor and bpy.context.scene.sequence_editor.strips)

    first_uid = rows[1].uid
    shot.random_seed = True  # several pictures differ in their seeds, whoever draws them
    assert len(paint(count=2)) == 2
    bpy.ops.second_unit.paint_drop()
    bpy.ops.second_unit.paint_drop()
    bpy.context.scene.frame_set(5)
    assert bpy.ops.second_unit.paint_pin(uid=first_uid) == {"FINISHED"}
    (reference,) = shot.references
    assert (reference.name, reference.source, reference.scene_frame) == (f"Painted {FRAME}", "CAPTURE", float(FRAME))
    assert Path(bpy.path.abspath(reference.path)).parent == tmp_path / "second_unit" / "references"
    bpy.ops.second_unit.paint_drop()
    assert not bpy.context.scene.second_unit_paint.paintings
    until(lambda: not list((tmp_path / "home" / "spool").glob("*")), "the spool's removal")


def test_the_capture_is_repainted_as_far_as_the_strength_says(shot):
    (kept,) = paint("CAPTURE", strength=0.0)
    (free,) = paint("CAPTURE", strength=1.0)
    capture = pixels(kept.capture).astype(int)
    assert np.abs(pixels(kept.picture).astype(int) - capture).max() <= 1
    assert np.abs(pixels(free.picture).astype(int) - (255 - pixels(free.capture).astype(int))).max() <= 1


def test_an_engine_that_draws_over_pictures_is_never_said_to_paint_from_words(shot):
    settings = bpy.context.scene.second_unit_paint
    still, drawn = (next(e for e in current.link.engines if e.name == name) for name in ("still", "style-network"))
    assert (engines.draws_over(still), engines.draws_over(drawn)) == (False, True)
    for begin, shown in (("WORDS", "WORDS"), ("CAPTURE", "WORDS"), ("CARRIED", "WORDS"), ("REFERENCE", "REFERENCE")):
        settings.begin = begin
        assert (settings.over, begins_with(settings, drawn), begins_with(settings, still)) == (shown, shown, begin)
    names = {item.identifier: item.name for item in settings.bl_rna.properties["over"].enum_items}
    assert names["WORDS"] == "The Scene's Colours"


def test_a_reference_is_repainted_and_others_are_carried(shot, tmp_path):
    with pytest.raises(RuntimeError, match="has no reference whose look could be carried"):
        paint("CARRIED")
    with pytest.raises(RuntimeError, match="No reference is chosen that could be repainted"):
        paint("REFERENCE")
    path = tmp_path / "plate.png"
    path.write_bytes(write_png(np.full((captures.HEIGHT, captures.WIDTH, 3), (200, 60, 20), np.uint8)))
    bpy.context.scene.frame_set(1)
    bpy.ops.second_unit.reference_add_file(filepath=str(path))
    bpy.context.scene.frame_set(FRAME)
    (row,) = paint("REFERENCE", strength=1.0)
    assert np.abs(pixels(row.picture).astype(int) - (55, 195, 235)).max() <= 1
    (row,) = paint("CARRIED")
    assert int(pixels(row.picture)[0, 0, 2]) == 1, "one reference came, though it is pinned to another frame"
    (row,) = paint("WORDS")
    assert int(pixels(row.picture)[0, 0, 2]) == 0


def test_projection_carries_a_look_to_another_frame_without_a_card(shot, tmp_path):
    path = tmp_path / "plate.png"
    path.write_bytes(write_png(np.full((captures.HEIGHT, captures.WIDTH, 3), (200, 60, 20), np.uint8)))
    bpy.context.scene.frame_set(1)
    bpy.ops.second_unit.reference_add_file(filepath=str(path))
    bpy.context.scene.frame_set(FRAME)
    bpy.context.scene.second_unit_paint.engine = "projection"
    (row,) = paint()
    carried = np.abs(pixels(row.picture).astype(int) - (200, 60, 20)).max(axis=2) < 12
    assert carried.mean() > 0.5 and row.engine == "projection"


def test_what_cannot_be_painted_is_said(shot, monkeypatch):
    assert engines.known()[0].name == "still"
    bpy.context.scene.second_unit_paint.engine = "sdxl"
    with pytest.raises(RuntimeError, match="Stable Diffusion XL cannot paint here"):
        paint()
    bpy.context.scene.second_unit_paint.engine = "still"
    shot.camera = bpy.data.objects.new("Flat", bpy.data.cameras.new("Flat"))
    bpy.context.scene.collection.objects.link(shot.camera)
    shot.camera.data.type = "ORTHO"
    with pytest.raises(RuntimeError, match="The camera Flat is orthographic"):
        paint()
    assert not bpy.context.scene.second_unit_paint.paintings and not current.paintings.now
