# SPDX-License-Identifier: GPL-3.0-or-later
"""The shot that the panels show and ids for what is new, for features that shots hold and that therefore cannot import
shots."""

from __future__ import annotations

import bpy


def active_shot(scene: bpy.types.Scene | None):
    """The shot that the panels show, or None."""
    if scene is None:
        return None
    settings = scene.second_unit
    index = settings.active_shot
    return settings.shots[index] if 0 <= index < len(settings.shots) else None


def new_uid() -> str:
    import uuid

    return uuid.uuid4().hex


class OnShot:
    """An operator that is greyed out, with the reason, where no shot is chosen."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if active_shot(context.scene) is None:
            cls.poll_message_set("This scene has no shot yet: add one to the list")
            return False
        return True
