# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of Blender's properties as they print the same for as long as they are the same."""

from __future__ import annotations

from collections.abc import Set
from functools import cache
from pathlib import Path

import bpy

from .keys import value_of

_SIMPLE = {"BOOLEAN", "INT", "FLOAT", "STRING", "ENUM"}
# What lies in a node and says how it colours; an image's user, say, changes with the frame.
_WALKED = {
    "ColorRamp", "ColorRampElement", "CurveMapping", "CurveMap", "CurveMapPoint", "TexMapping", "ColorMapping",
}  # fmt: skip
_UNSEEN = {"select", "filepath", "bytecode", "bytecode_hash"}


def values_of(struct: bpy.types.bpy_struct, animated: Set[str], met: dict) -> tuple[object, ...]:
    """What a node, or a part of one, has beside what every node has; None in place of what keys or drivers set.

    ``met`` gets the blocks with a look of their own, as :mod:`.look` names them.
    """
    return tuple(plain(value_of(struct, name, animated), met, animated) for name in _names(type(struct)))


def plain(value: object, met: dict, animated: Set[str] = frozenset()) -> object:
    """``met``, ``animated``: as of :func:`values_of`."""
    if isinstance(value, bpy.types.ID):
        return _id(value, met)
    if isinstance(value, bpy.types.bpy_struct):
        return values_of(value, animated, met)
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, set):
        return sorted(value)
    if hasattr(value, "__len__") and not isinstance(value, str):
        return tuple(plain(each, met, animated) for each in value)
    return value


def _id(block: bpy.types.ID, met: dict) -> object:
    kind = "materials" if isinstance(block, bpy.types.Material) else "node_groups"
    if isinstance(block, (bpy.types.Material, bpy.types.NodeTree)):
        met[kind, (block.name, block.library.filepath if block.library else None)] = None
    if isinstance(block, bpy.types.Image):  # not its folder: a project that is copied elsewhere is the same
        name = Path(block.filepath.replace("\\", "/")).name
        return (block.name, name, block.colorspace_settings.name)
    return block.name


@cache
def _names(kind: type) -> tuple[str, ...]:
    every = {prop.identifier for prop in bpy.types.Node.bl_rna.properties} if issubclass(kind, bpy.types.Node) else ()
    return tuple(prop.identifier for prop in kind.bl_rna.properties if prop.identifier not in every and _tells(prop))


def _tells(prop: bpy.types.Property) -> bool:
    """Whether it is one of Blender's own that tells something of how things look."""
    if prop.is_runtime or prop.identifier in _UNSEEN or prop.identifier.startswith("active_"):
        return False
    if prop.type in _SIMPLE:
        return not prop.is_readonly
    inside = prop.fixed_type
    return inside.identifier in _WALKED or _is_id(inside)


def _is_id(rna: bpy.types.Struct) -> bool:
    while rna is not None and rna.identifier != "ID":
        rna = rna.base
    return rna is not None
