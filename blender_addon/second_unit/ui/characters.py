# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters: named, with pictures, used across the shots of a scene."""

from pathlib import Path

import bpy
from bpy.props import BoolProperty, CollectionProperty, FloatProperty, IntProperty, StringProperty

from ..link import current
from . import disk, previews, text
from .active import OnShot, active_shot, new_uid

PICTURES = "*.png;*.jpg;*.jpeg;*.webp;*.tif;*.tiff;*.bmp"
COLUMNS = 3


class SECOND_UNIT_PG_portrait(bpy.types.PropertyGroup):
    """A picture of a character."""

    uid: StringProperty(options={"HIDDEN"})
    path: StringProperty(
        name="Picture",
        description="Picture of the character on disk",
        subtype="FILE_PATH",
        options={"PATH_SUPPORTS_BLEND_RELATIVE"},
    )


class SECOND_UNIT_PG_character(bpy.types.PropertyGroup):
    """``name`` is the list's label and what shots know it by in words; ``uid`` is what they keep."""

    uid: StringProperty(options={"HIDDEN"})
    pictures: CollectionProperty(type=SECOND_UNIT_PG_portrait)
    active_picture: IntProperty(name="Active Picture", description="Picture that is shown large")


class SECOND_UNIT_PG_role(bpy.types.PropertyGroup):
    """A character in a shot; one that is not used keeps its strength."""

    uid: StringProperty(options={"HIDDEN"})
    use: BoolProperty(name="In This Shot", description="The character appears in this shot", default=True)
    strength: FloatProperty(
        name="Strength",
        description="How closely the clip keeps to the character's pictures, for engines that can weigh it",
        default=1.0,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )


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


class SECOND_UNIT_UL_characters(bpy.types.UIList):
    """A line per character: in the shot or not, picture, name."""

    def draw_item(self, context, layout, _data, item, _icon, _active_data, _active_property, _index) -> None:
        shot = active_shot(context.scene)
        role = role_of(shot, item.uid) if shot else None
        icon = _icon_of(item.pictures[0]) if item.pictures else 0
        row = layout.row(align=True)
        box = "CHECKBOX_HLT" if role and role.use else "CHECKBOX_DEHLT"
        row.operator(SECOND_UNIT_OT_character_cast.bl_idname, text="", icon=box, emboss=False).uid = item.uid
        row.prop(item, "name", text="", emboss=False, **({"icon_value": icon} if icon else {"icon": "USER"}))


def draw(layout: bpy.types.UILayout, scene: bpy.types.Scene, shot) -> None:
    """The list, the chosen character's pictures, and whether the shot's engine takes any."""
    from ..protocol.results import Input

    settings = scene.second_unit
    row = layout.row()
    row.template_list("SECOND_UNIT_UL_characters", "", settings, "characters", settings, "active_character", rows=2)
    column = row.column(align=True)
    column.operator(SECOND_UNIT_OT_character_add.bl_idname, text="", icon="ADD")
    column.operator(SECOND_UNIT_OT_character_remove.bl_idname, text="", icon="REMOVE")
    character = active_character(scene)
    if character is None:
        text.wrapped(layout, "A character has pictures and is meant to look alike in every shot that it is in", "INFO")
        return
    _draw_pictures(layout, character)
    role = role_of(shot, character.uid)
    if role and role.use:
        row = layout.row()
        row.use_property_split, row.use_property_decorate = True, False
        row.prop(role, "strength")
        engine = next((engine for engine in current.link.engines if engine.name == shot.engine), None)
        if engine and Input.CHARACTERS not in engine.takes:
            text.wrapped(layout, f"{engine.label} takes no characters", "CANCEL")


def _draw_pictures(layout: bpy.types.UILayout, character) -> None:
    grid = layout.grid_flow(row_major=True, columns=COLUMNS, even_columns=True, align=True)
    for place, picture in enumerate(character.pictures):
        cell = grid.column(align=True)
        if icon := _icon_of(picture):
            cell.template_icon(icon_value=icon, scale=4.0)
        else:
            cell.label(text=Path(picture.path).name, icon="ERROR" if _is_missing(picture) else "IMAGE_DATA")
        remove = cell.operator(SECOND_UNIT_OT_character_picture_remove.bl_idname, text="", icon="X", emboss=False)
        remove.place = place
    layout.operator(SECOND_UNIT_OT_character_picture_add.bl_idname, icon="IMAGE_DATA")


def _icon_of(picture) -> int:
    return previews.icon_of_file(_path(picture))


def _is_missing(picture) -> bool:
    known = disk.known(_path(picture))
    return known is not None and not known.found


def _path(picture) -> Path:
    return Path(bpy.path.abspath(picture.path))


CLASSES = (
    SECOND_UNIT_PG_portrait,
    SECOND_UNIT_PG_character,
    SECOND_UNIT_PG_role,
    SECOND_UNIT_OT_character_add,
    SECOND_UNIT_OT_character_remove,
    SECOND_UNIT_OT_character_cast,
    SECOND_UNIT_OT_character_picture_add,
    SECOND_UNIT_OT_character_picture_remove,
    SECOND_UNIT_UL_characters,
)

register, unregister = bpy.utils.register_classes_factory(CLASSES)
