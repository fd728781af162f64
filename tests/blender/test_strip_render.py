# SPDX-License-Identifier: GPL-3.0-or-later
"""Strips that are no movies become movies, by another Blender, and look as they did."""

from __future__ import annotations

import os
from pathlib import Path

import bpy
import numpy as np
import pytest
from bl_ext.user_default.second_unit import preferences
from bl_ext.user_default.second_unit.sequencer import compat, memory
from bl_ext.user_default.second_unit.ui.finish import running

from tests.blender import footage

COUNT = 8
GREEN = (30, 160, 60)


@pytest.fixture
def scene(tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "film.blend"))
    memory.ensure_open()
    scene = footage.frame_scene()
    scene.sequence_editor_create()
    yield scene
    running.programs.forget()


def picture(path: Path, value: int) -> Path:
    image = bpy.data.images.new(path.stem, footage.WIDTH, footage.HEIGHT)
    image.pixels.foreach_set(np.tile(np.float32([value / 255, 0.5, 0.25, 1]), footage.WIDTH * footage.HEIGHT))
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)
    return path


def sequence(scene: bpy.types.Scene, folder: Path) -> bpy.types.Strip:
    """Pictures that grow redder, 20 a frame, on frames 10 … 17, seen from the third to the sixth."""
    files = [picture(folder / f"p{place:02d}.png", 20 * place + 20) for place in range(COUNT)]
    strip = scene.sequence_editor.strips.new_image("pictures", str(files[0]), 2, 10, fit_method="FIT")
    for file in files[1:]:
        strip.elements.append(file.name)
    compat.set_handles(strip, 12, 16)
    scene.sequence_editor.active_strip = strip
    return strip


def cover(scene: bpy.types.Scene) -> bpy.types.Strip:
    """Something that lies over it in the edit, and is not of it."""
    effect = compat.new_effect(scene.sequence_editor.strips, "COLOR", "cover", 5, 1, 60)
    effect.color = 0.0, 0.0, 1.0
    return effect


def made() -> bpy.types.Strip:
    (found,) = footage.movies()
    return found


def test_a_sequence_of_pictures_becomes_a_movie_in_its_place(scene, tmp_path):
    strip, blue = sequence(scene, tmp_path), cover(scene)
    strip.transform.scale_x = strip.transform.scale_y = 0.5
    left = preferences.spool_folder() / "render_of_a_blender_that_was_quit"
    left.mkdir(parents=True)
    os.utime(left, (0, 0))
    assert bpy.ops.second_unit.strip_render() == {"FINISHED"}
    movie = made()
    assert (movie.channel, compat.left(movie), compat.right(movie)) == (3, 12, 16) and not movie.select
    assert Path(bpy.path.abspath(movie.filepath)).parent == tmp_path / "second_unit" / "finished"
    assert movie.second_unit.made_by == "render" and not list(preferences.spool_folder().glob("render_*"))
    blue.mute = strip.mute = True
    for frame in (12, 15):
        shown = footage.shown(scene, frame, tmp_path).astype(int)
        assert shown[footage.HEIGHT // 2, footage.WIDTH // 2] == pytest.approx([20 * (frame - 10) + 20, 128, 64], abs=3)
        assert shown[4, 4].max() <= 3, "it was seen at half its size, over nothing"
    run = running.programs.runs[-1]
    assert run.over and (run.done, run.total) == (4, 4)


def test_a_scene_strip_keeps_its_look_under_the_scenes_view(scene, tmp_path):
    scene.view_settings.view_transform = "AgX"
    other = bpy.data.scenes.new("Set")
    other.render.engine, other.cycles.samples, other.cycles.use_denoising = "CYCLES", 1, False
    other.world = bpy.data.worlds.new("Bright")
    other.world.use_nodes = True
    other.world.node_tree.nodes["Background"].inputs["Color"].default_value = 4.0, 1.0, 0.2, 1.0
    other.camera = bpy.data.objects.new("Eye", bpy.data.cameras.new("Eye"))
    other.collection.objects.link(other.camera)
    other.frame_start, other.frame_end = 1, 3
    strip = scene.sequence_editor.strips.new_scene("set", other, 1, 20)
    scene.sequence_editor.active_strip = strip
    before = footage.shown(scene, 21, tmp_path)
    assert bpy.ops.second_unit.strip_render() == {"FINISHED"}
    movie = made()
    assert (compat.left(movie), compat.right(movie)) == (20, 23)
    strip.mute = True
    after = footage.shown(scene, 21, tmp_path)
    assert before.max() > 100
    assert np.abs(after.astype(int) - before).max() <= 4


def test_what_cannot_be_rendered_is_said(scene, tmp_path, monkeypatch):
    strip = sequence(scene, tmp_path)
    cover(scene)
    scene.sequence_editor.strips["cover"].mute = True
    broken = tmp_path / "alone.py"
    broken.write_text("import sys\nsys.exit('The card is on fire. Put it out')\n")
    monkeypatch.setattr("bl_ext.user_default.second_unit.sequencer.alone.__file__", str(broken))
    with pytest.raises(RuntimeError, match="The card is on fire"):
        bpy.ops.second_unit.strip_render()
    assert footage.movies() == [] and not list(preferences.spool_folder().glob("render_*"))
    meta = scene.sequence_editor.strips.new_meta("meta", 7, 10)
    strip.move_to_meta(meta)
    scene.sequence_editor.active_strip = strip
    with pytest.raises(RuntimeError, match="pictures is inside a meta strip"):
        bpy.ops.second_unit.strip_render()
