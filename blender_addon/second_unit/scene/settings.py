# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes to Blender's settings that are all undone, in reverse, however the work ends.

Nothing of bpy is held between steps: what was changed is found again by its datablock's session uid and its path.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import bpy

Blocks = dict[int, bpy.types.ID]  # datablocks by session uid
Find = Callable[[Blocks], Any]  # gives the changed thing, or raises when it is gone


def blocks_by_uid() -> Blocks:
    """Every datablock of the session."""
    collections = (p.identifier for p in bpy.data.bl_rna.properties if p.type == "COLLECTION")
    return {block.session_uid: block for name in collections for block in getattr(bpy.data, name)}


def finder(owner: bpy.types.bpy_struct) -> Find:
    """How to find ``owner`` again: a datablock, or a part of one that has a path."""
    block = owner.id_data
    uid = block.session_uid
    path = "" if block == owner else owner.path_from_id()

    def find(blocks: Blocks) -> Any:
        found = blocks[uid]
        return found.path_resolve(path) if path else found

    return find


class Settings:
    """Records what it changes; :meth:`restore` puts it back."""

    def __init__(self) -> None:
        self._undo: list[Callable[[Blocks], None]] = []

    def set(self, owner: bpy.types.bpy_struct, name: str, value: Any) -> None:
        """Sets ``owner.name``, unless it has the value already."""
        old = getattr(owner, name)
        if old == value:
            return
        find = finder(owner)
        if isinstance(old, bpy.types.ID):
            find_old = finder(old)
            self._undo.append(lambda blocks: setattr(find(blocks), name, find_old(blocks)))
        else:
            kept = tuple(old) if hasattr(old, "__len__") and not isinstance(old, str) else old
            self._undo.append(lambda blocks: setattr(find(blocks), name, kept))
        setattr(owner, name, value)

    def keep(self, owner: bpy.types.bpy_struct, names: tuple[str, ...]) -> None:
        """Remembers these in the order in which they may be set, for owners whose settings change one another."""
        find = finder(owner)
        kept = [(name, getattr(owner, name)) for name in names if hasattr(owner, name)]

        def undo(blocks: Blocks) -> None:
            found = find(blocks)
            for name, value in kept:
                if getattr(found, name) != value:
                    setattr(found, name, value)

        self._undo.append(undo)

    def later(self, undo: Callable[[Blocks], None]) -> None:
        """Something else to do at :meth:`restore`."""
        self._undo.append(undo)

    def restore(self) -> list[str]:
        """Undoes everything, the last change first. What cannot be undone, since its owner is gone, is named."""
        return self.restore_some(math.inf)

    @property
    def changed(self) -> bool:
        """Whether anything is left to undo."""
        return bool(self._undo)

    def restore_some(self, seconds: float) -> list[str]:
        """The same for about so long; call it until nothing is left."""
        until = time.monotonic() + seconds
        lost = []
        blocks = blocks_by_uid() if self._undo else {}
        while self._undo:
            try:
                self._undo.pop()(blocks)
            except (LookupError, ReferenceError, AttributeError, ValueError, RuntimeError) as error:
                lost.append(str(error))
            if time.monotonic() >= until:
                break
        return lost
