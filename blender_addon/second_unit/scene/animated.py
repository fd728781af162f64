# SPDX-License-Identifier: GPL-3.0-or-later
"""Animated properties: which ones there are, and what the artist has set on them without a key.

A change of frame overwrites them. Their values are remembered before a capture and put back after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy

from ..protocol.late import frozen
from .settings import Blocks, blocks_by_uid


@frozen
class Unkeyed:
    """A value that was on screen, of a property that has keys."""

    uid: int
    embedded: bool  # it belongs to the datablock's own node tree
    path: str
    index: int
    value: Any
    owner: str
    moved: bool  # it differs from what its keys say at this frame

    def put_back(self, blocks: Blocks) -> None:
        """Sets the property to the value again, if it differs. Raises LookupError when its owner is gone."""
        block = blocks[self.uid]
        owner = block.node_tree if self.embedded else block
        current, target, name = _value(owner, self.path, self.index)
        if current == self.value:
            return
        if self.index >= 0 and hasattr(getattr(target, name), "__len__"):
            getattr(target, name)[self.index] = self.value
        else:
            setattr(target, name, self.value)


def animated_paths(block: bpy.types.ID) -> set[str]:
    """RNA paths of a datablock that keys or drivers set."""
    data = block.animation_data
    return {curve.data_path for curve in (*_curves(data), *data.drivers)} if data else set()


def curves_of(block: bpy.types.ID) -> list[bpy.types.FCurve]:
    """F-curves of the datablock's own action, through layers and slots."""
    data = block.animation_data
    return list(_slot_curves(data.action, data.action_slot)) if data and data.action and data.action_slot else []


def remember(frame: float) -> list[Unkeyed]:
    """Values of all that has keys, as they stand at scene time ``frame``; drivers are left out, they rule alone."""
    found = []
    for block, owner, embedded in _animated_blocks():
        seen = set()
        layered = bool(owner.animation_data.nla_tracks)
        for curve in _curves(owner.animation_data):
            key = (curve.data_path, curve.array_index)
            if key in seen:
                continue
            seen.add(key)
            try:
                value = _value(owner, *key)[0]
            except (ValueError, KeyError, IndexError, TypeError, AttributeError):
                continue  # keys of a property that is not there any more
            keyed = curve.evaluate(frame)
            moved = not layered and isinstance(value, float) and abs(value - keyed) > 1e-4 * (1 + abs(keyed))
            found.append(Unkeyed(block.session_uid, embedded, *key, value, block.name, moved))
    return found


def put_back(remembered: list[Unkeyed]) -> None:
    """Undoes what changes of frame did to unkeyed values; of what is gone, nothing is left to do."""
    blocks = blocks_by_uid() if remembered else {}
    for unkeyed in remembered:
        try:
            unkeyed.put_back(blocks)
        except (LookupError, ValueError, TypeError, AttributeError):
            continue


def _value(owner, path: str, index: int) -> tuple[Any, Any, str]:
    """(value, the struct that has the property, the property's name)."""
    target, _, name = path.rpartition(".")
    if path.endswith("]"):  # a custom property: obj["name"]
        start = path.rindex("[")
        holder = owner.path_resolve(path[:start]) if start else owner
        return holder[path[start + 2 : -2]], _Items(holder), path[start + 2 : -2]
    struct = owner.path_resolve(target) if target else owner
    value = getattr(struct, name)
    if hasattr(value, "__len__") and not isinstance(value, str):
        value = value[index]
    return value, struct, name


class _Items:
    """Attribute access to custom properties."""

    def __init__(self, holder: Any):
        object.__setattr__(self, "_holder", holder)

    def __getattr__(self, name: str) -> Any:
        return self._holder[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self._holder[name] = value


def _curves(data: bpy.types.AnimData | None) -> Iterator[bpy.types.FCurve]:
    """F-curves of the action in use and of the NLA's strips, through layers and slots."""
    if data is None:
        return
    if data.action and data.action_slot:
        yield from _slot_curves(data.action, data.action_slot)
    for track in data.nla_tracks:
        for strip in track.strips:
            if strip.action and strip.action_slot:
                yield from _slot_curves(strip.action, strip.action_slot)


def _slot_curves(action: bpy.types.Action, slot) -> Iterator[bpy.types.FCurve]:
    for layer in action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(slot)
            if bag is not None:
                yield from bag.fcurves


def _animated_blocks() -> Iterator[tuple[bpy.types.ID, bpy.types.ID, bool]]:
    """(datablock, what holds the animation, whether that is its own node tree) of everything animated."""
    for collection in bpy.data.bl_rna.properties:
        if collection.type != "COLLECTION":
            continue
        for block in getattr(bpy.data, collection.identifier):
            if getattr(block, "animation_data", None):
                yield block, block, False
            tree = getattr(block, "node_tree", None)
            if tree is not None and tree.animation_data:
                yield block, tree, True
