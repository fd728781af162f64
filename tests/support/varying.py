# SPDX-License-Identifier: GPL-3.0-or-later
"""One shot, changed in one thing at a time: which changes reach a model's output, and which do not."""

from __future__ import annotations

import hashlib
from typing import Any

import cv2
import numpy as np
from attrs import evolve
from numpy.typing import NDArray
from second_unit_daemon.conditioning.shot_data import array_of, pack_array
from second_unit_protocol.planes import pack_plane
from second_unit_protocol.results import Plan
from second_unit_protocol.shot import BlobRef, PlaneKind, PlaneSequence

from tests.support.generating import Studio
from tests.support.shots import SyntheticShot

Changes = dict[str, Any]


def differences(studio: Studio, shot: SyntheticShot, **cases: Changes) -> set[str]:
    """Names of the cases whose output differs from the shot's own. The shot made twice must give the same bytes."""
    plain = _made(studio, shot, {})
    assert _made(studio, shot, {}) == plain, "the same request gave other bytes"
    return {name for name, changes in cases.items() if _made(studio, shot, changes) != plain}


def ignored_words(plan: Plan) -> set[str]:
    return {ignored.input.value for ignored in plan.ignores}


def moved_camera(shot: SyntheticShot, by: float = 1.5) -> Changes:
    """The path made longer by a factor, seen from its first frame."""
    c2w = array_of(shot.request.camera.c2w).copy()
    c2w[:, :3, 3] = c2w[0, :3, 3] + by * (c2w[:, :3, 3] - c2w[0, :3, 3])
    return {"camera": evolve(shot.request.camera, c2w=pack_array(c2w))}


def other_lens(shot: SyntheticShot) -> Changes:
    intrinsics = array_of(shot.request.camera.intrinsics).copy()
    intrinsics[:, [0, 1], [0, 1]] *= 1.4
    return {"camera": evolve(shot.request.camera, intrinsics=pack_array(intrinsics))}


def with_picture(shot: SyntheticShot, number: int = 0) -> Changes:
    """Another picture for one reference."""
    pictures = list(shot.request.references)
    pictures[number] = evolve(pictures[number], image=picture(shot, number + 1))
    return {"references": tuple(pictures)}


def with_depth(shot: SyntheticShot) -> Changes:
    """Another scene's depth: a slope instead of a wall."""
    planes = shot.request.depth
    assert planes is not None
    slope = np.linspace(1.0, 9.0, planes.width * planes.height, dtype=np.float32).reshape(planes.height, planes.width)
    return {"depth": _planes(shot, PlaneKind.DEPTH, [slope + np.float32(0.1 * k) for k in range(len(planes.frames))])}


def with_colour(shot: SyntheticShot) -> Changes:
    planes = shot.request.colour
    assert planes is not None
    noise = np.random.default_rng(9).integers(0, 256, (planes.height, planes.width, 3)).astype(np.uint8)
    return {"colour": _planes(shot, PlaneKind.COLOUR, [noise] * len(planes.frames))}


def picture(shot: SyntheticShot, seed: int, width: int = 64, height: int = 64) -> BlobRef:
    """A picture of noise, among the shot's blobs."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    return blob(shot, cv2.imencode(".png", noise)[1].tobytes())


def blob(shot: SyntheticShot, data: bytes) -> BlobRef:
    ref = BlobRef(hashlib.sha256(data).hexdigest(), len(data))
    shot.blobs[ref] = data
    return ref


def _planes(shot: SyntheticShot, kind: PlaneKind, samples: list[NDArray]) -> PlaneSequence:
    dtype = {PlaneKind.DEPTH: "<f4"}.get(kind, "|u1")
    packed = [blob(shot, pack_plane(plane.tobytes(), dtype, plane.shape)) for plane in samples]
    height, width = samples[0].shape[:2]
    return PlaneSequence(kind, width, height, tuple(packed))


def _made(studio: Studio, shot: SyntheticShot, changes: Changes) -> bytes:
    return studio.take(shot, **changes).made()
