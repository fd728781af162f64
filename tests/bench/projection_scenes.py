# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes for the projection bench: rendered by Blender once, kept in a cache folder, opened as shots.

SECOND_UNIT_BENCH_CACHE names the folder (default: the user's cache folder); SECOND_UNIT_BPY_PYTHON an interpreter that
has bpy (default: this one).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
from attrs import evolve, field, frozen
from numpy.typing import NDArray
from platformdirs import user_cache_path
from second_unit_daemon.conditioning.shot_data import ShotData, pack_array
from second_unit_protocol.grid import FrameGrid, Rate, SceneRange
from second_unit_protocol.planes import pack_plane
from second_unit_protocol.shot import (
    BlobRef,
    CameraPath,
    Motion,
    PlaneKind,
    PlaneSequence,
    Reference,
    ShotRequest,
    Track,
    TrackKind,
)

SCRIPT = Path(__file__).with_name("blender_truth.py")
VISIBILITY = Path(__file__).with_name("blender_visibility.py")
ASKED = Path(__file__).with_name("blender_seen.py")
SCENE_MODULES = ("scene", "random_scene", "stage", "street", "meshes", "materials", "palette", "textures", "daylight")
ASKING = ("core/sight.py", "scene/rays.py", "scene/surfaces.py")  # what the add-on asks of rays, and how
DTYPES = {"uint8": "|u1", "uint16": "<u2", "uint32": "<u4", "float32": "<f4"}


@frozen(eq=False)
class TruthScene:
    """A scene's shot over every ``step``-th frame, the true render of each and the exact disocclusion."""

    name: str
    request: ShotRequest = field(repr=False)
    blobs: dict[BlobRef, Path] = field(repr=False)
    frames: tuple[int, ...]
    folder: Path
    seen_folder: Path
    seen: dict[int, BlobRef] = field(repr=False)  # what a capture with the first so many references asks of rays

    def with_first(self, count: int) -> ShotRequest:
        """The request of a shot that has the first ``count`` references alone: one, or all."""
        return evolve(self.request, references=self.request.references[:count], seen=self.seen[count])

    def shot(self, request: ShotRequest | None = None) -> ShotData:
        """The scene's shot, or another request over the same blobs."""
        return ShotData(request or self.request, self.blobs.__getitem__)

    def truth(self, i: int) -> NDArray[np.uint8]:
        """(H, W, 3) true render of clip frame i."""
        return read_picture(self.folder / f"colour_{self.frames[i]:04d}.png")

    def visible(self, i: int) -> NDArray[np.bool_]:
        """(R, H, W) whether each reference's camera sees the surface, by ray casts."""
        return np.load(self.seen_folder / f"visible_{self.frames[i]:04d}.npz")["by_reference"]


def cache_folder() -> Path:
    return Path(os.environ.get("SECOND_UNIT_BENCH_CACHE") or user_cache_path("second-unit") / "bench")


def open_scene(name: str, frames: tuple[int, ...]) -> TruthScene:
    """Renders the scene unless the cache has it: "demo", or a seed of random_scene. ``frames`` are evenly spaced."""
    key = hashlib.sha256(repr((name, frames, _sources())).encode()).hexdigest()[:12]
    folder = cache_folder() / f"{name}-{key}"
    if not (folder / "facts.json").exists():
        _blender(SCRIPT, folder, name, ",".join(map(str, frames)))
    for path in folder.glob("geometry_*.exr"):
        if not path.with_suffix(".npz").exists():
            read_geometry(path)
    seen = folder / f"seen-{hashlib.sha256(VISIBILITY.read_bytes()).hexdigest()[:12]}"
    if not (seen / f"visible_{frames[-1]:04d}.npz").exists():
        _blender(VISIBILITY, folder, name, str(seen))
    parts = [ASKED, *(SCRIPT.parents[2] / "blender_addon" / "second_unit" / part for part in ASKING)]
    asked = folder / f"asked-{hashlib.sha256(b''.join(p.read_bytes() for p in parts)).hexdigest()[:12]}"
    if not (asked / "seen_1.npy").exists():
        _blender(ASKED, folder, name, str(asked))
    return _as_shot(name, folder, seen, asked, frames)


def read_picture(path: Path) -> NDArray[np.uint8]:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    assert picture is not None, path
    return picture.astype(np.uint8)


def _sources() -> str:
    demo = SCRIPT.parents[2] / "blender_addon" / "second_unit" / "demo"
    parts = [SCRIPT, *(demo / f"{module}.py" for module in SCENE_MODULES)]
    return hashlib.sha256(b"".join(p.read_bytes() for p in parts)).hexdigest()


def _blender(script: Path, folder: Path, name: str, what: str) -> None:
    python = os.environ.get("SECOND_UNIT_BPY_PYTHON", sys.executable)
    subprocess.run([python, str(script), str(folder), name, what], check=True, timeout=3600, stdout=subprocess.DEVNULL)


def read_geometry(path: Path) -> None:
    """Multilayer EXR to depth (H, W) float32 metres and index uint16; Blender 4 and 5 name the passes differently."""
    channels: dict[str, NDArray] = {}
    with OpenEXR.File(str(path), separate_channels=True) as file:
        for part in file.parts:
            channels.update({name: channel.pixels for name, channel in part.channels.items()})
    depth = next(pixels for name, pixels in channels.items() if name.endswith((".Depth.Z", ".Depth.V", ".Z")))
    index = next(pixels for name, pixels in channels.items() if "IndexOB" in name or "Object Index" in name)
    depth = np.where(depth >= 1e9, np.inf, depth).astype(np.float32)
    np.savez(path.with_suffix(".npz"), depth=depth, index=np.rint(index).astype(np.uint16))


def _as_shot(name: str, folder: Path, seen: Path, asked: Path, frames: tuple[int, ...]) -> TruthScene:
    facts = json.loads((folder / "facts.json").read_text())
    cameras = np.load(folder / "cameras.npz")
    at = {int(f): i for i, f in enumerate(cameras["frames"])}
    rows = [at[f] for f in frames]
    step = frames[1] - frames[0] if len(frames) > 1 else 1
    width, height, scale = facts["width"], facts["height"], facts["reference_scale"]
    finer = np.diag([scale, scale, 1.0])
    blobs = Blobs(folder / "blobs")

    def planes(kind: PlaneKind, key: str) -> PlaneSequence:
        return PlaneSequence(kind, width, height, tuple(blobs.plane(_plane(folder, key, f)) for f in frames))

    tracks = tuple(Track(mover, TrackKind.RIGID) for mover in facts["movers"])
    request = ShotRequest(
        shot_id=name,
        shot_name=name,
        engine="projection",
        delivery=SceneRange(frames[0], frames[-1], Rate(facts["fps"])),
        grid=FrameGrid(frames[0], len(frames), Rate(facts["fps"]), Rate.of(facts["fps"] / step)),
        width=width,
        height=height,
        camera=CameraPath(pack_array(cameras["c2w"][rows]), pack_array(cameras["intrinsics"][rows])),
        depth=planes(PlaneKind.DEPTH, "depth"),
        colour=planes(PlaneKind.COLOUR, "plate"),
        index=planes(PlaneKind.INDEX, "index"),
        motion=Motion(tracks, pack_array(cameras["matrices"][rows])),
        references=tuple(
            Reference(
                name=f"frame {f}",
                scene_frame=float(f),
                image=blobs.add((folder / f"colour_{f:04d}.png").read_bytes()),
                c2w=pack_array(cameras["c2w"][at[f]]),
                intrinsics=pack_array(finer @ cameras["intrinsics"][at[f]]),
                width=scale * width,
                height=scale * height,
                depth=blobs.plane(_plane(folder, "depth", f, "geometry_reference")),
                index=blobs.plane(_plane(folder, "index", f, "geometry_reference")),
                matrices=pack_array(cameras["matrices"][at[f]]),
            )
            for f in facts["references"]
        ),
    )
    told = {count: blobs.plane(np.load(asked / f"seen_{count}.npy")) for count in {1, len(request.references)}}
    request = evolve(request, seen=told[len(request.references)])
    return TruthScene(name, request, blobs.paths, frames, folder, seen, told)


def _plane(folder: Path, key: str, frame: int, kind: str = "geometry") -> NDArray:
    if key == "plate":
        return read_picture(folder / f"plate_{frame:04d}.png")
    return np.load(folder / f"{kind}_{frame:04d}.npz")[key]


class Blobs:
    """Blobs as files of a folder, as the daemon's store keeps them."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.paths: dict[BlobRef, Path] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, data: bytes) -> BlobRef:
        ref = BlobRef(hashlib.sha256(data).hexdigest(), len(data))
        path = self.folder / ref.digest
        if not path.exists():
            path.write_bytes(data)
        self.paths[ref] = path
        return ref

    def plane(self, samples: NDArray) -> BlobRef:
        samples = np.ascontiguousarray(samples)
        return self.add(pack_plane(samples.tobytes(), DTYPES[samples.dtype.name], samples.shape))
