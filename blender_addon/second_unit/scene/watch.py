# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices when somebody else changes the scene between two steps of a capture."""

from __future__ import annotations

import bpy

# Changing a scene's own settings shows there too, and the add-on's panels write into it: those do not count.
_HARMLESS = {"SCENE", "SCREEN", "WORKSPACE", "WINDOWMANAGER", "BRUSH", "PALETTE"}
_EVENTS = ("depsgraph_update_post", "undo_post", "redo_post", "load_pre", "save_pre")


class Watch:
    """Between ``start`` and ``stop``, ``reason`` says what happened to the scene while ``own`` was false.

    Its handlers are not persistent: a file that is loaded ends the capture, and takes them with it.
    """

    def __init__(self, scene: bpy.types.Scene):
        self.reason = ""
        self.own = False  # true while the capture itself is at work
        self._scene = scene.session_uid
        self._handlers: list[tuple[str, object]] = []

    def start(self) -> None:
        words = {
            "undo_post": "Undo was used", "redo_post": "Redo was used",
            "load_pre": "Another file was opened", "save_pre": "The file was saved",
        }  # fmt: skip
        for event in _EVENTS:
            handler = self._on_update if event == "depsgraph_update_post" else self._says(words[event])
            getattr(bpy.app.handlers, event).append(handler)
            self._handlers.append((event, handler))

    def stop(self) -> None:
        for event, handler in self._handlers:
            registered = getattr(bpy.app.handlers, event)
            if handler in registered:
                registered.remove(handler)
        self._handlers.clear()

    def _says(self, words: str):
        def handler(*_) -> None:
            if not self.own:
                self.reason = self.reason or words

        return handler

    def _on_update(self, scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
        if self.own or self.reason or scene.session_uid != self._scene:
            return
        for update in depsgraph.updates:
            changed = update.is_updated_geometry or update.is_updated_transform or update.is_updated_shading
            if changed and update.id.id_type not in _HARMLESS:
                self.reason = f"{update.id.name} was changed"
                return
