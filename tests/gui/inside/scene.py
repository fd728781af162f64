# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside the Blender under test, sent there as source: a small scene, its settings as text, what panels draw."""

from __future__ import annotations

import importlib

import bpy

ADDON = "bl_ext.user_default.second_unit"
FIRST, LAST = 11, 19
WIDTH, HEIGHT = 208, 120


def part(name: str):
    """A module of the installed extension."""
    return importlib.import_module(f"{ADDON}.{name}")


def window() -> bpy.types.Window:
    return bpy.context.window_manager.windows[0]


def view() -> bpy.types.Area:
    """The largest 3D viewport."""
    areas = (area for area in window().screen.areas if area.type == "VIEW_3D")
    return max(areas, key=lambda area: area.width * area.height)


def in_view():
    """A context of the viewport, as a button there has it."""
    area = view()
    region = next(region for region in area.regions if region.type == "WINDOW")
    return bpy.context.temp_override(window=window(), area=area, region=region)


def new_file() -> None:
    """An empty file. Ask for the rest in another question: Blender must have drawn the new window first."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


def set_up(blend: str) -> None:
    """Saves the file as ``blend``, with a box on a floor, a camera that moves, and the sequencer open below."""
    with in_view():
        bpy.ops.screen.area_split(direction="HORIZONTAL", factor=0.22)
    smaller = min((a for a in window().screen.areas if a.type == "VIEW_3D"), key=lambda a: a.height)
    smaller.type = "SEQUENCE_EDITOR"
    scene = window().scene
    _fill(scene)
    if hasattr(window().workspace, "sequencer_scene"):
        window().workspace.sequencer_scene = scene
    space = view().spaces.active
    space.show_region_ui = True
    space.region_3d.view_perspective = "CAMERA"
    bpy.ops.wm.save_as_mainfile(filepath=blend)


def _fill(scene: bpy.types.Scene) -> None:
    scene.frame_start, scene.frame_end = FIRST, LAST
    scene.frame_set(FIRST)
    scene.render.resolution_x, scene.render.resolution_y, scene.render.fps = WIDTH, HEIGHT, 24
    scene.render.engine, scene.cycles.samples = "CYCLES", 1
    floor = bpy.data.meshes.new("Floor")
    floor.from_pydata([(-9, -9, 0), (9, -9, 0), (9, 9, 0), (-9, 9, 0)], [], [(0, 1, 2, 3)])
    corners = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (0, 2)]
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    box = bpy.data.meshes.new("Box")
    box.from_pydata(corners, [], sides)
    for mesh in (floor, box):
        scene.collection.objects.link(bpy.data.objects.new(mesh.name, mesh))
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.rotation_euler = 0.6, 0.3, 0.0
    scene.collection.objects.link(sun)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    camera.rotation_euler = 1.35, 0.0, 0.0
    for frame, x in ((FIRST, -0.6), (LAST, 0.6)):
        camera.location = x, -8.0, 2.4
        camera.keyframe_insert("location", frame=frame)


def job_state() -> dict:
    """Where everything stands, in plain values."""
    current, shoot = part("link.current"), part("ui.shot.shoot")
    tracker, running = current.tracker, shoot.now.running
    records = tracker.journal.records() if tracker.journal else []
    return {
        "capture": [running.words, running.fraction] if running else None,
        "shoot_error": shoot.now.error.sentence() if shoot.now.error else "",
        "jobs": {job_id: [job.state.value, job.stage, job.fraction] for job_id, job in tracker.jobs.items()},
        "previews": list(tracker.previews),
        "errors": [error.sentence() for error in tracker.errors.values()],
        "ended": [record.ended for record in records],
        "landed": [record.job_id for record in records if record.landed],
        "takes": [row.name for row in bpy.context.window_manager.second_unit.takes],
        "strips": strips(),
    }


def strips() -> list[dict]:
    editor = window().scene.sequence_editor
    found = []
    for strip in editor.strips if editor else ():
        handles = (strip.left_handle, strip.right_handle) if hasattr(strip, "left_handle") else (0, 0)
        found.append({"name": strip.name, "handles": handles, "job": strip.second_unit.job_id, "file": strip.filepath})
    return found


class Told:
    """Every problem that a panel draws while this is in use, as one sentence each."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self._text = part("ui.text")
        self._problem = self._text.problem

    def __enter__(self) -> Told:
        def problem(layout, error, **options):
            self.sentences.append(error.sentence())
            return self._problem(layout, error, **options)

        self._text.problem = problem
        return self

    def __exit__(self, *_: object) -> None:
        self._text.problem = self._problem


told = Told()
