# SPDX-License-Identifier: GPL-3.0-or-later
"""A request put together: what the artist wants, what is known of the scene, planned by the engine that is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Protocol

import numpy as np
from attrs import Factory, evolve, frozen
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.grid import FrameGrid, SceneRange
from second_unit_protocol.results import Input, Plan, PlanRequest
from second_unit_protocol.shot import (
    BlobRef,
    CameraPath,
    Lineage,
    Motion,
    PlaneKind,
    PlaneSequence,
    Quality,
    Reference,
    RegionMotion,
    Scalar,
    SceneFacts,
    ShotRequest,
    SourceClip,
    SourceUse,
)

from .. import devices
from ..conditioning.shot_data import pack_array
from ..engines import registry
from .gathered import Gathered
from .ground import Ground

BUILT_IN = "projection"
NO_FACTS = SceneFacts()


@frozen
class Wish:
    """What is asked for; None and empty: as it was, or as it comes."""

    engine: str = ""
    prompt: str | None = None
    negative_prompt: str | None = None
    style: str | None = None
    seed: int | None = None
    quality: Quality | None = None
    motion_strength: float | None = None
    options: dict[str, Scalar] = Factory(dict)

    def over(self, request: ShotRequest) -> ShotRequest:
        """The request with the wish's own words in place of its."""
        names = ("prompt", "negative_prompt", "style", "seed", "quality", "motion_strength")
        changes = {name: value for name in names if (value := getattr(self, name)) is not None}
        engine = self.engine or request.engine
        options = (request.options if engine == request.engine else {}) | self.options
        return evolve(request, engine=engine, options=options, **changes)


@frozen
class Frame:
    """Whose shot it is, and the clip's place and size."""

    shot_id: str
    shot_name: str
    delivery: SceneRange
    width: int
    height: int


@frozen(eq=False)
class Parts:
    """What a request holds beside its geometry."""

    source: SourceClip | None = None
    references: tuple[Reference, ...] = ()
    regions: Regions | None = None
    lineage: Lineage | None = None
    facts: SceneFacts = NO_FACTS
    moving: tuple[Moving, ...] = ()


class Regions(Protocol):
    """What may be changed, at any time: (height, width) uint8, 255 where it may, for planes of that size."""

    def plane(self, time: Fraction, width: int, height: int) -> np.ndarray: ...


@frozen(eq=False)
class Moving:
    """A part that moves otherwise: where it is seen, and ``gone(scene frame)`` (2,) pixels right and down."""

    name: str
    regions: Regions
    gone: Callable[[Fraction], np.ndarray]
    sway_px: tuple[float, float] = (0.0, 0.0)
    sway_s: float = 2.0


class Gap:
    """All pixels of the frames between two scene times."""

    def __init__(self, first: Fraction, last: Fraction):
        self._first, self._last = first, last

    def plane(self, time: Fraction, width: int, height: int) -> np.ndarray:
        return np.full((height, width), 255 if self._first <= time <= self._last else 0, np.uint8)


def planned(wish: Wish, frame: Frame, ground: Ground, parts: Parts) -> Plan:
    """What the engine will do. Raises SecondUnitError where it refuses."""
    engine = wish.engine or BUILT_IN
    references = parts.references
    request = PlanRequest(
        engine=engine,
        delivery=frame.delivery,
        width=frame.width,
        height=frame.height,
        given=tuple(_given(wish, ground, parts)),
        reference_count=len(references),
        reference_frames=tuple(reference.scene_frame for reference in references),
        quality=wish.quality or Quality.STANDARD,
        options=wish.options,
    )
    plan = registry.create(engine).plan(request, devices.asked_for())
    if plan.problem:
        raise SecondUnitError.from_info(evolve(plan.problem, shot=frame.shot_name))
    return plan


def request_of(wish: Wish, frame: Frame, ground: Ground, parts: Parts, plan: Plan, blobs: Gathered) -> ShotRequest:
    """The whole request, its planes drawn at the plan's times and size."""
    grid, size = plan.grid, (plan.capture_width, plan.capture_height)
    wants_depth = ground.has_depth and Input.DEPTH in plan.captures
    c2w, lenses, matrices, depth, index, region = [], [], [], [], [], []
    parted: list[list[BlobRef]] = [[] for _ in parts.moving]
    for number in range(grid.count):
        view = ground.view(grid.scene_frame(number), *size)
        c2w.append(view.c2w)
        lenses.append(view.intrinsics)
        matrices.append(view.matrices)
        if wants_depth and view.depth is not None:
            depth.append(blobs.plane(view.depth))
        if wants_depth and view.index is not None:
            index.append(blobs.plane(view.index))
        if parts.regions is not None:
            region.append(blobs.plane(parts.regions.plane(grid.scene_frame(number), *size)))
        for part, planes_of in zip(parts.moving, parted, strict=True):
            planes_of.append(blobs.plane(part.regions.plane(grid.scene_frame(number), *size)))

    def planes(kind: PlaneKind, refs: list) -> PlaneSequence | None:
        return PlaneSequence(kind, *size, tuple(refs)) if refs else None

    request = ShotRequest(
        shot_id=frame.shot_id,
        shot_name=frame.shot_name,
        engine=wish.engine or BUILT_IN,
        delivery=frame.delivery,
        grid=grid,
        width=frame.width,
        height=frame.height,
        camera=CameraPath(pack_array(np.array(c2w)), pack_array(np.array(lenses))),
        depth=planes(PlaneKind.DEPTH, depth),
        index=planes(PlaneKind.INDEX, index),
        motion=Motion(ground.tracks, pack_array(np.array(matrices))) if ground.tracks else None,
        references=parts.references,
        source=parts.source,
        facts=parts.facts,
        region=planes(PlaneKind.REGION, region),
        moving=tuple(
            _moving(part, PlaneSequence(PlaneKind.REGION, *size, tuple(refs)), grid)
            for part, refs in zip(parts.moving, parted, strict=True)
        ),
        lineage=parts.lineage,
    )
    return wish.over(request)


def _moving(part: Moving, region: PlaneSequence, grid: FrameGrid) -> RegionMotion:
    path = np.stack([part.gone(grid.scene_frame(number)) for number in range(grid.count)])
    return RegionMotion(part.name, region, pack_array(path), *part.sway_px, part.sway_s)


def _given(wish: Wish, ground: Ground, parts: Parts) -> Iterator[Input]:
    source = parts.source
    present = {
        Input.CAMERA: ground.has_camera,
        Input.DEPTH: ground.has_depth,
        Input.MOTION: bool(ground.tracks),
        Input.REFERENCES: bool(parts.references),
        Input.EDITED_CLIP: source is not None and source.use is SourceUse.EDIT,
        Input.EXTENDED_CLIP: source is not None and source.use is SourceUse.EXTEND,
        Input.REGION: parts.regions is not None,
        Input.REGION_MOTION: bool(parts.moving),
        Input.PROMPT: bool(wish.prompt),
        Input.NEGATIVE_PROMPT: bool(wish.negative_prompt),
        Input.STYLE: bool(wish.style),
        Input.SEED: bool(wish.seed),
        Input.MOTION_STRENGTH: wish.motion_strength is not None,
        Input.QUALITY: wish.quality not in (None, Quality.STANDARD),
    }
    yield from (kind for kind, there in present.items() if there)
