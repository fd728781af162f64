# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders what the adherence bench needs, inside an interpreter that has bpy (run by adherence_scenes.py).

    python adherence_truth.py FOLDER SCENE MOVE FRAMES STEP [still]

SCENE is a seed of random_scene; MOVE one of MOVES below, or "own" for the scene's own keyed camera. Frame t of 0 …
FRAMES−1, every STEP-th, is rendered with the scene's things where they are at scene frame t + 1. With ``still`` the
things that move are taken away. Leaves colour_TTTT.png, geometry_TTTT.exr and cameras.npz (c2w, intrinsics, matrices).
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import blender_truth as truth
import bpy
import numpy as np
from mathutils import Euler, Matrix, Vector

SAMPLES = 12
WIDTH, HEIGHT = 640, 360
START = Vector((0.0, -2.0, 1.7))
AIM = Vector((0.0, 12.0, 1.7))
LENS_MM = 28.0


def looking(place: Vector, aim: Vector) -> Matrix:
    return Matrix.Translation(place) @ (aim - place).to_track_quat("-Z", "Y").to_matrix().to_4x4()


def dolly(s: float) -> tuple[Matrix, float]:
    return looking(START + Vector((0.8 * s, 3.0 * s, 0.2 * s)), AIM), LENS_MM


def orbit(s: float) -> tuple[Matrix, float]:
    centre, angle = Vector((0.0, 7.0, 1.7)), math.radians(24) * s
    arm = START - centre
    turned = Matrix.Rotation(angle, 3, "Z") @ arm
    return looking(centre + turned, centre), LENS_MM


def pan(s: float) -> tuple[Matrix, float]:
    return looking(START, AIM) @ Matrix.Rotation(math.radians(-22) * s, 4, "Y"), LENS_MM


def zoom(s: float) -> tuple[Matrix, float]:
    return looking(START, AIM), LENS_MM * 1.6**s


def handheld(s: float) -> tuple[Matrix, float]:
    """A walk of 1.2 m with sway and shake: sines of unlike rates, nothing at s = 0."""

    def sway(rate: float, phase: float) -> float:
        return math.sin(rate * s + phase) - math.sin(phase)

    shift = Vector((0.06 * sway(13, 0.3) + 0.02 * sway(41, 1.0), 1.2 * s, 0.04 * sway(19, 2.0) + 0.015 * sway(47, 0.5)))
    shake = Euler(
        (
            0.012 * sway(17, 0.9) + 0.004 * sway(53, 2.0),
            0.015 * sway(11, 1.7) + 0.005 * sway(43, 0.2),
            0.010 * sway(23, 0.1),
        )
    )
    return looking(START + shift, AIM) @ shake.to_matrix().to_4x4(), LENS_MM


def away(s: float) -> tuple[Matrix, float]:
    """Another path than any of the others: sideways and up, looking off."""
    return looking(START + Vector((-1.4 * s, 0.4 * s, 0.5 * s)), AIM + Vector((-1.5 * s, 0, 0))), LENS_MM


MOVES = {move.__name__: move for move in (dolly, orbit, pan, zoom, handheld, away)}


def main(folder: Path, seed: str, move: str, frames: int, step: int, still: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    made = truth.build(seed)
    scene = bpy.data.scenes[made.scene]
    scene.render.use_persistent_data = True
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    if still:
        for mover in made.movers:
            bpy.data.objects.remove(bpy.data.objects[mover])
    movers = () if still else made.movers
    for number, mover in enumerate(movers, 1):
        bpy.data.objects[mover].pass_index = number
    camera = scene.camera
    own = {}
    if move in ("own", "frozen"):
        for t in range(0, frames, step):
            scene.frame_set(t + 1 if move == "own" else 1)
            own[t] = camera.matrix_world.copy(), camera.data.lens
    camera.animation_data_clear()
    camera.data.animation_data_clear()
    camera.rotation_mode = "QUATERNION"
    facts = []
    for t in range(0, frames, step):
        scene.frame_set(t + 1)
        camera.matrix_world, camera.data.lens = own[t] if own else MOVES[move](t / (frames - 1))
        bpy.context.view_layer.update()
        facts.append((t, *truth.camera_facts(scene), truth.matrices(movers)))
        truth.render_geometry(scene, folder / f"geometry_{t:04d}.exr", 1)
        truth.render(scene, folder / f"colour_{t:04d}.png", SAMPLES, t)
        print("rendered", move, t, flush=True)
    columns = (np.array(column) for column in zip(*facts, strict=True))
    np.savez(folder / "cameras.npz", **dict(zip(("frames", "c2w", "intrinsics", "matrices"), columns, strict=True)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:4], *map(int, sys.argv[4:6]), "still" in sys.argv[6:])
