# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks what the add-on's capture asks of rays, by the add-on's own code (run by projection_scenes.py where bpy is).

    python blender_seen.py FOLDER SCENE OUT    FOLDER as blender_truth.py left it

Leaves in OUT ``seen_N.npy``, a request's ``seen`` for a shot with its first N references: with one and with all; and
says how many rays that took in how many seconds.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

import blender_truth as truth
import bpy
import numpy as np


def main(folder: Path, name: str, out: Path) -> None:
    facts = json.loads((folder / "facts.json").read_text())
    made = truth.build(name)
    sight, rays = (importlib.import_module(f"second_unit.{module}") for module in ("core.sight", "scene.rays"))
    scene = bpy.data.scenes[made.scene]
    cameras = np.load(folder / "cameras.npz")
    at = {
        int(frame): sight.Instant(*(cameras[key][i] for key in ("c2w", "intrinsics", "matrices")))
        for i, frame in enumerate(cameras["frames"])
    }
    out.mkdir(exist_ok=True)
    for count in {1, len(facts["references"])}:
        np.save(out / f"seen_{count}.npy", asked(scene, folder, facts, at, facts["references"][:count], sight, rays))


def asked(scene, folder: Path, facts: dict, at: dict, pinned: list[int], sight, rays) -> np.ndarray:
    """The answers for a shot with references at the ``pinned`` frames; ``at`` has the instants of all."""
    rigid = np.ones(len(facts["movers"]), bool)
    begun = time.perf_counter()
    inquiry = sight.Inquiry([at[frame] for frame in pinned], rigid, facts["reference_scale"])
    for r, frame in enumerate(pinned):
        inquiry.reference(r, np.load(folder / f"geometry_reference_{frame:04d}.npz")["depth"])
    looked = time.perf_counter()
    for i, frame in enumerate(facts["frames"]):
        if frame not in pinned:
            planes = np.load(folder / f"geometry_{frame:04d}.npz")
            inquiry.frame(i, at[frame], planes["depth"], planes["index"])
    told = time.perf_counter()
    count = 0
    for r, frame in enumerate(pinned):
        scene.frame_set(frame)
        camera, scale = scene.camera.data, scene.unit_settings.scale_length
        c2w = at[frame].c2w
        here = rays.Rays(
            scene, bpy.context.view_layer, c2w[:3, 3] / scale, c2w[:3, 2],
            (camera.clip_start, camera.clip_end), scale,
        )  # fmt: skip
        count += sum(1 for _ in inquiry.asking(r, here.cast))
    done = time.perf_counter()
    rows = inquiry.told()
    print(
        f"{len(pinned)} references: {len(rows)} answers from {count} rays in {done - told:.2f} s; references looked at "
        f"in {looked - begun:.2f} s, {len(facts['frames'])} frames in {told - looked:.2f} s",
        file=sys.stderr, flush=True,
    )  # fmt: skip
    return rows


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
