# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders what the projection bench needs, inside an interpreter that has bpy (run by projection_scenes.py).

    python blender_truth.py FOLDER SCENE FRAMES    SCENE is "demo" or a number for random_scene; FRAMES is "1,7,13"

Leaves in FOLDER: facts.json, cameras.npz, and for each frame colour (true render), plate, depth and index (those of
references have ``REFERENCE_SCALE`` samples along a pixel), and for the asked frames ``visible_FRAME.npz``: by ray
casts, which pixels' surfaces each reference's camera really sees. It shares no code with the daemon, nor with
the add-on beyond the scenes themselves.
"""

from __future__ import annotations

import importlib
import json
import sys
import types
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

ADDON = Path(__file__).resolve().parents[2] / "blender_addon" / "second_unit"
TRUE_SAMPLES = 32  # an error measured is then the engine's, not the noise of two renders
PLATE_SAMPLES = 4
REFERENCE_SCALE = 5
AGREEMENT = 1e-3  # a ray that ends this near to the surface, relatively, has reached it


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


def points_of(depth: np.ndarray, c2w: np.ndarray, intrinsics: np.ndarray) -> np.ndarray:
    """World points (H, W, 3) of a planar depth map; directions where there is nothing."""
    height, width = depth.shape
    u, v = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    rays = np.stack([u, v, np.ones_like(u)], -1) @ np.linalg.inv(intrinsics).T @ c2w[:3, :3].T
    finite = np.isfinite(depth)[..., None]
    return np.where(finite, rays * np.where(np.isfinite(depth), depth, 0)[..., None] + c2w[:3, 3], rays)


def seen_from(scene: bpy.types.Scene, c2w, intrinsics, points, finite) -> np.ndarray:
    """(P,) whether the camera sees each point (P, 3) in the scene as it stands now."""
    graph = bpy.context.evaluated_depsgraph_get()
    width, height = scene.render.resolution_x, scene.render.resolution_y
    eye = c2w[:3, 3]
    rays = np.where(finite[:, None], points - eye, points)
    local = rays @ c2w[:3, :3] @ intrinsics.T
    with np.errstate(divide="ignore", invalid="ignore"):
        u, v = local[:, 0] / local[:, 2], local[:, 1] / local[:, 2]
    inside = (local[:, 2] > 1e-6) & (u >= 0) & (u <= width) & (v >= 0) & (v <= height)
    lengths = np.linalg.norm(rays, axis=1)
    seen = np.zeros(len(points), bool)
    origin = Vector(eye)
    for i in np.flatnonzero(inside):
        hit, place, *_ = scene.ray_cast(graph, origin, Vector(rays[i] / lengths[i]))
        if finite[i]:
            seen[i] = not hit or (place - origin).length >= lengths[i] * (1 - AGREEMENT)
        else:
            seen[i] = not hit
    return seen


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


def visibility(folder: Path, name: str) -> None:
    """Second pass, once the parent has written depth and index as ``geometry_FRAME.npz``."""
    facts = json.loads((folder / "facts.json").read_text())
    made = build(name)
    scene = bpy.data.scenes[made.scene]
    cameras = np.load(folder / "cameras.npz")
    at = {int(f): i for i, f in enumerate(cameras["frames"])}
    open_points = {}
    for frame in facts["frames"]:
        geometry = np.load(folder / f"geometry_{frame:04d}.npz")
        i = at[frame]
        points = points_of(geometry["depth"], cameras["c2w"][i], cameras["intrinsics"][i]).reshape(-1, 3)
        finite, index = np.isfinite(geometry["depth"]).ravel(), geometry["index"].ravel()
        seen = np.zeros((len(facts["references"]), len(points)), bool)
        open_points[frame] = points, finite, index, seen
    for number, reference in enumerate(facts["references"]):
        scene.frame_set(reference)
        r = at[reference]
        for frame, (points, finite, index, seen) in open_points.items():
            placed = points.copy()
            for n in range(len(facts["movers"])):
                move = cameras["matrices"][r, n] @ np.linalg.inv(cameras["matrices"][at[frame], n])
                own = (index == n + 1) & finite
                placed[own] = points[own] @ move[:3, :3].T + move[:3, 3]
            seen[number] = seen_from(scene, cameras["c2w"][r], cameras["intrinsics"][r], placed, finite)
            print("cast", reference, frame, flush=True)
    for frame, (*_, seen) in open_points.items():
        by_reference = seen.reshape(-1, facts["height"], facts["width"])
        np.savez_compressed(folder / f"visible_{frame:04d}.npz", by_reference=by_reference)


if __name__ == "__main__":
    if sys.argv[3] == "visibility":
        visibility(Path(sys.argv[1]), sys.argv[2])
    else:
        main(Path(sys.argv[1]), sys.argv[2], [int(f) for f in sys.argv[3].split(",")])
