# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of bench_flow.py that runs in Blender's Python: captures a scene, and asks Blender itself for the truth.

    flow_inside SCENE FRAMES WIDTH HEIGHT OUT

Leaves in OUT: ``request`` and ``spool/`` (the capture), and ``truth.npz`` with Cycles' vectors and normals at some
frames, depths along rays, and where points of deforming surfaces that rays meet in the first frame lie in the others.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tests.blender.inside import pytest_sessionstart as install_the_zip

RAYS_EVERY = 3  # pixels
STEP = 8  # frames between those that are asked for


def main(scene_name: str, frames: int, width: int, height: int, out: Path) -> None:
    install_the_zip(None)
    import bpy
    import OpenEXR
    from bl_ext.user_default.second_unit.protocol.codec import pack

    from tests.blender import captures, deforming

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    thing = deforming.SCENES[scene_name]()
    scene = bpy.context.scene
    spec = captures.spec_of(scene, thing, frame_end=frames, width=width, height=height)
    shot = captures.capture(spec, out)
    (out / "request").write_bytes(pack(shot.request()))
    for other in scene.objects:
        for modifier in other.modifiers:
            if modifier.type == "SUBSURF":
                modifier.levels = modifier.render_levels  # rays meet what the viewport has
    asked = list(range(1, frames + 1, STEP))
    truth: dict[str, np.ndarray] = {"frames": np.array(asked)}
    rays = [captures.cast(captures.view_at(shot, time), scene, time, step=RAYS_EVERY) for time in asked]
    truth["rays"] = np.array([[(row, column, depth) for row, column, depth, _ in found] for found in rays])
    names = {track.name for track in shot.motion.tracks if track.kind.value == "deforming"}
    truth["pixels"], truth["places"] = _followed(scene, captures.view_at(shot, 1), shot, asked, names)
    for time in asked:
        vectors = deforming.vector_pass(scene, time, (width, height), out / "vector.exr", OpenEXR.File)
        truth[f"before_{time}"], truth[f"after_{time}"] = vectors
        truth[f"normal_{time}"] = _normals(scene, out / "normal.exr", OpenEXR.File)
    np.savez(out / "truth.npz", **truth)


def _followed(scene, view, shot, asked: list[int], names: set[str]) -> tuple[np.ndarray, np.ndarray]:
    """((P, 2) row and column in frame 1, (T, P, 2) pixels at the asked-for frames): by rays and corners alone."""
    import bpy
    from mathutils import Vector
    from mathutils.geometry import barycentric_transform, intersect_point_tri

    scene.frame_set(1)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    met, pixels = [], []
    eye, turn, inverse = view.c2w[:3, 3], view.c2w[:3, :3], np.linalg.inv(view.intrinsics)
    for row in range(1, view.height, RAYS_EVERY):
        for column in range(1, view.width, RAYS_EVERY):
            along = Vector(turn @ inverse @ (column + 0.5, row + 0.5, 1.0)).normalized()
            hit, place, _, face, thing, matrix = scene.ray_cast(depsgraph, Vector(eye), along)
            if not hit or thing.name not in names:
                continue
            mesh = thing.evaluated_get(depsgraph).data
            mesh.calc_loop_triangles()
            own = matrix.inverted() @ place
            corners = [t.vertices for t in mesh.loop_triangles if t.polygon_index == face]
            best = min(corners, key=lambda three: _off(own, [mesh.vertices[v].co for v in three], intersect_point_tri))
            shares = barycentric_transform(
                own, *(mesh.vertices[v].co for v in best), Vector((1, 0, 0)), Vector((0, 1, 0)), Vector((0, 0, 1))
            )
            met.append((thing.name, tuple(best), tuple(shares)))
            pixels.append((row, column))
    places = np.empty((len(asked), len(met), 2))
    for number, time in enumerate(asked):
        scene.frame_set(time)
        depsgraph = bpy.context.evaluated_depsgraph_get()
        now = shot.views[shot.times.index(time)]
        worlds: dict[str, np.ndarray] = {}
        for name in names:
            thing = bpy.data.objects[name].evaluated_get(depsgraph)
            flat = np.empty(3 * len(thing.data.vertices), np.float32)
            thing.data.vertices.foreach_get("co", flat)
            matrix = np.array(thing.matrix_world)
            worlds[name] = flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]
        for point, (name, corners, shares) in enumerate(met):
            world = np.array(shares) @ worlds[name][list(corners)]
            local = now.intrinsics @ ((world - now.c2w[:3, 3]) @ now.c2w[:3, :3])
            places[number, point] = local[:2] / local[2]
    return np.array(pixels), places


def _off(point, corners, inside) -> float:
    """How far a point of a polygon is from one of its triangles; 0 on it."""
    return 0.0 if inside(point, *corners) else (point - sum(corners, type(point)()) / 3).length


def _normals(scene, path: Path, reader) -> np.ndarray:
    """(H, W, 3) of Cycles' Normal pass at the scene's frame, world axes; 0 where nothing is."""
    import bpy

    layer = scene.view_layers[0]
    layer.use_pass_vector, layer.use_pass_normal = False, True
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    layer.use_pass_normal = False
    with reader(str(path), separate_channels=True) as file:
        channels = {name: np.array(c.pixels) for part in file.parts for name, c in part.channels.items()}
    return np.stack([next(channels[n] for n in channels if n.endswith(f"Normal.{axis}")) for axis in "XYZ"], -1)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]), Path(sys.argv[5]))
