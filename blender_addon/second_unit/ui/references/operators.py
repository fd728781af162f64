# SPDX-License-Identifier: GPL-3.0-or-later
"""Pinning pictures to frames: from disk, from the .blend, from the viewport or by a render."""

from pathlib import Path

import bpy
from bpy.props import EnumProperty, StringProperty

from ... import preferences
from ...capture import still
from ...link import current
from ...protocol.errors import SecondUnitError
from ..active import OnShot, active_shot, new_uid

DIRECTIONS = (("UP", "Up", "Towards the top of the list"), ("DOWN", "Down", "Towards the end of the list"))
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
STILLS = (
    ("VIEWPORT", "Viewport", "What the 3D viewport shows through the shot's camera"),
    ("RENDER", "Render", "A render with the scene's own settings"),
)


def pin(context: bpy.types.Context, source: str, name: str, *, path: str = "", image=None):
    """Adds a reference to the active shot at the current frame and makes it the active one."""
    shot = active_shot(context.scene)
    reference = shot.references.add()
    reference.uid = new_uid()
    reference.name = name
    reference.source = source
    reference.path = path
    reference.image = image
    reference.scene_frame = context.scene.frame_current_final
    shot.active_reference = len(shot.references) - 1
    return reference


class SECOND_UNIT_OT_reference_add_file(OnShot, bpy.types.Operator):
    """Pin a picture on disk to the current frame"""

    bl_idname = "second_unit.reference_add_file"
    bl_label = "Pin Picture"

    filepath: StringProperty(name="Picture", description="Picture to pin", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default=";".join(f"*{kind}" for kind in PICTURES), options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        if self.filepath:  # dropped onto a viewport
            return self.execute(context)
        if bpy.data.filepath:
            self.filepath = bpy.path.abspath("//")  # else the browser offers the .blend itself to be pinned
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        path = Path(bpy.path.abspath(self.filepath))
        if path.suffix.lower() not in PICTURES or not path.is_file():
            kinds = ", ".join(kind[1:].upper() for kind in PICTURES)
            self.report({"ERROR"}, f"There is no picture at {self.filepath}. Choose a file of these kinds: {kinds}")
            return {"CANCELLED"}
        pin(context, "FILE", Path(self.filepath).stem, path=blend_path(self.filepath))
        return {"FINISHED"}


class SECOND_UNIT_OT_reference_add_image(OnShot, bpy.types.Operator):
    """Pin an image of this .blend to the current frame"""

    bl_idname = "second_unit.reference_add_image"
    bl_label = "Pin Image"
    bl_property = "image"

    image: StringProperty(name="Image", description="Name of the image to pin")

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, _context: bpy.types.Context) -> None:
        self.layout.prop_search(self, "image", bpy.data, "images")

    def execute(self, context: bpy.types.Context) -> set[str]:
        image = bpy.data.images.get(self.image)
        if image is None:
            self.report({"ERROR"}, f"There is no image called {self.image or 'that'}")
            return {"CANCELLED"}
        pin(context, "IMAGE", image.name, image=image)
        return {"FINISHED"}


class SECOND_UNIT_OT_reference_take(bpy.types.Operator):
    """Take a picture at the current frame and pin it there; a scene without a shot gets its first"""

    bl_idname = "second_unit.reference_take"
    bl_label = "Take Picture"
    bl_options = {"REGISTER", "UNDO"}

    method: EnumProperty(name="From", description="How the picture is made", items=STILLS)

    def execute(self, context: bpy.types.Context) -> set[str]:
        is_first = active_shot(context.scene) is None
        if is_first:
            bpy.ops.second_unit.shot_add()
        shot = active_shot(context.scene)
        frame = context.scene.frame_current_final
        path = free_path(f"{shot.name}_{frame:g}")
        try:
            _take_still(context, shot, self.method, path)
        except SecondUnitError as error:
            if is_first:
                bpy.ops.second_unit.shot_remove()
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}
        pin(context, "CAPTURE", f"Frame {frame:g}", path=blend_path(str(path)))
        return {"FINISHED"}


class _OnReference(OnShot):
    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if not active_shot(context.scene).references:
            cls.poll_message_set("This shot has no reference yet: pin one")
            return False
        return True


class SECOND_UNIT_OT_reference_remove(_OnReference, bpy.types.Operator):
    """Take the reference off the shot; the picture itself stays"""

    bl_idname = "second_unit.reference_remove"
    bl_label = "Remove Reference"

    def execute(self, context: bpy.types.Context) -> set[str]:
        shot = active_shot(context.scene)
        shot.references.remove(shot.active_reference)
        shot.active_reference = max(0, min(shot.active_reference, len(shot.references) - 1))
        return {"FINISHED"}


class SECOND_UNIT_OT_reference_move(_OnReference, bpy.types.Operator):
    """Move the reference in the list"""

    bl_idname = "second_unit.reference_move"
    bl_label = "Move Reference"

    direction: EnumProperty(name="Direction", description="Which way to move", items=DIRECTIONS)

    def execute(self, context: bpy.types.Context) -> set[str]:
        shot = active_shot(context.scene)
        goal = shot.active_reference + (-1 if self.direction == "UP" else 1)
        if not 0 <= goal < len(shot.references):
            return {"CANCELLED"}
        shot.references.move(shot.active_reference, goal)
        shot.active_reference = goal
        return {"FINISHED"}


class SECOND_UNIT_OT_reference_jump(_OnReference, bpy.types.Operator):
    """Go to the frame that the reference is pinned to"""

    bl_idname = "second_unit.reference_jump"
    bl_label = "Go to Frame"

    def execute(self, context: bpy.types.Context) -> set[str]:
        shot = active_shot(context.scene)
        frame = shot.references[shot.active_reference].scene_frame
        whole = int(frame // 1)
        context.scene.frame_set(whole, subframe=frame - whole)
        return {"FINISHED"}


class SECOND_UNIT_OT_reference_here(_OnReference, bpy.types.Operator):
    """Pin the reference to the current frame"""

    bl_idname = "second_unit.reference_here"
    bl_label = "Pin to Current Frame"

    def execute(self, context: bpy.types.Context) -> set[str]:
        shot = active_shot(context.scene)
        shot.references[shot.active_reference].scene_frame = context.scene.frame_current_final
        return {"FINISHED"}


def blend_path(path: str) -> str:
    """Relative to the .blend where that is saved."""
    return bpy.path.relpath(path) if bpy.data.filepath and not path.startswith("//") else path


def free_path(stem: str) -> Path:
    """A file in the folder of references that is not there yet, so that no earlier picture changes under one."""
    folder = (preferences.take_folder() or current.tracker.take_folder) / "references"
    safe = bpy.path.clean_name(stem)
    number = 1
    while (path := folder / f"{safe}_{number:02d}.png").exists():
        number += 1
    return path


def _take_still(context: bpy.types.Context, shot, method: str, path: Path) -> None:
    from ..shot.spec import shot_spec  # shots hold references: at the top the two would import each other

    still.take(context, shot_spec(context.scene, context.view_layer, shot), method, path)


CLASSES = (
    SECOND_UNIT_OT_reference_add_file,
    SECOND_UNIT_OT_reference_add_image,
    SECOND_UNIT_OT_reference_take,
    SECOND_UNIT_OT_reference_remove,
    SECOND_UNIT_OT_reference_move,
    SECOND_UNIT_OT_reference_jump,
    SECOND_UNIT_OT_reference_here,
)
