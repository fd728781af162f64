# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot's characters as plain data."""

from __future__ import annotations

import bpy

from ...core.spec import CharacterSpec, ReferenceSource, ReferenceSpec


def characters_of(scene: bpy.types.Scene, shot) -> tuple[CharacterSpec, ...]:
    """Those of the scene's characters that appear in the shot, in the scene's order."""
    roles = {role.uid: role for role in shot.cast if role.use}
    return tuple(
        CharacterSpec(
            character.name,
            tuple(_picture(character, picture) for picture in character.pictures),
            roles[character.uid].strength,
        )
        for character in scene.second_unit.characters
        if character.uid in roles
    )


def _picture(character, picture) -> ReferenceSpec:
    return ReferenceSpec(
        uid=picture.uid,
        name=character.name,
        scene_frame=0.0,
        source=ReferenceSource.FILE,
        path=bpy.path.abspath(picture.path),
        role="character",
    )
