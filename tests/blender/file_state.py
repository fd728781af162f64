# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a .blend holds, as plain values: what "every setting is as it was" is judged by."""

from __future__ import annotations

from typing import Any

import bpy

MAX_ITEMS = 400  # a mesh's vertices are no settings
# Not settings: they change with every evaluation, or by being looked at.
SKIPPED = {
    "rna_type",
    "depsgraph",
    "original",
    "is_updated",
    "is_updated_data",
    "users",
    "is_dirty",
    "stats",
    "id_data",
    "has_data",
    "cache_final_size",
    "storage_type",
}
UNREAD = {"window_managers", "brushes", "palettes", "texts", "fonts", "libraries", "workspaces", "all_ids"}


def file_state() -> dict[str, Any]:
    """Value by path of every property of every datablock, with selection, frame and what datablocks there are."""
    found: dict[str, Any] = {}
    for blocks in bpy.data.bl_rna.properties:
        if blocks.type != "COLLECTION":
            continue
        for block in getattr(bpy.data, blocks.identifier):
            name = f"{blocks.identifier}[{block.name_full!r}]"
            found[name] = block.session_uid
            if blocks.identifier not in UNREAD:
                _Reader(found).read(block, name)
    for scene in bpy.data.scenes:
        for layer in scene.view_layers:
            for thing in layer.objects:
                key = f"{scene.name}/{layer.name}/{thing.name_full}"
                found[f"{key} selected, hidden"] = thing.select_get(view_layer=layer), thing.hide_get(view_layer=layer)
    return found


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Paths whose values differ: (before, after)."""
    gone = object()
    keys = before.keys() | after.keys()
    return {k: (before.get(k), after.get(k)) for k in sorted(keys) if before.get(k, gone) != after.get(k, gone)}


class _Reader:
    """Reads one datablock; what it meets a second time, it reads once."""

    def __init__(self, found: dict[str, Any]):
        self._found = found
        self._met: set[tuple[str, int]] = set()

    def read(self, struct: Any, path: str) -> None:
        met = (struct.bl_rna.identifier, struct.as_pointer())
        if met in self._met or _another_editor(struct):
            return
        self._met.add(met)
        for prop in struct.bl_rna.properties:
            if prop.identifier in SKIPPED:
                continue
            try:
                value = getattr(struct, prop.identifier)
            except (AttributeError, ValueError, RuntimeError):
                continue
            self._value(prop, value, f"{path}.{prop.identifier}")

    def _value(self, prop: Any, value: Any, path: str) -> None:
        found = self._found
        if prop.type == "POINTER":
            if value is None:
                found[path] = None
            elif isinstance(value, bpy.types.ID) and not value.is_embedded_data:
                found[path] = value.name_full, value.session_uid
            else:
                self.read(value, path)
        elif prop.type == "COLLECTION":
            found[f"{path}#"] = len(value)
            for place, item in enumerate(value if len(value) <= MAX_ITEMS else ()):
                if isinstance(item, bpy.types.ID):
                    found[f"{path}[{place}]"] = item.name_full
                elif item is not None:
                    self.read(item, f"{path}[{place}]")
        elif isinstance(value, set):
            found[path] = frozenset(value)
        elif hasattr(value, "__len__") and not isinstance(value, (str, bytes)):
            if len(value) <= MAX_ITEMS:
                found[path] = tuple(tuple(v) if hasattr(v, "__len__") else v for v in value)
        else:
            found[path] = value


def _another_editor(item: Any) -> bool:
    """Editors other than the 3D viewport; some crash when they are read without having been drawn."""
    return isinstance(item, bpy.types.Space) and item.type != "VIEW_3D"
