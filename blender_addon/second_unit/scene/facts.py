# SPDX-License-Identifier: GPL-3.0-or-later
"""What the shot's rules and its provenance need to know of the scene."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bpy

from ..core.camera import upright
from ..core.pictures import size_of
from ..core.rules import PictureFacts, ShotFacts
from ..core.spec import ReferenceSource, ReferenceSpec, ShotSpec
from ..protocol.shot import SceneFacts
from .labels import region_of


def read_facts(
    spec: ShotSpec,
    needs_references: bool,
    picture: Callable[[ReferenceSpec], PictureFacts | None] | None = None,
    found: Callable[[Path], bool | None] | None = None,
) -> ShotFacts:
    """Facts for :func:`core.rules.check`. ``picture`` knows of a reference's picture and ``found`` whether a file is
    there; by default the disk is asked."""
    scene = bpy.data.scenes.get(spec.scene)
    camera = scene.objects.get(spec.camera) if scene and spec.camera else None
    if camera is not None and camera.type != "CAMERA":
        camera = None
    return ShotFacts(
        camera_type=camera.data.type if camera else "",
        camera_upright=camera is None or upright(camera.matrix_world) is not None,
        needs_references=needs_references,
        pictures={
            reference.uid: known
            for reference in spec.pictures
            if (known := (picture or picture_facts)(reference)) is not None
        },
        region_found=spec.region is None or region_of(spec.region) is not None,
        source_found=(found or _is_file)(Path(spec.source.path)) if spec.source and spec.source.path else None,
        saved=bool(bpy.data.filepath),
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def picture_file(reference: ReferenceSpec) -> Path | None:
    """The file that a reference's picture is still to be read from; None where Blender holds it, or there is none."""
    if reference.source is not ReferenceSource.IMAGE:
        return Path(reference.path) if reference.path else None
    image = bpy.data.images.get(reference.image) if reference.image else None
    if image is None or _is_held(image) or not image.filepath:
        return None
    return Path(bpy.path.abspath(image.filepath))


def picture_facts(reference: ReferenceSpec) -> PictureFacts:
    """Whether a reference's picture is there, and its size where its header tells."""
    path = picture_file(reference)
    if path is None:
        image = bpy.data.images.get(reference.image) if reference.image else None
        if image is None or not _is_held(image):
            return PictureFacts(found=False)
        return PictureFacts(True, *image.size)
    try:
        if not path.is_file():
            return PictureFacts(found=False)
        return PictureFacts(True, *(size_of(path) or (0, 0)))
    except OSError:
        return PictureFacts(found=False)


def _is_held(image: bpy.types.Image) -> bool:
    return bool(image.has_data or image.packed_file or image.source in {"GENERATED", "VIEWER"})


def provenance(scene: bpy.types.Scene, spec: ShotSpec, addon_version: str) -> SceneFacts:
    """Where the shot comes from, for the clip's metadata."""
    return SceneFacts(
        blend_file=Path(bpy.data.filepath).name,
        scene=scene.name,
        camera=spec.camera,
        view_transform=scene.view_settings.view_transform,
        blender_version=bpy.app.version_string,
        addon_version=addon_version,
    )
