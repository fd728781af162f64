# SPDX-License-Identifier: GPL-3.0-or-later
"""Pinning what lies elsewhere in Blender: a strip's frame, an image of an asset browser, a file that is dropped."""

from pathlib import Path

import bpy
from bpy.props import StringProperty

from ...protocol.errors import SecondUnitError
from ...sequencer import compat, frames, picked
from ..active import OnShot, active_shot
from . import operators as ops


class SECOND_UNIT_OT_reference_add_strip(OnShot, bpy.types.Operator):
    """Pin what the strip at the sequencer's playhead shows there to the current frame, of several image strips that are
    selected each one's picture to the frame that it begins at"""

    bl_idname = "second_unit.reference_add_strip"
    bl_label = "Pin Strip's Frame"

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = picked.scene_of(context)
        stills = picked.chosen(context, "IMAGE") if scene == context.scene else []
        if len(stills) > 1:
            return self._pin_each(context, stills)
        frame = scene.frame_current
        try:
            strip = frames.under_playhead(scene)
            if strip.type == "IMAGE":
                path, source = frames.picture_at(strip, frame), "FILE"
            else:
                path, source = ops.free_path(f"{Path(strip.name).stem}_{frame}"), "CAPTURE"
                frames.write_frame(strip, scene, path)
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}
        ops.pin(context, source, f"{strip.name} {frame}", path=ops.blend_path(str(path)))
        return {"FINISHED"}

    def _pin_each(self, context: bpy.types.Context, strips: list[bpy.types.Strip]) -> set[str]:
        try:
            pictures = [(strip, frames.picture_at(strip, compat.left(strip))) for strip in strips]
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}
        for strip, path in pictures:
            ops.pin(context, "FILE", strip.name, path=ops.blend_path(str(path))).scene_frame = compat.left(strip)
        return {"FINISHED"}


class SECOND_UNIT_OT_reference_add_asset(OnShot, bpy.types.Operator):
    """Pin the image that is chosen in an asset browser to the current frame"""

    bl_idname = "second_unit.reference_add_asset"
    bl_label = "Pin Asset"

    library: StringProperty(
        name="Library",
        description="The .blend that has the image; empty for what is chosen in an asset browser",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"},
    )
    image: StringProperty(name="Image", description="Name of the image in the library", options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            image = _from_library(self.library, self.image) if self.library else _chosen(context)
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}
        ops.pin(context, "IMAGE", image.name, image=image)
        return {"FINISHED"}


class SECOND_UNIT_FH_reference(bpy.types.FileHandler):
    """Pictures that are dropped onto a 3D viewport become references of its shot."""

    bl_idname = "SECOND_UNIT_FH_reference"
    bl_label = "Second Unit: Reference"
    bl_import_operator = ops.SECOND_UNIT_OT_reference_add_file.bl_idname
    bl_file_extensions = ";".join(ops.PICTURES)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        return bool(context.area and context.area.type == "VIEW_3D" and active_shot(context.scene))


def draw_in_asset_browser(self, context: bpy.types.Context) -> None:
    """In the menu of an image that is clicked with the right button."""
    if _is_image(getattr(context, "asset", None)):
        self.layout.separator()
        self.layout.operator(SECOND_UNIT_OT_reference_add_asset.bl_idname, icon="IMAGE_DATA")


def _chosen(context: bpy.types.Context) -> bpy.types.Image:
    """The image of an open asset browser; one of another file is appended. Raises SecondUnitError."""
    assets = [getattr(context, "asset", None)]
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.ui_type == "ASSETS":
                with context.temp_override(window=window, area=area):
                    assets.append(getattr(context, "asset", None))
    asset = next((asset for asset in assets if _is_image(asset)), None)
    if asset is None:
        raise picked.refused("No image is chosen in an asset browser", _how_to_choose())
    return asset.local_id or _from_library(asset.full_library_path, asset.name)


def _how_to_choose() -> str:
    """Blender lists images as assets only where an experimental preference asks for it."""
    if bpy.context.preferences.experimental.use_extended_asset_browser:
        return "Open one and click an image there; its filter has to let images through"
    return (
        "Blender shows images there with Extended Asset Browser in its preferences (Experimental, by Developer Extras)"
    )


def _is_image(asset) -> bool:
    return asset is not None and asset.id_type == "IMAGE"


def _from_library(library: str, name: str) -> bpy.types.Image:
    from ...protocol.errors import ErrorCode

    path = Path(bpy.path.abspath(library))
    if not path.is_file():
        remedy = "Where it is an online library, let Blender fetch the asset first"
        raise SecondUnitError(ErrorCode.FILE_GONE, f"The asset {name} is not at {library or path}", remedy=remedy)
    once = {"reuse_local_id": True} if bpy.app.version >= (5,) else {}  # 4.5 appends an image anew each time
    with bpy.data.libraries.load(str(path), link=False, **once) as (has, wanted):
        if name in has.images:
            wanted.images = [name]
    if not wanted.images:
        raise picked.refused(f"{path.name} has no image called {name}", "Choose another")
    wanted.images[0].asset_clear()  # the copy in this file is none
    return wanted.images[0]


CLASSES = (SECOND_UNIT_OT_reference_add_strip, SECOND_UNIT_OT_reference_add_asset, SECOND_UNIT_FH_reference)
