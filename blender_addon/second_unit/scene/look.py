# SPDX-License-Identifier: GPL-3.0-or-later
"""What things look like, as facts: shapes of meshes, materials, lights, the world.

Taken from the data, never from a picture of it, which may differ where nothing was touched. Blocks are named by
collection and key, and looked up anew for each piece of their facts: in between Blender may do anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import bpy
import numpy as np

from .animated import animated_paths

MOST_POINTS = 500_000  # of one mesh, some milliseconds' worth; a larger one is told by their number alone
NODES_AT_ONCE = 8
_LIGHT = ("type", "energy", "color", "angle", "spot_size", "shadow_soft_size", "size")
_NODE = ("blend_type", "operation", "data_type", "interpolation", "projection", "distribution", "object", "image")
_OWN = {"materials": ("diffuse_color",), "worlds": ("color",), "lights": _LIGHT}

Key = tuple[str, str | None]  # name and library, as Blender's collections of data take them
Block = tuple[str, Key]  # "meshes", "materials" …


def key_of(block: bpy.types.ID) -> Key:
    return block.name, block.library.filepath if block.library else None


def blocks_of(item: bpy.types.Object) -> list[Block]:
    """What an object's look is made of, beside what the object itself says."""
    kind = {"MESH": "meshes", "LIGHT": "lights"}.get(item.type)
    found = [(kind, key_of(item.data))] if kind else []
    return found + [("materials", key_of(slot.material)) for slot in item.material_slots if slot.material]


def facts_of(block: Block) -> Iterator[list[object]]:
    """In pieces, each of some milliseconds at most; nothing of a block that is gone."""
    kind, key = block
    if found := getattr(bpy.data, kind).get(key):
        yield _mesh_facts(found) if kind == "meshes" else _own_facts(found, _OWN[kind])
    done = 0
    while kind != "meshes" and (tree := _tree(block)) is not None and done < max(1, len(tree.nodes)):
        yield _tree_facts(tree, done)
        done += NODES_AT_ONCE


def _tree(block: Block) -> bpy.types.NodeTree | None:
    found = getattr(bpy.data, block[0]).get(block[1])
    return found.node_tree if found else None


def _mesh_facts(mesh: bpy.types.Mesh) -> list[object]:
    count = len(mesh.vertices)
    if count > MOST_POINTS or "position" not in mesh.attributes:
        return [mesh.name]
    points = np.empty(3 * count, np.float32)
    mesh.attributes["position"].data.foreach_get("vector", points)
    return [mesh.name, hashlib.sha256(points).hexdigest()[:16]]


def _own_facts(block: bpy.types.ID, names: tuple[str, ...]) -> list[object]:
    """A block's values but for those that keys or drivers set."""
    animated = animated_paths(block)
    return [block.name, *(_plain(getattr(block, name, None)) for name in names if name not in animated)]


def _tree_facts(tree: bpy.types.NodeTree, first: int) -> list[object]:
    """Of some nodes, and with the first ones of the links."""
    animated = animated_paths(tree)
    facts: list[object] = []
    for node in tree.nodes[first : first + NODES_AT_ONCE]:
        facts.append((node.name, node.bl_idname, node.mute))
        facts.append(tuple(_plain(getattr(node, name, None)) for name in _NODE))
        for socket in node.inputs:
            if socket.is_linked or not hasattr(socket, "default_value"):
                continue
            if not (animated and socket.path_from_id("default_value") in animated):
                facts.append(_plain(socket.default_value))
    if first == 0:
        ends = ((each.from_node.name, each.from_socket, each.to_node.name, each.to_socket) for each in tree.links)
        facts += [(one, out.identifier, other, into.identifier) for one, out, other, into in ends]
    return facts


def _plain(value: object) -> object:
    """A value as it prints the same for as long as it is the same."""
    if isinstance(value, bpy.types.ID):
        return value.name
    if isinstance(value, float):
        return round(value, 5)
    return tuple(map(_plain, value)) if hasattr(value, "__len__") and not isinstance(value, str) else value
