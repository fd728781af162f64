# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot as the artist set it up, free of bpy: what the panel's properties become before anything runs."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from ..protocol.grid import Rate
from ..protocol.shot import Quality


class ReferenceSource(StrEnum):
    FILE = "FILE"  # a picture on disk; ``path`` is absolute
    IMAGE = "IMAGE"  # an image in the .blend; ``image`` is its name
    CAPTURE = "CAPTURE"  # a picture that Second Unit captured; ``path`` is absolute


@frozen
class ReferenceSpec:
    uid: str
    name: str
    scene_frame: float
    source: ReferenceSource
    path: str = ""
    image: str = ""
    strength: float = 1.0


class RegionKind(StrEnum):
    OBJECT = "OBJECT"
    MATERIAL = "MATERIAL"
    COLLECTION = "COLLECTION"


@frozen
class RegionSpec:
    """Where a clip may be changed: where one of these is seen. ``name`` is empty where none is chosen yet."""

    kind: RegionKind
    name: str

    @property
    def words(self) -> str:
        """As a sentence names it: "object Cup"."""
        return f"{self.kind.value.lower()} {self.name}"


@frozen
class ShotSpec:
    """``frame_start`` … ``frame_end`` are whole scene frames, both shown; handles come on top of them."""

    uid: str
    name: str
    scene: str
    view_layer: str
    camera: str  # object name; empty: none found
    frame_start: int
    frame_end: int
    handle_before: int
    handle_after: int
    scene_rate: Rate
    width: int
    height: int
    engine: str
    prompt: str = ""
    negative_prompt: str = ""
    style: str = ""
    seed: int = 0
    motion_strength: float = 0.5
    quality: Quality = Quality.STANDARD
    capture_colour: bool = True
    region: RegionSpec | None = None  # None: everywhere
    capture_labels: bool = False  # which object and material is seen where
    references: tuple[ReferenceSpec, ...] = ()
