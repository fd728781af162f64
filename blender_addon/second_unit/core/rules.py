# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold before a shot can be captured, each with a sentence of its own."""

from __future__ import annotations

import re

from ..protocol.errors import REMEDY, ErrorCode, ErrorInfo
from ..protocol.late import Factory, frozen
from ..protocol.limits import MAX_SIDE, MIN_SIDE
from ..protocol.shot import LORA_NAME
from .finishing import told
from .spec import ReferenceSource, ReferenceSpec, RegionSpec, ShotSpec

ASPECT_TOLERANCE = 0.01
MOST_NAMES = 4  # in one sentence of the panel
ANY_ASPECT = ("projection",)  # engines that take the picture for the middle of the frame, see docs/conditioning.md


@frozen
class PictureFacts:
    """What is known of a reference's picture; a size of 0 × 0 is unknown."""

    found: bool
    width: int = 0
    height: int = 0


@frozen
class ShotFacts:
    """What the scene says about a shot: all that the rules need, free of bpy.

    ``camera_type`` is Blender's ("PERSP", "ORTHO", "PANO"), empty where the shot's camera does not exist.
    ``camera_upright`` is false where it is mirrored, flat or sheared. ``pictures`` are by the reference's uid.
    ``region_found``: whether what the shot's region is made of is there.
    """

    camera_type: str = ""
    camera_upright: bool = True
    needs_references: bool = False
    pictures: dict[str, PictureFacts] = Factory(dict)
    region_found: bool = True
    source_found: bool | None = None  # None: not known yet, or there is none
    saved: bool = True


def check(spec: ShotSpec, facts: ShotFacts) -> list[ErrorInfo]:
    """Everything that keeps the shot from being captured, the gravest first; empty where it can be."""
    found = [*_camera(spec, facts), *_frames(spec), *_size(spec)]
    if spec.region is not None and not facts.region_found:
        found.append(_error(spec, ErrorCode.NO_REGION, region_missing(spec.region)))
    if facts.needs_references and not spec.references and not spec.goes_on:
        found.append(_error(spec, ErrorCode.NO_REFERENCE, "The engine paints from pictures and the shot has none"))
    for reference in spec.references:
        found += _reference(spec, reference, facts)
    for picture in spec.pictures[len(spec.references) :]:
        found += _picture(spec, picture, facts)
    return [*found, *_characters(spec), *_loras(spec), *_source(spec, facts)]


def notes(spec: ShotSpec, facts: ShotFacts) -> list[str]:
    """What the artist should know although it keeps nothing from being shot."""
    found = []
    if not facts.saved:
        found.append("The .blend is not saved yet: takes go to your user folder until it is")
    if not spec.references and not facts.needs_references:
        found.append("No reference frame is pinned: the engine invents every surface")
    for side, pixels in (("width", spec.width), ("height", spec.height)):
        if pixels % 2:
            found.append(f"The {side} is odd ({pixels}): the MP4 is padded by one pixel")
    if said := told(spec.post, spec.width, spec.height):
        found.append(said)
    return found


def surface_notes(left_out: list[str], refused: list[str]) -> list[str]:
    """What a capture leaves out (objects without a surface), and materials that show other things than themselves."""
    found = []
    if left_out:
        found.append(f"Volumes and Grease Pencil have no surface: {_some(left_out)} left out of depth and motion")
    if refused:
        found.append(f"Mirrors and glass are not carried along the camera: {_some(refused)}")
    return found


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _error(spec: ShotSpec, code: ErrorCode, cause: str, remedy: str = "") -> ErrorInfo:
    return ErrorInfo(code, cause, remedy or REMEDY[code], spec.name)


def _camera(spec: ShotSpec, facts: ShotFacts) -> list[ErrorInfo]:
    if not spec.camera or not facts.camera_type:
        named = (
            f"The camera {spec.camera} is not in the scene {spec.scene}" if spec.camera else "The shot has no camera"
        )
        return [_error(spec, ErrorCode.NO_CAMERA, named)]
    if facts.camera_type != "PERSP":
        kind = {"ORTHO": "orthographic", "PANO": "panoramic"}.get(facts.camera_type, "not perspective")
        return [_error(spec, ErrorCode.CAMERA_NOT_PERSPECTIVE, f"The camera {spec.camera} is {kind}")]
    if not facts.camera_upright:
        return [not_upright(spec)]
    if spec.camera_switch is not None:
        frame, other = spec.camera_switch
        cause = f"A marker goes over from the camera {spec.camera} to {other} at frame {frame}, inside the shot"
        remedy = f"End the shot at frame {frame - 1} and shoot the rest as another, or choose one camera for it"
        return [_error(spec, ErrorCode.NO_CAMERA, cause, remedy)]
    return []


def not_upright(spec: ShotSpec) -> ErrorInfo:
    """The camera is mirrored, flat or sheared."""
    cause = f"The camera {spec.camera} is mirrored, flat or sheared by its own scale or a parent's"
    return _error(spec, ErrorCode.CAMERA_NOT_PERSPECTIVE, cause, "Apply the scale of the camera and of its parents")


def region_missing(region: RegionSpec) -> str:
    """The cause, where what a region is made of is not there."""
    return f"The region's {region.words} is gone" if region.name else f"The region has no {region.kind.value.lower()}"


def _frames(spec: ShotSpec) -> list[ErrorInfo]:
    if spec.frame_end >= spec.frame_start:
        return []
    cause = f"The range is empty: it ends at frame {spec.frame_end}, before its start at {spec.frame_start}"
    return [_error(spec, ErrorCode.EMPTY_RANGE, cause)]


def _size(spec: ShotSpec) -> list[ErrorInfo]:
    if all(MIN_SIDE <= side <= MAX_SIDE for side in (spec.width, spec.height)):
        return []
    return [_error(spec, ErrorCode.BAD_SIZE, f"The size {spec.width} × {spec.height} is out of range")]


def _reference(spec: ShotSpec, reference: ReferenceSpec, facts: ShotFacts) -> list[ErrorInfo]:
    name = reference.name
    found = []
    first, last = spec.frame_start - spec.handle_before, spec.frame_end + spec.handle_after
    if first <= last and not first <= reference.scene_frame <= last:
        place = f"{reference.scene_frame:g}"
        cause = f"Reference {name} is pinned to frame {place}, outside the range {first} to {last}"
        found.append(_error(spec, ErrorCode.REFERENCE_OUTSIDE, cause))
    if missing := _picture(spec, reference, facts):
        return found + missing
    picture = facts.pictures.get(reference.uid)
    if picture and picture.height and not _fits(spec, picture.width, picture.height):
        cause = (
            f"Reference {name} is {picture.width} × {picture.height} ({picture.width / picture.height:.3f} : 1), "
            f"the shot {spec.width} × {spec.height} ({spec.width / spec.height:.3f} : 1)"
        )
        found.append(_error(spec, ErrorCode.REFERENCE_ASPECT, cause))
    return found


def _picture(spec: ShotSpec, reference: ReferenceSpec, facts: ShotFacts) -> list[ErrorInfo]:
    picture = facts.pictures.get(reference.uid)
    if picture is None or picture.found:
        return []
    what, role = reference.image if reference.source is ReferenceSource.IMAGE else reference.path, reference.role
    named = f"The picture of {role} {reference.name} is missing: {what}"
    return [
        _error(spec, ErrorCode.REFERENCE_MISSING, named if what else f"{role.title()} {reference.name} has no picture")
    ]


def _characters(spec: ShotSpec) -> list[ErrorInfo]:
    return [
        _error(
            spec,
            ErrorCode.BAD_REQUEST,
            f"The character {character.name} has no picture",
            "Add a picture of it, or take it off the shot",
        )
        for character in spec.characters
        if not character.pictures
    ]


def _loras(spec: ShotSpec) -> list[ErrorInfo]:
    wrong = [lora.name for lora in spec.loras if not re.fullmatch(LORA_NAME, lora.name)]
    remedy = "Choose one of the daemon's, or take it off the shot"
    return [_error(spec, ErrorCode.BAD_REQUEST, f"A LoRA cannot be called {name!r}", remedy) for name in wrong]


def _source(spec: ShotSpec, facts: ShotFacts) -> list[ErrorInfo]:
    source = spec.source
    if source is None:
        return []
    remedy = "Choose another source clip, or none"
    if source.problem:
        return [_error(spec, ErrorCode.BAD_REQUEST, source.problem, remedy)]
    if facts.source_found is False:
        return [_error(spec, ErrorCode.FILE_GONE, f"The source clip is missing: {source.path}", remedy)]
    return []


def _fits(spec: ShotSpec, width: int, height: int) -> bool:
    return spec.engine in ANY_ASPECT or same_aspect((width, height), (spec.width, spec.height))


def same_aspect(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Whether two sizes have one aspect, to a per cent and never finer than one pixel of the smaller."""
    ratio = (a[0] * b[1]) / (a[1] * b[0])
    one_pixel = 1.0 / min(*a, *b)
    return abs(ratio - 1.0) <= max(ASPECT_TOLERANCE, one_pixel)
