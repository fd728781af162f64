# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of shots: add, remove, duplicate, move."""

import bpy
from bpy.props import EnumProperty, IntProperty

from ... import preferences
from ..active import OnShot as OnShot
from ..active import new_uid
from . import spec

DIRECTIONS = (("UP", "Up", "Towards the top of the list"), ("DOWN", "Down", "Towards the end of the list"))
_NOT_COPIED = {"rna_type", "uid", "name", "references", "cast", "loras", "source", "steps", "engine_choice", "seconds"}


def _unique_name(shots, wanted: str) -> str:
    taken = {shot.name for shot in shots}
    stem = wanted.rstrip("0123456789").rstrip(".") if wanted[-4:-3] == "." else wanted
    name, number = wanted, 1
    while name in taken:
        name, number = f"{stem}.{number:03d}", number + 1
    return name


class SECOND_UNIT_OT_shot_add(bpy.types.Operator):
    """Add a shot to this scene"""

    bl_idname = "second_unit.shot_add"
    bl_label = "Add Shot"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.second_unit
        name = _unique_name(settings.shots, f"Shot {len(settings.shots) + 1}")
        shot = settings.shots.add()
        shot.name, shot.uid, shot.quality = name, new_uid(), preferences.quality()
        settings.active_shot = len(settings.shots) - 1
        return {"FINISHED"}


class SECOND_UNIT_OT_shot_remove(OnShot, bpy.types.Operator):
    """Remove the shot from the list; its takes stay on disk and on the timeline"""

    bl_idname = "second_unit.shot_remove"
    bl_label = "Remove Shot"

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.second_unit
        settings.shots.remove(settings.active_shot)
        settings.active_shot = max(0, min(settings.active_shot, len(settings.shots) - 1))
        return {"FINISHED"}


class SECOND_UNIT_OT_shot_duplicate(OnShot, bpy.types.Operator):
    """Add a copy of the shot with its references; takes stay with the original"""

    bl_idname = "second_unit.shot_duplicate"
    bl_label = "Duplicate Shot"

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.second_unit
        place = settings.active_shot
        copy = settings.shots.add()
        original = settings.shots[place]  # adding may have moved the collection in memory
        _copy(original, copy, _NOT_COPIED)
        copy.name, copy.uid = _unique_name(settings.shots, original.name), new_uid()
        for reference in original.references:
            pinned = copy.references.add()
            _copy(reference, pinned, {"rna_type", "uid"})
            pinned.uid = new_uid()
        for kept, fresh in ((original.cast, copy.cast), (original.loras, copy.loras)):
            for item in kept:
                _copy(item, fresh.add(), {"rna_type"})
        _copy(original.source, copy.source, {"rna_type", "name"})
        _copy(original.steps, copy.steps, {"rna_type", "name"})
        settings.shots.move(len(settings.shots) - 1, place + 1)
        settings.active_shot = place + 1
        return {"FINISHED"}


class SECOND_UNIT_OT_shot_move(OnShot, bpy.types.Operator):
    """Move the shot in the list"""

    bl_idname = "second_unit.shot_move"
    bl_label = "Move Shot"

    direction: EnumProperty(name="Direction", description="Which way to move", items=DIRECTIONS)

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.second_unit
        goal = settings.active_shot + (-1 if self.direction == "UP" else 1)
        if not 0 <= goal < len(settings.shots):
            return {"CANCELLED"}
        settings.shots.move(settings.active_shot, goal)
        settings.active_shot = goal
        return {"FINISHED"}


class SECOND_UNIT_OT_shot_jump(OnShot, bpy.types.Operator):
    """Choose the shot and go to its first frame"""

    bl_idname = "second_unit.shot_jump"
    bl_label = "Go to Shot"

    number: IntProperty(name="Number", description="Its place in the list; -1 for the chosen one", default=-1, min=-1)

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.second_unit
        number = settings.active_shot if self.number < 0 else self.number
        if number >= len(settings.shots):
            return {"CANCELLED"}
        settings.active_shot = number
        context.scene.frame_set(spec.frame_range(context.scene, settings.shots[number])[0])
        return {"FINISHED"}


def _copy(source: bpy.types.PropertyGroup, into: bpy.types.PropertyGroup, leave: set[str]) -> None:
    for prop in source.bl_rna.properties:
        if prop.identifier not in leave and not prop.is_readonly:
            setattr(into, prop.identifier, getattr(source, prop.identifier))


CLASSES = (
    SECOND_UNIT_OT_shot_add,
    SECOND_UNIT_OT_shot_remove,
    SECOND_UNIT_OT_shot_duplicate,
    SECOND_UNIT_OT_shot_move,
    SECOND_UNIT_OT_shot_jump,
)
