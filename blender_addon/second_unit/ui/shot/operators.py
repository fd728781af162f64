# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of shots: add, remove, duplicate, copy to another scene, move."""

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty

from ... import preferences
from ..active import OnShot as OnShot
from ..active import active_shot, new_uid
from . import copying, spec

DIRECTIONS = (("UP", "Up", "Towards the top of the list"), ("DOWN", "Down", "Towards the end of the list"))


class SECOND_UNIT_OT_shot_add(bpy.types.Operator):
    """Add a shot to this scene"""

    bl_idname = "second_unit.shot_add"
    bl_label = "Add Shot"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.second_unit
        name = copying.unique_name(settings.shots, f"Shot {len(settings.shots) + 1}")
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
        copying.copy(settings.shots, place, settings.shots)
        settings.shots.move(len(settings.shots) - 1, place + 1)
        settings.active_shot = place + 1
        return {"FINISHED"}


class SECOND_UNIT_OT_shot_copy(OnShot, bpy.types.Operator):
    """Add a copy of the shot to that scene, with its range, size, references and characters; takes stay"""

    bl_idname = "second_unit.shot_copy"
    bl_label = "Copy Shot to Scene"

    scene: StringProperty(name="Scene", description="Name of the scene that gets the copy", options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        goal = bpy.data.scenes.get(self.scene)
        if goal is None or goal == context.scene:
            self.report({"ERROR"}, f"There is no other scene called {self.scene!r} in this file")
            return {"CANCELLED"}
        here, there = context.scene.second_unit, goal.second_unit
        copying.copy(here.shots, here.active_shot, there.shots)
        shot, made = here.shots[here.active_shot], there.shots[-1]
        copying.keep_what_it_was(context.scene, shot, goal, made)
        there.active_shot = len(there.shots) - 1
        copying.bring_characters(active_shot(context.scene), here.characters, there.characters)
        camera, other = spec.camera_of(context.scene, shot), spec.camera_of(goal, made)
        if camera == other:
            self.report({"INFO"}, f"{made.name} is in the scene {goal.name}")
        else:
            follows = f"follows {other.name}" if other else "has no camera"
            missed = f": {camera.name} is not there" if camera else ""
            self.report({"WARNING"}, f"In {goal.name} {made.name} {follows}{missed}")
        return {"FINISHED"}


class SECOND_UNIT_MT_shot_copy(bpy.types.Menu):
    """Copy the shot to another scene of this file"""

    bl_label = "Copy Shot to Scene"

    def draw(self, context: bpy.types.Context) -> None:
        others = [scene for scene in bpy.data.scenes if scene != context.scene and scene.library is None]
        for scene in others:
            row = self.layout.operator(
                SECOND_UNIT_OT_shot_copy.bl_idname, text=scene.name, translate=False, icon="SCENE_DATA"
            )
            row.scene = scene.name
        if not others:
            self.layout.label(text="This file has no other scene")


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


CLASSES = (
    SECOND_UNIT_OT_shot_add,
    SECOND_UNIT_OT_shot_remove,
    SECOND_UNIT_OT_shot_duplicate,
    SECOND_UNIT_OT_shot_copy,
    SECOND_UNIT_MT_shot_copy,
    SECOND_UNIT_OT_shot_move,
    SECOND_UNIT_OT_shot_jump,
)
