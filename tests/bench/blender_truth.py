# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders what the projection bench needs, inside an interpreter that has bpy (run by projection_scenes.py).

    python blender_truth.py FOLDER SCENE FRAMES    SCENE is "demo" or a number for random_scene; FRAMES is "1,7,13"

Leaves in FOLDER: facts.json, cameras.npz, and for each frame colour (true render), plate, depth and index (those of
references have ``REFERENCE_SCALE`` samples along a pixel). It shares no code with the daemon, nor with the add-on
beyond the scenes themselves.
"""

from __future__ import annotations

import importlib
import json
import sys
import types
from pathlib import Path

import bpy
import numpy as np

ADDON = Path(__file__).resolve().parents[2] / "blender_addon" / "second_unit"
TRUE_SAMPLES = 32  # an error measured is then the engine's, not the noise of two renders
PLATE_SAMPLES = 4
REFERENCE_SCALE = 5


def load_scene_module() -> types.ModuleType:
    """The add-on's demo scenes without the add-on: its package is not executed."""
    package = types.ModuleType("second_unit")
    package.__path__ = [str(ADDON)]
    sys.modules["second_unit"] = package
    return importlib.import_module("second_unit.demo.scene")


def build(name: str):
    """Builds the named scene in an empty file and returns what its maker says of it."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    module = load_scene_module()
    return module.build_demo_scene() if name == "demo" else module.random_scene(int(name))


def camera_facts(scene: bpy.types.Scene) -> tuple[np.ndarray, np.ndarray]:
    """(c2w (4, 4) in OpenCV axes, intrinsics (3, 3)) at the current frame."""
    camera = scene.camera.evaluated_get(bpy.context.evaluated_depsgraph_get())
    width, height = scene.render.resolution_x, scene.render.resolution_y
    p = camera.calc_matrix_camera(bpy.context.evaluated_depsgraph_get(), x=width, y=height)
    intrinsics = np.array(
        [
            [p[0][0] * width / 2, 0, width / 2 * (1 - p[0][2])],
            [0, p[1][1] * height / 2, height / 2 * (1 + p[1][2])],
            [0, 0, 1],
        ]
    )
    c2w = np.array(camera.matrix_world.normalized()) @ np.diag([1.0, -1.0, -1.0, 1.0])
    return c2w, intrinsics


def matrices(movers: tuple[str, ...]) -> np.ndarray:
    """(N, 4, 4) object-to-world at the current frame."""
    graph = bpy.context.evaluated_depsgraph_get()
    return np.array([bpy.data.objects[n].evaluated_get(graph).matrix_world for n in movers]).reshape(-1, 4, 4)


def render(scene: bpy.types.Scene, path: Path, samples: int, seed: int) -> None:
    scene.cycles.samples, scene.cycles.seed = samples, seed
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGB"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def render_geometry(scene: bpy.types.Scene, path: Path, scale: int) -> None:
    """Depth and object index through pixel centres: one sample, a filter that does not move it."""
    scene.render.resolution_percentage = 100 * scale
    cycles, settings, layer = scene.cycles, scene.render.image_settings, scene.view_layers[0]
    kept = cycles.filter_width, cycles.samples
    cycles.filter_width, cycles.samples = 0.01, 1
    layer.use_pass_z = layer.use_pass_object_index = True
    if hasattr(settings, "media_type"):
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format, settings.color_depth, settings.exr_codec = "OPEN_EXR_MULTILAYER", "32", "ZIPS"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    layer.use_pass_z = layer.use_pass_object_index = False
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format, settings.color_depth = "PNG", "8"
    cycles.filter_width, cycles.samples = kept
    scene.render.resolution_percentage = 100


def main(folder: Path, name: str, frames: list[int]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    made = build(name)
    scene = bpy.data.scenes[made.scene]
    scene.render.use_persistent_data = True
    for number, mover in enumerate(made.movers, 1):
        bpy.data.objects[mover].pass_index = number
    facts: dict[int, tuple] = {}
    for frame in sorted({*frames, *made.reference_frames}):
        scene.frame_set(frame)
        facts[frame] = (*camera_facts(scene), matrices(made.movers))
        if frame in frames:
            render_geometry(scene, folder / f"geometry_{frame:04d}.exr", 1)
        if frame in made.reference_frames:
            render_geometry(scene, folder / f"geometry_reference_{frame:04d}.exr", REFERENCE_SCALE)
        render(scene, folder / f"colour_{frame:04d}.png", TRUE_SAMPLES, frame)
        render(scene, folder / f"plate_{frame:04d}.png", PLATE_SAMPLES, 1000 + frame)
        print("rendered", frame, flush=True)
    np.savez(
        folder / "cameras.npz",
        frames=np.array(list(facts)),
        c2w=np.array([f[0] for f in facts.values()]),
        intrinsics=np.array([f[1] for f in facts.values()]),
        matrices=np.array([f[2] for f in facts.values()]),
    )
    (folder / "facts.json").write_text(
        json.dumps(
            {
                "name": name,
                "frames": frames,
                "references": list(made.reference_frames),
                "movers": list(made.movers),
                "width": scene.render.resolution_x,
                "height": scene.render.resolution_y,
                "reference_scale": REFERENCE_SCALE,
                "fps": scene.render.fps,
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], [int(f) for f in sys.argv[3].split(",")])
