# SPDX-License-Identifier: GPL-3.0-or-later
"""Casts the rays that say what each reference's camera really sees (run by projection_scenes.py where bpy is).

    python blender_visibility.py FOLDER SCENE OUT    FOLDER as blender_truth.py left it

Leaves in OUT for each frame ``visible_FRAME.npz``: ``by_reference`` (R, H, W), which pixels' surfaces each reference
sees. Depth and index lie beside the renders as ``geometry_FRAME.npz`` by then.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import blender_truth as truth
import bpy
import numpy as np
from mathutils import Vector

# Relative: a ray that ends this near to the surface has reached it. Ten times as much, and it meets the rim of a thing
# that stands on the surface; depth and rays themselves differ by a hundredth of it (measured, 99.9 % of pixels).
AGREEMENT = 1e-4


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


def main(folder: Path, name: str, out: Path) -> None:
    out.mkdir(exist_ok=True)
    facts = json.loads((folder / "facts.json").read_text())
    made = truth.build(name)
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
        np.savez_compressed(out / f"visible_{frame:04d}.npz", by_reference=by_reference)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
