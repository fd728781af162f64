# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a render needs, as facts of the scene in canonical form. Engines derive what they want.

Canonical forms: cameras are camera-to-world 4×4 in OpenCV axes (x right, y down, z forward), world in metres with
Blender's axes (z up) and the scene's unit scale applied; intrinsics are 3×3 in pixels, pixel centres at +0.5; depth
is planar z in metres, float32, +inf where there is nothing; colour is display-referred sRGB uint8.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING

from .grid import FrameGrid, Rate, SceneRange
from .late import Factory, and_, field, frozen, ge, gt, le, matches_re
from .limits import MAX_LORA_STRENGTH, MAX_RETRIES, MAX_SEED, MAX_SIDE, MIN_SIDE
from .planes import ITEM_BYTES

if TYPE_CHECKING:
    from attrs import Attribute

MAX_DIMENSIONS = 8

SEEN_COLUMNS = 4  # of a row '<u4': clip frame, pixel (row-major in the planes), reference, whether it sees that surface

DIGEST = r"[0-9a-f]{64}"  # a digest names a file on the daemon's disk, so nothing else may pass for one

LORA_NAME = r"[\w][\w .+-]{0,127}"  # a file's name, never a path

Scalar = str | int | float | bool


def finite(instance: object, attribute: Attribute[float], value: float) -> None:
    """An attrs validator: refuses NaN and infinity, with ValueError."""
    if not math.isfinite(value):
        raise ValueError(f"{attribute.name} must be a finite number, not {value}")


@frozen
class BlobRef:
    """Content address of a blob: SHA-256 of its bytes as 64 hex digits, and its size in bytes."""

    digest: str = field(validator=matches_re(DIGEST))
    size: int = field(validator=ge(0))


@frozen
class Array:
    """A small dense array inside a message: C order, little-endian; dtype as numpy writes it ('<f8').

    Raises ValueError where ``data`` does not fill ``shape`` exactly.
    """

    dtype: str
    shape: tuple[int, ...]
    data: bytes = field(repr=False)

    def __attrs_post_init__(self) -> None:
        if self.dtype not in ITEM_BYTES:
            raise ValueError(f"dtype must be one of {', '.join(ITEM_BYTES)}, not {self.dtype!r}")
        if len(self.shape) > MAX_DIMENSIONS or any(side < 0 for side in self.shape):
            raise ValueError(f"shape {self.shape} is not the shape of an array")
        expected = ITEM_BYTES[self.dtype] * math.prod(self.shape)
        if len(self.data) != expected:
            raise ValueError(f"{len(self.data)} bytes do not fill {self.shape} of {self.dtype}")


class PlaneKind(StrEnum):
    COLOUR = "colour"  # (H, W, 3) uint8, display-referred sRGB
    DEPTH = "depth"  # (H, W) float32, planar metres, +inf = nothing
    INDEX = "index"  # (H, W) uint16, 0 = does not move, n = track n of Motion
    REGION = "region"  # (H, W) uint8, 255 = may be changed, 0 = stays as it is
    OBJECT = "object"  # (H, W) uint16, 0 = nothing, n = name n of Labels
    MATERIAL = "material"  # (H, W) uint16, 0 = nothing or no material, n = name n of Labels


@frozen
class PlaneSequence:
    """One plane per clip frame; each blob is a packed plane (see planes.py)."""

    kind: PlaneKind
    width: int
    height: int
    frames: tuple[BlobRef, ...]


@frozen
class CameraPath:
    """Camera at every clip frame: ``c2w`` '<f8' (F, 4, 4), ``intrinsics`` '<f8' (F, 3, 3) for the capture size."""

    c2w: Array
    intrinsics: Array


@frozen
class Optics:
    """What shutter and lens would blur, which every captured picture leaves out; for those who want to add it.

    The shutter opens ``shutter_open_s`` after a frame's time (before it where negative) for ``shutter_s``, 0 without
    motion blur. ``f_stop`` and ``focus_m`` '<f8' (F,): at the clip frames; +inf f-stop where everything is sharp, focus
    as planar metres from the camera.
    """

    shutter_s: float = field(validator=and_(finite, ge(0.0)))
    shutter_open_s: float = field(validator=finite)
    f_stop: Array
    focus_m: Array


class TrackKind(StrEnum):
    RIGID = "rigid"  # one affine object-to-world matrix per time
    DEFORMING = "deforming"  # a mesh whose topology lasts: Deformation has its vertices at every time
    UNKNOWN = "unknown"  # changes in a way that cannot be followed: its pixels are known at their own time only


@frozen
class Track:
    """One thing that moves; its number in the index plane is its place in Motion.tracks, counted from 1.

    ``mesh`` is a deforming thing's place among Deformation's meshes, counted from 0; instances may share one.
    """

    name: str
    kind: TrackKind
    mesh: int | None = None


@frozen
class Deformation:
    """Meshes that deform and keep their topology; a blob has those of all meshes, one after another.

    ``triangles``: packed '<u4' (M, 3), corners as rows of ``positions``; ``triangle_counts`` says how many each mesh
    has. ``positions``: packed '<f4' (V, 3) per clip frame, vertices in the object's own axes in metres, which the
    track's matrix takes to the world; NaN where the thing is not there at that time.
    """

    triangles: BlobRef
    triangle_counts: tuple[int, ...]
    positions: tuple[BlobRef, ...]


@frozen
class Motion:
    """Where moving things are. ``matrices`` '<f8' (F, N, 4, 4), object-to-world in metres at the clip frames."""

    tracks: tuple[Track, ...]
    matrices: Array
    deformation: Deformation | None = None


@frozen
class Labels:
    """Planes of numbers, and what each stands for: number n is entry n - 1 of ``names``.

    ``collections``: of objects, the collections that hold each one.
    """

    planes: PlaneSequence
    names: tuple[str, ...]
    collections: tuple[tuple[str, ...], ...] = ()


@frozen
class Crop:
    """A rectangle as shares of planes' width and height: 0, 0, 1, 1 is all of them; it may reach beyond."""

    left: float = field(validator=finite)
    top: float = field(validator=finite)
    right: float = field(validator=finite)
    bottom: float = field(validator=finite)

    def __attrs_post_init__(self) -> None:
        if not (self.left < self.right and self.top < self.bottom):
            raise ValueError(f"left must be less than right and top less than bottom, not {self}")


@frozen
class Reference:
    """A picture pinned to a scene frame, with the geometry that its camera sees at that time: the shot's, or another.

    ``image`` is the picture file (PNG, JPEG …) as the artist gave it; ``c2w`` '<f8' (4, 4) and ``intrinsics`` '<f8'
    (3, 3) belong to the planes' size; ``matrices`` '<f8' (N, 4, 4) are Motion's tracks at this time, ``positions`` the
    vertices of its deforming meshes. ``crop`` says which part of the planes the picture shows; None: the delivered
    picture's part, or as much of its middle as a picture of another aspect has room for.
    """

    name: str
    scene_frame: float = field(validator=finite)
    image: BlobRef
    c2w: Array
    intrinsics: Array
    width: int
    height: int
    depth: BlobRef | None = None
    index: BlobRef | None = None
    matrices: Array | None = None
    positions: BlobRef | None = None
    strength: float = field(default=1.0, validator=and_(ge(0.0), le(1.0)))
    crop: Crop | None = None


class SourceUse(StrEnum):
    EDIT = "edit"  # changed inside the region, everywhere where there is no region
    EXTEND = "extend"  # kept as it is; the shot goes on before or after it


@frozen
class SourceClip:
    """A clip that the shot starts from. ``video`` is a file; its frame k shows scene time ``scene_frame`` + k / rate.

    ``strength``: how far an edit may go from it; 0 keeps it, 1 is free. Of the file only ``count`` frames from frame
    ``first`` on count (None: all that follow), as where a strip is trimmed.
    """

    video: BlobRef
    scene_frame: float = field(validator=finite)
    rate: Rate
    use: SourceUse = SourceUse.EDIT
    strength: float = field(default=1.0, validator=and_(ge(0.0), le(1.0)))
    first: int = field(default=0, validator=ge(0))
    count: int | None = None


@frozen
class RegionMotion:
    """A part of the source clip that moves otherwise than the clip shows it.

    ``region``: the part as the clip shows it. ``path`` '<f8' (F, 2): how far it has gone at each clip frame, pixels
    right and down. ``sway_right_px`` and ``sway_down_px``: how far its middle swings to each side, once in ``sway_s``;
    its edge stays.
    """

    name: str
    region: PlaneSequence
    path: Array
    sway_right_px: float = field(default=0.0, validator=finite)
    sway_down_px: float = field(default=0.0, validator=finite)
    sway_s: float = field(default=2.0, validator=and_(finite, gt(0.0)))


@frozen
class Lineage:
    """What a clip was made from: how (``edit``: extend, remix, final …) and of which jobs or files (``parents``).

    ``alike``: a clip of the same shot; how much this one looks like it is measured.
    """

    edit: str
    parents: tuple[str, ...] = ()
    alike: BlobRef | None = None


@frozen
class Character:
    """Someone or something that must look like ``image`` (a picture file) wherever it appears."""

    name: str
    image: BlobRef
    strength: float = field(default=1.0, validator=and_(ge(0.0), le(1.0)))


@frozen
class Lora:
    """Adapter weights by the name of their file in the daemon's ``loras`` folder, without ``.safetensors``."""

    name: str = field(validator=matches_re(LORA_NAME))
    strength: float = field(default=1.0, validator=and_(ge(-MAX_LORA_STRENGTH), le(MAX_LORA_STRENGTH)))


class Quality(StrEnum):
    DRAFT = "draft"
    STANDARD = "standard"
    FINAL = "final"


@frozen
class PostStep:
    """One step of the finishing after the engine ("upscale", "sound" …); ``options`` are the step's own settings."""

    step: str
    options: dict[str, Scalar] = Factory(dict)


@frozen
class SceneFacts:
    """Where the shot comes from; goes into the clip's provenance.

    ``stand_in``: no scene is known. Depth, if there is any, stands in for one, and no camera is kept to.
    """

    blend_file: str = ""
    scene: str = ""
    camera: str = ""
    view_transform: str = ""
    blender_version: str = ""
    addon_version: str = ""
    stand_in: bool = False


@frozen
class ShotRequest:
    """One clip, asked for. ``width`` × ``height`` is what the artist gets; planes may be larger (centred crop)."""

    shot_id: str
    shot_name: str
    engine: str
    delivery: SceneRange
    grid: FrameGrid
    width: int = field(validator=and_(ge(MIN_SIDE), le(MAX_SIDE)))
    height: int = field(validator=and_(ge(MIN_SIDE), le(MAX_SIDE)))
    camera: CameraPath
    depth: PlaneSequence | None = None
    colour: PlaneSequence | None = None
    index: PlaneSequence | None = None
    motion: Motion | None = None
    references: tuple[Reference, ...] = ()
    source: SourceClip | None = None
    region: PlaneSequence | None = None
    characters: tuple[Character, ...] = ()
    loras: tuple[Lora, ...] = ()
    prompt: str = ""
    negative_prompt: str = ""
    style: str = ""
    style_picture: BlobRef | None = None  # a picture file whose look the clip is to have; before ``style``
    style_strength: float = field(default=1.0, validator=and_(ge(0.0), le(1.0)))
    fit_references: bool = True  # measure whether they fit their geometry; align what is little off, refuse the rest
    seed: int = field(default=0, validator=and_(ge(0), le(MAX_SEED)))
    motion_strength: float = field(default=0.5, validator=and_(ge(0.0), le(1.0)))
    quality: Quality = Quality.STANDARD
    options: dict[str, Scalar] = Factory(dict)
    facts: SceneFacts = Factory(SceneFacts)
    objects: Labels | None = None
    materials: Labels | None = None
    optics: Optics | None = None
    post: tuple[PostStep, ...] = ()  # in this order, on the clip alone: the master stays as the engine made it
    retries: int = field(default=0, validator=and_(ge(0), le(MAX_RETRIES)))  # with the next seeds, camera not kept
    lineage: Lineage | None = None
    moving: tuple[RegionMotion, ...] = ()  # the later over the earlier
    seen: BlobRef | None = None  # see ``SEEN_COLUMNS``

    def blobs(self) -> tuple[BlobRef, ...]:
        """Every blob that must be on the daemon before the job can run, each once."""
        named: list[BlobRef | None] = [character.image for character in self.characters]
        labels = [found.planes for found in (self.objects, self.materials) if found]
        for planes in (self.depth, self.colour, self.index, self.region, *labels, *(m.region for m in self.moving)):
            named += planes.frames if planes else ()
        if self.motion is not None and (deformation := self.motion.deformation) is not None:
            named += [deformation.triangles, *deformation.positions]
        for reference in self.references:
            named += [reference.image, reference.depth, reference.index, reference.positions]
        named += [self.source.video if self.source else None, self.lineage.alike if self.lineage else None]
        named += [self.style_picture, self.seen]
        return tuple({ref.digest: ref for ref in named if ref is not None}.values())
