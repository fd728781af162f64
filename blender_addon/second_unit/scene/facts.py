# SPDX-License-Identifier: GPL-3.0-or-later
"""What the shot's rules and its provenance need to know of the scene."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..core.camera import upright
from ..core.pictures import size_of
from ..core.rules import PictureFacts, ShotFacts
from ..core.spec import ReferenceSource, ReferenceSpec, ShotSpec
from ..protocol.shot import SceneFacts


def read_facts(spec: ShotSpec, needs_references: bool) -> ShotFacts:
    """Facts for :func:`core.rules.check`; cheap enough for a panel, pictures are not decoded."""
    scene = bpy.data.scenes.get(spec.scene)
    camera = scene.objects.get(spec.camera) if scene and spec.camera else None
    if camera is not None and camera.type != "CAMERA":
        camera = None
    return ShotFacts(
        camera_type=camera.data.type if camera else "",
        camera_upright=camera is None or upright(camera.matrix_world) is not None,
        needs_references=needs_references,
        pictures={reference.uid: picture_facts(reference) for reference in spec.references},
        saved=bool(bpy.data.filepath),
    )


def picture_facts(reference: ReferenceSpec) -> PictureFacts:
    """Whether a reference's picture is there, and its size where its header tells."""
    if reference.source is ReferenceSource.IMAGE:
        image = bpy.data.images.get(reference.image) if reference.image else None
        if image is None or not (image.has_data or image.packed_file or image.source in {"GENERATED", "VIEWER"}):
            stored = Path(bpy.path.abspath(image.filepath)) if image and image.filepath else None
            if stored is None or not stored.is_file():
                return PictureFacts(found=False)
        return PictureFacts(True, *image.size)
    path = Path(reference.path)
    try:
        size = size_of(path) if reference.path and path.is_file() else None
    except OSError:
        return PictureFacts(found=False)
    if size is None:
        return PictureFacts(found=bool(reference.path) and path.is_file())
    return PictureFacts(True, *size)


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
