# SPDX-License-Identifier: GPL-3.0-or-later
"""True renders for the adherence bench: made by Blender once, kept in a cache folder, opened as clips and facts.

SECOND_UNIT_BENCH_CACHE names the folder (default: the user's cache folder); SECOND_UNIT_BPY_PYTHON an interpreter that
has bpy (default: this one).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from attrs import define, field
from numpy.typing import NDArray
from second_unit_daemon.adherence.facts import ShotFacts
from second_unit_daemon.conditioning.flow import Flow, flow_of_cameras
from second_unit_daemon.conditioning.shot_data import ReferenceData

from .projection_scenes import cache_folder, read_geometry, read_picture

SCRIPT = Path(__file__).with_name("adherence_truth.py")
FRAMES = 49
COARSE = 4  # clips made wrong on purpose show every fourth frame

Frame = NDArray[np.uint8]


@define
class Rendered:
    """Every ``step``-th true frame of one camera's way through one scene; ``still`` is without the things that move."""

    seed: int
    move: str
    step: int = 1
    still: bool = False
    _folder: Path | None = field(default=None, init=False)

    def frame(self, t: int) -> Frame:
        """(H, W, 3) at frame t of the shot."""
        return read_picture(self.folder / f"colour_{t:04d}.png")

    @property
    def folder(self) -> Path:
        """Where the renders are; made by Blender where the cache lacks them."""
        if self._folder is None:
            words = [str(self.seed), self.move, str(FRAMES), str(self.step), *(["still"] if self.still else [])]
            folder = cache_folder() / "adherence" / "-".join(words)
            if not (folder / "cameras.npz").exists():
                python = os.environ.get("SECOND_UNIT_BPY_PYTHON", sys.executable)
                subprocess.run([python, str(SCRIPT), str(folder), *words], check=True, stdout=subprocess.DEVNULL)
            for path in folder.glob("geometry_*.exr"):
                if not path.with_suffix(".npz").exists():
                    read_geometry(path)
            self._folder = folder
        return self._folder

    @cached_property
    def cameras(self) -> dict[str, NDArray]:
        with np.load(self.folder / "cameras.npz") as file:
            return dict(file)

    def facts(self, times: Sequence[int], *, pinned: bool) -> ShotFacts:
        """The shot over these frames; ``pinned``: the true picture of the first one is its reference."""
        at = {int(t): i for i, t in enumerate(self.cameras["frames"])}
        rows = [at[t] for t in times]
        c2w, intrinsics, matrices = (self.cameras[name][rows] for name in ("c2w", "intrinsics", "matrices"))
        moving = matrices.shape[1] > 0
        height, width = self.frame(times[0]).shape[:2]

        def plane(t: int, name: str) -> NDArray:
            with np.load(self.folder / f"geometry_{t:04d}.npz") as file:
                return file[name]

        reference = ReferenceData(
            name="first",
            clip_position=0.0,
            image=self.frame(times[0]),
            c2w=c2w[0],
            intrinsics=intrinsics[0],
            depth=plane(times[0], "depth"),
            index=plane(times[0], "index") if moving else None,
            matrices=matrices[0],
            strength=1.0,
        )

        def flow(frame: int, other: int) -> Flow:
            moves = matrices[other] @ np.linalg.inv(matrices[frame])
            here, there = ((c2w[i], intrinsics[i]) for i in (frame, other))
            return flow_of_cameras(plane(times[frame], "depth"), here, there, plane(times[frame], "index"), moves)

        return ShotFacts(
            width=width,
            height=height,
            plane_width=width,
            plane_height=height,
            c2w=c2w,
            intrinsics=intrinsics,
            depth=lambda i: plane(times[i], "depth"),
            colour=lambda i: None,
            index=lambda i: plane(times[i], "index") if moving else None,
            flow=flow if moving else None,
            references=(reference,) if pinned else (),
        )


def through_lens(frame: Frame, factor: float) -> Frame:
    """The frame through a lens ``factor`` times as long: its centre, larger (or all of it, smaller, on grey)."""
    height, width = frame.shape[:2]
    x, y = width / 2 - 0.5, height / 2 - 0.5
    change = np.array([[factor, 0, x - factor * x], [0, factor, y - factor * y]])
    method = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    border = (128, 128, 128)
    return np.asarray(
        cv2.warpAffine(
            frame, change, (width, height), flags=method, borderMode=cv2.BORDER_CONSTANT, borderValue=border
        ),
        np.uint8,
    )
