# SPDX-License-Identifier: GPL-3.0-or-later
"""All references of a shot stacked into the arrays that the kernel reads, and their views from a clip frame."""

from __future__ import annotations

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ..motion import Movement, movement
from ..shot_data import ReferenceData, ShotData
from .exposure import Looks, looks_of
from .finer import FinerMaps, kept_samples, together
from .geometry import CLEAN, Surfaces, confidence_of, surfaces_of
from .pictures import Picture, picture_of
from .texels import CHANNELS
from .visibility import near_map

ASPECT_TOLERANCE = 0.01  # relative: rounding to whole pixels, no more
INSIDE = 1e-3  # pixels that a place must lie inside the planes
NOTHING = 65535  # index beside planes that are smaller than the largest reference's: no thing has that number
FADE_FRAMES_AT_24 = 16.0  # a reference this far away in time counts for 1/e


@frozen(eq=False)
class Stack:
    """References as the kernel takes them (see kernel.py). ``data`` keeps their order.

    Maps have the size (H, W) of the largest reference's planes; smaller ones are padded to the right and below.
    """

    data: tuple[ReferenceData, ...] = field(repr=False)
    near: NDArray[np.float32] = field(repr=False)  # (R, H, W, 4), see near_map
    cells: NDArray[np.uint8] = field(repr=False)
    finer: FinerMaps = field(repr=False)
    fineness: NDArray[np.float32] = field(repr=False)  # (R,)
    confidence: NDArray[np.float32] = field(repr=False)
    levels: NDArray[np.int16] = field(repr=False)
    clean: NDArray[np.uint8] = field(repr=False)
    tables: NDArray[np.int64] = field(repr=False)  # (R, L, 4): start in levels, start in clean, rows, columns
    scales: NDArray[np.float32] = field(repr=False)  # (R, 4): picture texels a reference pixel x, y; offset x, y
    bounds: NDArray[np.float32] = field(repr=False)
    looks: Looks = field(repr=False)

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


def delivered(shot: ShotData, planes: NDArray) -> NDArray:
    """The delivered picture's part of ``planes`` (H, W, …)."""
    left, top, width, height = crop_of(shot, planes.shape[1], planes.shape[0])
    return planes[top : top + height, left : left + width]


def region_of(reference: ReferenceData, shot: ShotData) -> tuple[float, float, float, float]:
    """(left, top, width, height) of what the picture shows, in pixels of the reference's planes.

    Where the reference does not say: the delivered picture's part of planes of the shot's size, else the whole planes.
    A picture of another aspect shows the middle of that, as much as it has room for.
    """
    assert reference.depth is not None
    rows, columns = reference.depth.shape
    if crop := reference.crop:
        return (
            crop.left * columns, crop.top * rows, (crop.right - crop.left) * columns, (crop.bottom - crop.top) * rows
        )  # fmt: skip
    planes = shot.request.depth
    alike = planes is not None and (planes.width, planes.height) == (columns, rows)
    left, top, width, height = map(float, crop_of(shot, columns, rows) if alike else (0, 0, columns, rows))
    picture_height, picture_width = reference.image.shape[:2]
    ratio = (picture_width / picture_height) / (width / height)
    if ratio < 1.0 - ASPECT_TOLERANCE:
        return left + width * (1.0 - ratio) / 2, top, width * ratio, height
    if ratio > 1.0 + ASPECT_TOLERANCE:
        return left, top + height * (1.0 - 1.0 / ratio) / 2, width, height / ratio
    return left, top, width, height


def stack_of(shot: ShotData) -> Stack:
    """Reads every reference that counts. Raises SecondUnitError where one cannot be used, naming it."""
    used = tuple(_told_apart(shot, reference) for reference in shot.references if reference.strength > 0.0)
    if not used:
        cause = "Every reference has strength 0" if shot.references else "The shot has no reference"
        raise SecondUnitError(ErrorCode.NO_REFERENCE, cause, shot=shot.request.shot_name)
    for reference in used:
        _check(reference, shot)
    depths = [reference.depth for reference in used if reference.depth is not None]
    surfaces = [surfaces_of(depth, reference.index) for depth, reference in zip(depths, used, strict=True)]
    regions = [region_of(reference, shot) for reference in used]
    pictures = [picture_of(r.image, s, region) for r, s, region in zip(used, surfaces, regions, strict=True)]
    finer, near = _finer(used, surfaces)
    scales, bounds = [], []
    for picture, (left, top, width, height), s in zip(pictures, regions, surfaces, strict=True):
        x, y = picture.clean.shape[1] / width, picture.clean.shape[0] / height
        scales.append((x, y, -left * x, -top * y))
        right, bottom = min(left + width, s.shape[1] - INSIDE), min(top + height, s.shape[0] - INSIDE)
        bounds.append((max(left, 0.0), max(top, 0.0), right, bottom))
    return Stack(
        data=used,
        near=_padded(near, (0, 0, 0, NOTHING)),
        cells=_padded([s.cells for s in surfaces], CLEAN),
        finer=finer,
        fineness=np.array([reference.fineness for reference in used], np.float32),
        confidence=_padded([confidence_of(s) for s in surfaces], 0),
        levels=np.concatenate([_texels(level) for p in pictures for level in p.levels]),
        clean=np.concatenate([p.clean.ravel() for p in pictures]),
        tables=_tables(pictures),
        scales=np.array(scales, np.float32),
        bounds=np.array(bounds, np.float32),
        looks=looks_of(used, regions),
    )


def _texels(level: NDArray[np.int16]) -> NDArray[np.int16]:
    """A level's texels end to end, CHANNELS numbers each: the kernel takes four texels at once."""
    return np.pad(level, ((0, 0), (0, 0), (0, CHANNELS - level.shape[2]))).ravel()


def _padded(maps: list[NDArray], value) -> NDArray:
    """(R, H, W, …): maps of several sizes at the largest one's, with ``value`` to the right and below."""
    rows, columns = (max(m.shape[axis] for m in maps) for axis in (0, 1))
    if all(m.shape[:2] == (rows, columns) for m in maps):
        return np.stack(maps)
    out = np.empty((len(maps), rows, columns, *maps[0].shape[2:]), maps[0].dtype)
    out[:] = value
    for r, plain in enumerate(maps):
        out[r, : plain.shape[0], : plain.shape[1]] = plain
    return out


def _told_apart(shot: ShotData, reference: ReferenceData) -> ReferenceData:
    """With an index that tells deforming things apart by where their surfaces lie."""
    fine, k = reference.fine_index, reference.fineness
    if reference.fine_depth is None or fine is None:
        return reference
    seen = movement(shot, reference.instant, reference.fine_depth, fine, k)
    if seen.index is fine:
        return reference
    return evolve(reference, fine_index=seen.index, index=np.ascontiguousarray(seen.index[k // 2 :: k, k // 2 :: k]))


def views_from(stack: Stack, seen: Movement) -> NDArray[np.float32]:
    """(R, L, 15): for each reference, how each of the places that ``seen`` tells apart lies in it.

    Homography (9), epipole (3), the reference's centre in the frame's camera axes (3); NaN where it is not known.
    """
    views = []
    for reference in stack.data:
        maps = seen.to(reference.instant)
        views.append(np.concatenate([maps.homography.reshape(-1, 9), maps.epipole, maps.centre], 1))
    return np.stack(views).astype(np.float32)


def weights_at(stack: Stack, shot: ShotData, frame: int) -> NDArray[np.float32]:
    """(R,) what each reference counts for at a clip frame: its strength, fading with its distance in time."""
    fade = FADE_FRAMES_AT_24 / 24.0 * float(shot.request.grid.clip_rate)
    away = np.array([abs(r.clip_position - frame) for r in stack.data])
    strength = np.array([r.strength for r in stack.data])
    return (strength * np.exp(-away / fade)).astype(np.float32)


def _check(reference: ReferenceData, shot: ShotData) -> None:
    name, request = reference.name, shot.request
    if reference.depth is None:
        raise SecondUnitError(ErrorCode.BAD_REQUEST, f"Reference {name} came without depth", shot=request.shot_name)
    if request.depth is None:
        raise SecondUnitError(ErrorCode.BAD_REQUEST, "The shot came without depth", shot=request.shot_name)
    if reference.index is not None and reference.index.shape != reference.depth.shape:
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST, f"Depth and index of reference {name} differ in size", shot=request.shot_name
        )


def _finer(used: tuple[ReferenceData, ...], surfaces: list[Surfaces]) -> tuple[FinerMaps, list[NDArray[np.float32]]]:
    """The maps beside silhouettes, and what each reference's texels are asked for."""
    parts = []
    for reference, texels in zip(used, surfaces, strict=True):
        assert reference.fine_depth is not None
        parts.append(kept_samples(reference.fine_depth, reference.fine_index, texels, reference.fineness))
    near = [near_map(texels, part.crossed, part.more) for texels, part in zip(surfaces, parts, strict=True)]
    return together(parts, [reference.fineness for reference in used]), near


def _tables(pictures: list[Picture]) -> NDArray[np.int64]:
    depth = 1 + max(len(p.levels) for p in pictures)  # a row of zeros ends each
    tables = np.zeros((len(pictures), depth, 4), np.int64)
    start, clean_start = 0, 0
    for r, picture in enumerate(pictures):
        for k, level in enumerate(picture.levels):
            tables[r, k] = start, clean_start, level.shape[0], level.shape[1]
            start += CHANNELS * level.shape[0] * level.shape[1]
        clean_start += picture.clean.size
    return tables
