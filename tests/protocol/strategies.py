# SPDX-License-Identifier: GPL-3.0-or-later
"""Hypothesis strategies for every message, made from the classes' own annotations."""

from __future__ import annotations

import math
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
from hypothesis import strategies as st
from second_unit_protocol import messages as m
from second_unit_protocol.grid import FrameGrid, Rate, SceneRange
from second_unit_protocol.limits import MAX_RETRIES, MAX_SEED, MAX_SIDE, MIN_SIDE
from second_unit_protocol.planes import ITEM_BYTES
from second_unit_protocol.shot import (
    Array,
    BlobRef,
    Character,
    Crop,
    Lora,
    Optics,
    Reference,
    RegionMotion,
    ShotRequest,
    SourceClip,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
INTEGERS = st.integers(-(2**63), 2**64 - 1)
FLOATS = st.floats(allow_nan=False)
UNIT = st.floats(0, 1)
COUNTS = st.integers(0, 2**40)
DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)
JOB_IDS = st.text("0123456789abcdef", min_size=32, max_size=32)

# Fields with a validator of their own.
FIELDS: dict[tuple[type, str], st.SearchStrategy[Any]] = {
    (BlobRef, "digest"): DIGESTS,
    (BlobRef, "size"): COUNTS,
    (Rate, "num"): st.integers(1, 120_000),
    (Rate, "den"): st.integers(1, 1001),
    (SceneRange, "handle_before"): COUNTS,
    (SceneRange, "handle_after"): COUNTS,
    (FrameGrid, "count"): st.integers(1, 10_000),
    (FrameGrid, "start_den"): st.integers(1, 1001),
    (Reference, "scene_frame"): st.floats(allow_nan=False, allow_infinity=False),
    (Reference, "strength"): UNIT,
    (Crop, "left"): st.floats(-2, 0.4),
    (Crop, "top"): st.floats(-2, 0.4),
    (Crop, "right"): st.floats(0.6, 2),
    (Crop, "bottom"): st.floats(0.6, 2),
    (SourceClip, "scene_frame"): st.floats(allow_nan=False, allow_infinity=False),
    (SourceClip, "strength"): UNIT,
    (SourceClip, "first"): COUNTS,
    (Character, "strength"): UNIT,
    (RegionMotion, "sway_right_px"): st.floats(-99, 99),
    (RegionMotion, "sway_down_px"): st.floats(-99, 99),
    (RegionMotion, "sway_s"): st.floats(0.1, 99),
    (Lora, "name"): st.text("abcXYZ019 ._-+", min_size=0, max_size=8).map(lambda tail: f"L{tail}"),
    (Lora, "strength"): st.floats(-4, 4),
    (Optics, "shutter_s"): st.floats(0, 10),
    (Optics, "shutter_open_s"): st.floats(allow_nan=False, allow_infinity=False),
    (ShotRequest, "width"): st.integers(MIN_SIDE, MAX_SIDE),
    (ShotRequest, "height"): st.integers(MIN_SIDE, MAX_SIDE),
    (ShotRequest, "seed"): st.integers(0, MAX_SEED),
    (ShotRequest, "retries"): st.integers(0, MAX_RETRIES),
    (ShotRequest, "motion_strength"): UNIT,
    (ShotRequest, "style_strength"): UNIT,
    (m.Submit, "job_id"): JOB_IDS,
    (m.ListJobs, "limit"): st.integers(1, m.MAX_JOBS_LISTED),
    (m.GetChunk, "offset"): COUNTS,
    (m.GetChunk, "length"): st.integers(0, m.CHUNK_BYTES),
}


@st.composite
def arrays(draw: st.DrawFn) -> Array:
    dtype = draw(st.sampled_from(sorted(ITEM_BYTES)))
    shape = tuple(draw(st.lists(st.integers(0, 3), max_size=3)))
    size = ITEM_BYTES[dtype] * math.prod(shape)
    return Array(dtype, shape, draw(st.binary(min_size=size, max_size=size)))


PRIMITIVES: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT, int: INTEGERS, float: FLOATS, bool: st.booleans(), bytes: st.binary(max_size=64), NoneType: st.none(),
    Array: arrays(),
}  # fmt: skip


def of(annotation: Any) -> st.SearchStrategy[Any]:
    """Values of an annotation that occurs in a message."""
    if annotation in PRIMITIVES:
        return PRIMITIVES[annotation]
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is tuple:
        return st.lists(of(parts[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(TEXT, of(parts[1]), max_size=2)
    if origin in (Union, UnionType):
        return st.one_of([of(part) for part in sorted(parts, key=lambda p: p is not NoneType)])
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    return instances(annotation)


def instances(cls: type) -> st.SearchStrategy[Any]:
    """Instances of an attrs class, all fields drawn."""
    hints = get_type_hints(cls)
    drawn = {a.name: FIELDS[cls, a.name] if (cls, a.name) in FIELDS else of(hints[a.name]) for a in attrs.fields(cls)}
    return st.builds(cls, **drawn)
