# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters as the .blend keeps them: on the scene, with their pictures; and which of them a shot has."""

import bpy
from bpy.props import BoolProperty, CollectionProperty, FloatProperty, IntProperty, StringProperty


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


CLASSES = (SECOND_UNIT_PG_portrait, SECOND_UNIT_PG_character, SECOND_UNIT_PG_role)
