# SPDX-License-Identifier: GPL-3.0-or-later
"""All references of a shot stacked into the arrays that the kernel reads, and their views from a clip frame."""

from __future__ import annotations

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ..cameras import relative_view
from ..shot_data import ReferenceData, ShotData
from .geometry import Surfaces, confidence_of, surfaces_of
from .pictures import Picture, picture_of
from .silhouettes import silhouettes_of
from .visibility import near_map

ASPECT_TOLERANCE = 0.01
SAME_TIME = 1e-6  # clip frames
FADE_FRAMES_AT_24 = 16.0  # a reference this far away in time counts for 1/e


@frozen(eq=False)
class Stack:
    """References as the kernel takes them (see kernel.py). ``data`` keeps their order."""

    data: tuple[ReferenceData, ...] = field(repr=False)
    near: NDArray[np.float32] = field(repr=False)  # (R, H, W, 4), see near_map
    cells: NDArray[np.uint8] = field(repr=False)
    fine: tuple[NDArray, ...] = field(repr=False)  # inverse, index, crossings right and below (R, k·H, k·W)
    fineness: np.float32
    confidence: NDArray[np.float32] = field(repr=False)
    levels: NDArray[np.int16] = field(repr=False)
    clean: NDArray[np.uint8] = field(repr=False)
    tables: NDArray[np.int64] = field(repr=False)  # (R, L, 4): start in levels, start in clean, rows, columns
    scales: NDArray[np.float32] = field(repr=False)  # (R, 4): picture texels a reference pixel x, y; offset x, y
    bounds: NDArray[np.float32] = field(repr=False)

    @property
    def pictures(self) -> tuple[NDArray, ...]:
        return self.levels, self.clean, self.tables, self.scales


def crop_of(shot: ShotData, width: int, height: int) -> tuple[int, int, int, int]:
    """(left, top, width, height) of the delivered picture inside planes of ``width`` × ``height``: centred."""
    return (
        (width - shot.request.width) // 2,
        (height - shot.request.height) // 2,
        shot.request.width,
        shot.request.height,
    )


def stack_of(shot: ShotData) -> Stack:
    """Reads every reference that counts. Raises SecondUnitError where one cannot be used, naming it."""
    used = tuple(reference for reference in shot.references if reference.strength > 0.0)
    if not used:
        cause = "Every reference has strength 0" if shot.references else "The shot has no reference"
        raise SecondUnitError(ErrorCode.NO_REFERENCE, cause, shot=shot.request.shot_name)
    for reference in used:
        _check(reference, used[0], shot)
    depths = [reference.depth for reference in used if reference.depth is not None]
    surfaces = [surfaces_of(depth, reference.index) for depth, reference in zip(depths, used, strict=True)]
    height, width = surfaces[0].shape
    crop = crop_of(shot, width, height)
    pictures = [picture_of(r.image, s, crop) for r, s in zip(used, surfaces, strict=True)]
    sides = [(p.clean.shape[1] / crop[2], p.clean.shape[0] / crop[3]) for p in pictures]
    scales = [(x, y, -crop[0] * x, -crop[1] * y) for x, y in sides]
    bounds = (crop[0], crop[1], crop[0] + crop[2], crop[1] + crop[3])
    return Stack(
        data=used,
        near=np.stack([near_map(s) for s in surfaces]),
        cells=np.stack([s.cells for s in surfaces]),
        fine=_fine(used),
        fineness=np.float32(used[0].fineness),
        confidence=np.stack([confidence_of(s) for s in surfaces]),
        levels=np.concatenate([level.ravel() for p in pictures for level in p.levels]),
        clean=np.concatenate([p.clean.ravel() for p in pictures]),
        tables=_tables(pictures),
        scales=np.array(scales, np.float32),
        bounds=np.array([bounds] * len(used), np.float32),
    )


def views_from(stack: Stack, shot: ShotData, frame: int) -> NDArray[np.float32]:
    """(R, N + 1, 15): for each reference, how the still world and each moving thing of clip frame ``frame`` lie in it.

    Homography (9), epipole (3), the reference's centre in the frame's camera axes (3); NaN where it is not known.
    """
    c2w, intrinsics, matrices = shot.c2w[frame], shot.intrinsics[frame], shot.matrices[frame]
    views = np.full((len(stack.data), 1 + len(matrices), 15), np.nan)
    for r, reference in enumerate(stack.data):
        views[r, 0] = _view(c2w, intrinsics, reference, None)
        same_time = abs(reference.clip_position - frame) < SAME_TIME
        for n in range(min(len(matrices), len(reference.matrices))):
            move = _move(matrices[n], reference.matrices[n]) if shot.rigid[n] else (np.eye(4) if same_time else None)
            if move is not None:
                views[r, 1 + n] = _view(c2w, intrinsics, reference, move)
    return views.astype(np.float32)


def weights_at(stack: Stack, shot: ShotData, frame: int) -> NDArray[np.float32]:
    """(R,) what each reference counts for at a clip frame: its strength, fading with its distance in time."""
    fade = FADE_FRAMES_AT_24 / 24.0 * float(shot.request.grid.clip_rate)
    away = np.array([abs(r.clip_position - frame) for r in stack.data])
    strength = np.array([r.strength for r in stack.data])
    return (strength * np.exp(-away / fade)).astype(np.float32)


def _view(c2w, intrinsics, reference: ReferenceData, move) -> NDArray[np.float64]:
    homography, epipole = relative_view(c2w, intrinsics, reference.c2w, reference.intrinsics, move)
    seen = c2w if move is None else move @ c2w
    centre = np.linalg.inv(seen) @ np.append(reference.c2w[:3, 3], 1.0)
    return np.concatenate([homography.ravel(), epipole, centre[:3]])


def _move(here: NDArray[np.float64], there: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Carries a thing from where it is to where it is at the reference's time; None where it is flattened or absent."""
    if not (np.isfinite(here).all() and np.isfinite(there).all()) or abs(np.linalg.det(here[:3, :3])) < 1e-18:
        return None
    return there @ np.linalg.inv(here)


def _check(reference: ReferenceData, first: ReferenceData, shot: ShotData) -> None:
    name, request = reference.name, shot.request
    height, width = reference.image.shape[:2]
    if abs((width / height) / (request.width / request.height) - 1.0) > ASPECT_TOLERANCE:
        raise SecondUnitError(
            ErrorCode.REFERENCE_ASPECT,
            f"The picture of reference {name} is {width} × {height} (aspect {width / height:.3f}), the shot is "
            f"{request.width} × {request.height} (aspect {request.width / request.height:.3f})",
            shot=request.shot_name,
        )
    if reference.depth is None:
        raise SecondUnitError(ErrorCode.BAD_REQUEST, f"Reference {name} came without depth", shot=request.shot_name)
    planes = request.depth
    if planes is None:
        raise SecondUnitError(ErrorCode.BAD_REQUEST, "The shot came without depth", shot=request.shot_name)
    if reference.depth.shape != (planes.height, planes.width):
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST,
            f"Reference {name} has depth of {reference.depth.shape[1]} × {reference.depth.shape[0]}, "
            f"the shot {planes.width} × {planes.height}",
            shot=request.shot_name,
        )
    if reference.index is not None and reference.index.shape != reference.depth.shape:
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST, f"Depth and index of reference {name} differ in size", shot=request.shot_name
        )
    if reference.fineness != first.fineness:
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST,
            f"References {first.name} and {name} have depth of different sizes",
            shot=request.shot_name,
        )


def _fine(used: tuple[ReferenceData, ...]) -> tuple[NDArray, ...]:
    """The maps beside silhouettes; one reference at a time, since what they are made from is several times larger."""
    maps = []
    for reference in used:
        assert reference.fine_depth is not None
        surfaces = surfaces_of(reference.fine_depth, reference.fine_index)
        silhouettes = silhouettes_of(surfaces)
        maps.append((surfaces.inverse, surfaces.index, silhouettes.right, silhouettes.below))
    return tuple(np.stack(same) for same in zip(*maps, strict=True))


def _tables(pictures: list[Picture]) -> NDArray[np.int64]:
    depth = 1 + max(len(p.levels) for p in pictures)  # a row of zeros ends each
    tables = np.zeros((len(pictures), depth, 4), np.int64)
    start, clean_start = 0, 0
    for r, picture in enumerate(pictures):
        for k, level in enumerate(picture.levels):
            tables[r, k] = start, clean_start, level.shape[0], level.shape[1]
            start += level.size
        clean_start += picture.clean.size
    return tables


def surfaces_at(shot: ShotData, frame: int) -> Surfaces:
    """The geometry that clip frame ``frame`` sees. Raises SecondUnitError without depth."""
    depth = shot.depth(frame)
    if depth is None:
        raise SecondUnitError(ErrorCode.BAD_REQUEST, "The shot came without depth", shot=shot.request.shot_name)
    return surfaces_of(depth, shot.index(frame))
