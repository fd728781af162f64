# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders of our own must not take the place of the artist's last one."""

from __future__ import annotations

import bpy

from .settings import Blocks, Settings

SLOT_NAME = "Second Unit"


def spare_render_result(settings: Settings) -> None:
    """Renders go to a slot of their own until ``settings`` are restored; a file that had no result has none again.

    The slot stays, emptied: Blender has no way to remove one from a script.
    """
    image = _render_result()
    if image is None:
        settings.later(_remove)
        return
    slots = image.render_slots
    before = slots.active_index
    own = next((place for place, slot in enumerate(slots) if slot.name == SLOT_NAME), None)
    if own is None:
        slots.new(name=SLOT_NAME)
        own = len(slots) - 1
    slots.active_index = own

    def undo(_blocks: Blocks) -> None:
        slots = _render_result().render_slots
        slots[own].clear(None)
        slots.active_index = before

    settings.later(undo)


def _remove(_blocks: Blocks) -> None:
    image = _render_result()
    if image is not None:
        bpy.data.images.remove(image)


def _render_result() -> bpy.types.Image | None:
    return next((image for image in bpy.data.images if image.type == "RENDER_RESULT"), None)
