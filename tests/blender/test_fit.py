# SPDX-License-Identifier: GPL-3.0-or-later
"""Does it fit: a reference is measured when it is pinned, through a real daemon, before any shot is made of it."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from bl_ext.user_default.second_unit.core.pictures import write_png
from bl_ext.user_default.second_unit.link import current
from bl_ext.user_default.second_unit.link.fits import about
from bl_ext.user_default.second_unit.sequencer import memory
from bl_ext.user_default.second_unit.ui.shot import checks
from bl_ext.user_default.second_unit.ui.shot.spec import shot_spec

from tests.blender import captures, daemons
from tests.blender.daemons import until
from tests.blender.test_paint import pixels

WIDTH, HEIGHT, FRAME = 320, 180, 2


@pytest.fixture
def shot(tmp_path, monkeypatch):
    """A shot of blocks on a floor, of frames 1 to 3, its daemon running."""
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    current.link.close()
    memory.close()
    memory.ensure_open()
    running = daemons.Daemon().start()
    until(lambda: current.link.ready and current.link.engines, "the daemon")
    random = np.random.default_rng(4)
    for number in range(14):
        x, y, size = random.uniform(-4, 4), random.uniform(0, 6), random.uniform(0.3, 1.2)
        captures.box(f"Block {number}", (x, y, size), (size, size, 2 * size))
    captures.box("Floor", (0, 0, -0.05), (30, 30, 0.1))
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.rotation_euler = 0.7, 0.4, 0.0
    scene = bpy.context.scene
    scene.collection.objects.link(sun)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.location, camera.rotation_euler = (0, -9, 2.6), (1.4, 0, 0)
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.engine, scene.cycles.samples = "CYCLES", 16
    scene.frame_start, scene.frame_end = 1, 3
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    memory.ensure_open()
    bpy.ops.second_unit.shot_add()
    made = scene.second_unit.shots[0]
    made.size, made.width, made.height = "CUSTOM", WIDTH, HEIGHT
    scene.frame_set(FRAME)
    assert bpy.ops.second_unit.reference_take(method="RENDER") == {"FINISHED"}
    yield made
    running.close()


def shifted(shot, by: int, folder: Path) -> None:
    """Pins what the reference shows, moved to the right, in its place."""
    picture = pixels(shot.references[0].path)
    path = folder / f"shifted_{by}.png"
    path.write_bytes(write_png(np.ascontiguousarray(np.pad(picture, ((0, 0), (by, 0), (0, 0)), "edge")[:, :WIDTH])))
    shot.references.clear()
    bpy.ops.second_unit.reference_add_file(filepath=str(path))


def of_something_else(shot, folder: Path) -> None:
    """Pins a picture that has nothing of the scene in it."""
    path = folder / "elsewhere.png"
    path.write_bytes(write_png(np.random.default_rng(7).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)))
    shot.references.clear()
    bpy.ops.second_unit.reference_add_file(filepath=str(path))


def answer(shot):
    return current.fits.of(shot.references[0].uid)


def question(shot) -> str:
    return about(shot.references[0].scene_frame, bpy.path.abspath(shot.references[0].path))


def notes(shot) -> str:
    """What the panel says before the shot is made."""
    scene = bpy.context.scene
    return " ".join(checks.glance(shot_spec(scene, bpy.context.view_layer, shot))[1])


def test_a_reference_is_measured_when_it_is_pinned(shot, tmp_path):
    assert bpy.ops.second_unit.reference_check() == {"FINISHED"}
    assert answer(shot).done and answer(shot).words.startswith("It fits")
    shifted(shot, 12, tmp_path)
    assert bpy.ops.second_unit.reference_check() == {"FINISHED"}
    assert "will be aligned" in answer(shot).words and "3." in answer(shot).words
    shifted(shot, 36, tmp_path)  # 48 with those that it was moved by before
    with pytest.raises(RuntimeError, match="does not show what its camera sees"):
        bpy.ops.second_unit.reference_check()
    refused = answer(shot)
    assert refused.about == question(shot)
    assert current.fits.previews[refused.job_id].jpeg.startswith(b"\xff\xd8"), "there is a picture of the mismatch"
    shot.references[0].scene_frame = 1
    assert answer(shot).about != question(shot), "the answer was about another frame"
    bpy.ops.second_unit.reference_check_dismiss(job_id=refused.job_id)
    assert answer(shot) is None
    of_something_else(shot, tmp_path)
    assert "matched" not in notes(shot)
    assert bpy.ops.second_unit.reference_check() == {"FINISHED"}
    assert answer(shot).doubtful and "check that it shows what the camera sees" in answer(shot).words
    assert "Reference elsewhere could not be matched to the scene" in notes(shot)
    shot.references[0].scene_frame = 1
    assert "matched" not in notes(shot), "that was about another frame"
    assert not current.tracker.journal.records() and not bpy.context.scene.second_unit_paint.paintings
