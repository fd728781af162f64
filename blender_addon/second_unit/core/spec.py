# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot as the artist set it up, free of bpy: what the panel's properties become before anything runs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from ..protocol.grid import Rate
from ..protocol.late import frozen
from ..protocol.shot import Lineage, PostStep, Quality, SourceUse

STYLE_PICTURE = "style"  # stands for a reference's uid


class ReferenceSource(StrEnum):
    FILE = "FILE"  # a picture on disk; ``path`` is absolute
    IMAGE = "IMAGE"  # an image in the .blend; ``image`` is its name
    CAPTURE = "CAPTURE"  # a picture that Second Unit captured; ``path`` is absolute


@frozen
class ReferenceSpec:
    """``role`` is what sentences call the picture: of a reference, or of a character."""

    uid: str
    name: str
    scene_frame: float
    source: ReferenceSource
    path: str = ""
    image: str = ""
    strength: float = 1.0
    role: str = "reference"


@frozen
class CharacterSpec:
    """Someone or something that must look like its pictures wherever it appears; their frame has no meaning."""

    name: str
    pictures: tuple[ReferenceSpec, ...]
    strength: float = 1.0


@frozen
class LoraSpec:
    """``name``: of a file in the daemon's folder of LoRAs, without its ending."""

    name: str
    strength: float = 1.0


@frozen
class SourceSpec:
    """A clip that the shot starts from; ``scene_frame`` is when its first frame is seen, ``rate`` its frames a second.

    ``problem``: why it cannot be used as it is; empty where it can. Of its frames ``count`` from ``first`` on are used.
    """

    path: str
    scene_frame: float
    rate: Rate
    use: SourceUse = SourceUse.EDIT
    strength: float = 1.0
    problem: str = ""
    first: int = 0
    count: int | None = None


class RegionKind(StrEnum):
    OBJECT = "OBJECT"
    MATERIAL = "MATERIAL"
    COLLECTION = "COLLECTION"


@frozen
class RegionSpec:
    """Where a clip may be changed: where one of these is seen, or with ``invert`` everywhere else.

    ``name`` is empty where none is chosen yet.
    """

    kind: RegionKind
    name: str
    invert: bool = False

    @property
    def words(self) -> str:
        """As a sentence names it: "object Cup"."""
        return f"{'all but ' if self.invert else ''}{self.kind.value.lower()} {self.name}"


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
    style_picture: str = ""  # absolute path; empty: none
    style_strength: float = 1.0
    fit_references: bool = True
    seed: int = 0
    motion_strength: float = 0.5
    quality: Quality = Quality.STANDARD
    capture_colour: bool = True
    region: RegionSpec | None = None  # None: everywhere
    capture_labels: bool = False  # which object and material is seen where
    references: tuple[ReferenceSpec, ...] = ()
    characters: tuple[CharacterSpec, ...] = ()
    loras: tuple[LoraSpec, ...] = ()
    source: SourceSpec | None = None
    post: tuple[PostStep, ...] = ()  # the finishing
    lineage: Lineage | None = None  # what an edit is made from
    # Where a marker goes over to another camera inside the shot, if it has none of its own: (scene frame, its name)
    camera_switch: tuple[int, str] | None = None

    @property
    def goes_on(self) -> bool:
        """Whether a clip's known frames are pictures enough to begin with."""
        return self.source is not None and self.source.use is SourceUse.EXTEND

    @property
    def pictures(self) -> tuple[ReferenceSpec, ...]:
        """Every picture that goes with the shot."""
        style = ReferenceSpec(
            STYLE_PICTURE,
            Path(self.style_picture).name,
            0.0,
            ReferenceSource.FILE,
            self.style_picture,
            role="the style",
        )
        of_characters = (picture for character in self.characters for picture in character.pictures)
        return (*self.references, *of_characters, *([style] if self.style_picture else []))
