# SPDX-License-Identifier: GPL-3.0-or-later
"""Captured geometry against Blender's own answers: ``python -m tests.bench.bench_flow [--blender 5.0.1]``.

Scenes with an armature, a shape key, a modifier that waves, a rigid mover and a moving camera (tests/blender/deforming
.py), captured without a window. Each line, for one scene:

- exact flow to the neighbouring frames against Cycles' Vector pass, where both have a surface: mean end-point error,
  over all pixels and over what deforms, and the worst pixel;
- depth against rays that Blender casts through the pixels' centres, away from silhouettes: the greatest relative error;
- where points of deforming surfaces lie 8, 16 and 24 frames later by the captured vertices, against the corners of the
  faces that the rays met: median and greatest distance in pixels;
- normals from depth against Cycles' Normal pass: median angle. It has no bar: smooth shading is not geometry.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from attrs import frozen
from second_unit_daemon.conditioning.flow import flow
from second_unit_daemon.conditioning.normals import normals_of
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_protocol.codec import unpack
from second_unit_protocol.shot import ShotRequest, TrackKind

from tests.blender.environments import bpy_python
from tests.blender.outside import ROOT, child_environment

SCENES = ("armature", "shape key")
MOST_EPE_PX, MOST_DEPTH, MOST_PROJECTION_PX = 0.05, 1e-4, 0.1
SILHOUETTE = 1.2  # depths of neighbours that differ by more than this factor are two surfaces


@frozen
class Figures:
    epe_px: float
    epe_deforming_px: float
    epe_most_px: float
    lost: float  # share of the deforming pixels whose triangle was not found
    depth: float
    rays: int
    projection_px: float
    projection_most_px: float
    points: int
    normals_deg: float

    @property
    def passes(self) -> bool:
        flows = max(self.epe_px, self.epe_deforming_px) <= MOST_EPE_PX
        return flows and self.depth <= MOST_DEPTH and self.projection_px <= MOST_PROJECTION_PX


def captured(blender: str, scene: str, frames: int, width: int, height: int, folder: Path) -> ShotData:
    """The shot; Blender's answers are in ``truth.npz`` beside it."""
    command = [str(bpy_python(blender)), "-m", "tests.bench.flow_inside", scene]
    command += [*map(str, (frames, width, height)), str(folder)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=child_environment(folder),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stdout[-2000:] + done.stderr[-4000:])
    spool = folder / "spool"
    return ShotData(unpack(ShotRequest, (folder / "request").read_bytes()), lambda ref: spool / ref.digest)


def measured(shot: ShotData, truth: dict[str, np.ndarray]) -> Figures:
    bends = [n + 1 for n, track in enumerate(shot.tracks) if track.kind is TrackKind.DEFORMING]
    errors, on_bends, lost, angles, off = [], [], [], [], []
    for time, rays in zip(truth["frames"].tolist(), truth["rays"], strict=True):
        frame = time - 1
        depth = shot.needed_depth(frame)
        solid, bending = np.isfinite(depth), np.isin(shot.index(frame), bends)
        for name, other in (("before", frame - 1), ("after", frame + 1)):
            if not 0 <= other < len(shot):
                continue
            found = flow(shot, frame, other)
            error = np.linalg.norm(found.vectors - truth[f"{name}_{time}"], axis=-1)
            errors.append(error[solid & found.valid])
            on_bends.append(error[solid & found.valid & bending])
            lost.append(~found.valid[solid & bending])
        turn = shot.c2w[frame][:3, :3]
        ours = normals_of(depth, shot.intrinsics[frame]) @ turn.T
        cosine = np.clip((ours * truth[f"normal_{time}"]).sum(-1), -1, 1)
        angles.append(np.degrees(np.arccos(cosine[solid])))
        off.append(depth_errors(depth, rays))
    apart = [
        np.linalg.norm(places_by_flow(shot, truth["pixels"], time - 1) - places, axis=-1)
        for time, places in zip(truth["frames"].tolist(), truth["places"], strict=True)
        if time > 1
    ]
    projected, depth_off = np.concatenate(apart), np.concatenate(off)
    return Figures(
        epe_px=float(np.concatenate(errors).mean()),
        epe_deforming_px=float(np.concatenate(on_bends).mean()),
        epe_most_px=float(np.concatenate(errors).max()),
        lost=float(np.concatenate(lost).mean()),
        depth=float(depth_off.max()),
        rays=len(depth_off),
        projection_px=float(np.median(projected)),
        projection_most_px=float(projected.max()),
        points=len(projected),
        normals_deg=float(np.median(np.concatenate(angles))),
    )


def places_by_flow(shot: ShotData, pixels: np.ndarray, other: int) -> np.ndarray:
    """(P, 2) where the surface points under pixels (row, column) of the first frame lie in another."""
    found = flow(shot, 0, other)
    rows, columns = pixels.T
    known = found.valid[rows, columns]
    places = found.vectors[rows, columns] + np.stack([columns, rows], -1) + 0.5
    return np.where(known[:, None], places, np.inf)


def depth_errors(depth: np.ndarray, rays: np.ndarray) -> np.ndarray:
    """Relative, for rays (row, column, depth) away from silhouettes; 1 where only one of the two has a surface."""
    found = []
    for row, column, true in rays:
        y, x = int(row), int(column)
        near = depth[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
        if not np.isfinite(near).all():
            if not np.isfinite(near).any():
                found.append(0.0 if true == np.inf else 1.0)
            continue
        if near.max() <= SILHOUETTE * near.min():
            found.append(abs(depth[y, x] - true) / true if np.isfinite(true) else 1.0)
    return np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--blender", default="5.0.1")
    parser.add_argument("--frames", type=int, default=25)
    parser.add_argument("--size", type=int, nargs=2, default=(416, 240))
    words = parser.parse_args()
    passed = True
    for scene in SCENES:
        with tempfile.TemporaryDirectory() as folder:
            shot = captured(words.blender, scene, words.frames, *words.size, Path(folder))
            with np.load(Path(folder) / "truth.npz") as file:
                found = measured(shot, dict(file))
        passed &= found.passes
        print(f"{scene}, Blender {words.blender}, {words.size[0]} × {words.size[1]}, {words.frames} frames:")
        print(
            f"  flow: {found.epe_px:.5f} px mean, {found.epe_deforming_px:.5f} px on what deforms, "
            f"{found.epe_most_px:.4f} px at worst, {found.lost:.2%} not found; bar {MOST_EPE_PX}, "
            f"ratio {max(found.epe_px, found.epe_deforming_px) / MOST_EPE_PX:.3f}"
        )
        print(
            f"  depth: {found.depth:.1e} at worst of {found.rays} rays; bar {MOST_DEPTH}, "
            f"ratio {found.depth / MOST_DEPTH:.3f}"
        )
        print(
            f"  projection: {found.projection_px:.5f} px median, {found.projection_most_px:.4f} px at worst of "
            f"{found.points} points; bar {MOST_PROJECTION_PX}, ratio {found.projection_px / MOST_PROJECTION_PX:.3f}"
        )
        print(f"  normals: {found.normals_deg:.3f}° median against Cycles' Normal pass")
    if not passed:
        sys.exit("A bar was missed")


if __name__ == "__main__":
    main()
