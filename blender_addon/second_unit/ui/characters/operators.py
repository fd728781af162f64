# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters: add, remove, give pictures, put into a shot."""

from pathlib import Path

import bpy
from bpy.props import CollectionProperty, IntProperty, StringProperty

from ..active import OnShot, active_shot, new_uid

PICTURES = "*.png;*.jpg;*.jpeg;*.webp;*.tif;*.tiff;*.bmp"


def active_character(scene: bpy.types.Scene):
    settings = scene.second_unit
    place = settings.active_character
    return settings.characters[place] if 0 <= place < len(settings.characters) else None


def role_of(shot, uid: str):
    """The shot's role for a character, or None."""
    return next((role for role in shot.cast if role.uid == uid), None)


class SECOND_UNIT_OT_character_add(OnShot, bpy.types.Operator):
    """Add a character to this scene's list, and to the shot"""

    bl_idname = "second_unit.character_add"
    bl_label = "Add Character"

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.second_unit
        character = settings.characters.add()
        character.uid, character.name = new_uid(), f"Character {len(settings.characters)}"
        settings.active_character = len(settings.characters) - 1
        active_shot(context.scene).cast.add().uid = character.uid
        return {"FINISHED"}


class _OnCharacter(OnShot):
    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if active_character(context.scene) is None:
            cls.poll_message_set("There is no character yet: add one")
            return False
        return True


class SECOND_UNIT_OT_character_remove(_OnCharacter, bpy.types.Operator):
    """Remove the character from this scene and from all its shots; its pictures stay on disk"""

    bl_idname = "second_unit.character_remove"
    bl_label = "Remove Character"

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.second_unit
        uid = active_character(context.scene).uid
        for shot in settings.shots:
            for place in reversed(range(len(shot.cast))):
                if shot.cast[place].uid == uid:
                    shot.cast.remove(place)
        settings.characters.remove(settings.active_character)
        settings.active_character = max(0, min(settings.active_character, len(settings.characters) - 1))
        return {"FINISHED"}


class SECOND_UNIT_OT_character_cast(OnShot, bpy.types.Operator):
    """Put the character into the shot, or take it out"""

    bl_idname = "second_unit.character_cast"
    bl_label = "In This Shot"

    uid: StringProperty(name="Character", description="Which character", options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        shot = active_shot(context.scene)
        role = role_of(shot, self.uid)
        if role is None:
            shot.cast.add().uid = self.uid
        else:
            role.use = not role.use
        return {"FINISHED"}


class SECOND_UNIT_OT_character_picture_add(_OnCharacter, bpy.types.Operator):
    """Add pictures of the character; different sides help"""

    bl_idname = "second_unit.character_picture_add"
    bl_label = "Add Pictures"

    directory: StringProperty(name="Folder", description="Folder of the pictures", subtype="DIR_PATH")
    files: CollectionProperty(type=bpy.types.OperatorFileListElement, options={"HIDDEN", "SKIP_SAVE"})
    filter_glob: StringProperty(default=PICTURES, options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        character = active_character(context.scene)
        paths = [Path(bpy.path.abspath(self.directory)) / file.name for file in self.files]
        missing = [path for path in paths if not path.is_file()]
        if missing or not paths:
            self.report({"ERROR"}, f"There is no picture at {missing[0]}" if missing else "No picture was chosen")
            return {"CANCELLED"}
        for path in paths:
            picture = character.pictures.add()
            picture.uid = new_uid()
            picture.path = bpy.path.relpath(str(path)) if bpy.data.filepath else str(path)
        return {"FINISHED"}


class SECOND_UNIT_OT_character_picture_remove(_OnCharacter, bpy.types.Operator):
    """Take the picture off the character; it stays on disk"""

    bl_idname = "second_unit.character_picture_remove"
    bl_label = "Remove Picture"

    place: IntProperty(name="Picture", description="Its place among the character's", options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        pictures = active_character(context.scene).pictures
        if not 0 <= self.place < len(pictures):
            return {"CANCELLED"}
        pictures.remove(self.place)
        return {"FINISHED"}


CLASSES = (
    SECOND_UNIT_OT_character_add,
    SECOND_UNIT_OT_character_remove,
    SECOND_UNIT_OT_character_cast,
    SECOND_UNIT_OT_character_picture_add,
    SECOND_UNIT_OT_character_picture_remove,
)
