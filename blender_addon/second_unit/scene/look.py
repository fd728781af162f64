# SPDX-License-Identifier: GPL-3.0-or-later
"""What things look like, as facts: shapes of meshes, materials with all that is in them, lights, the world.

Taken from the data, never from a picture of it, which may differ where nothing was touched. Blocks are named by
collection and key, and looked up anew for each piece of their facts: in between Blender may do anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial

import bpy
import numpy as np

from .animated import animated_paths
from .keys import key_facts, value_of
from .values import plain, values_of

MOST = 1_500_000  # numbers of one attribute, some milliseconds' worth; a larger one is told by its length alone
MOST_BYTES = 300_000  # of colours in bytes, which Blender converts one by one
HASHED_AT_ONCE = 1 << 20  # bytes
NODES_AT_ONCE = 8
LINKS_AT_ONCE = 100
_LIGHT = (
    "type", "energy", "exposure", "color", "use_temperature", "temperature", "diffuse_factor", "specular_factor",
    "angle", "spot_size", "spot_blend", "shadow_soft_size", "shape", "size", "size_y",
)  # fmt: skip
_OWN = {"materials": ("diffuse_color",), "worlds": ("color",), "lights": _LIGHT, "node_groups": ()}
_KNOWN = {"position", "material_index"}
# How attributes of a type are read: property, numbers of each, their type.
_READ = {
    "FLOAT_VECTOR": ("vector", 3, np.float32),
    "FLOAT2": ("vector", 2, np.float32),
    "FLOAT_COLOR": ("color", 4, np.float32),
    "BYTE_COLOR": ("color", 4, np.float32),
    "INT": ("value", 1, np.int32),
}

Key = tuple[str, str | None]  # name and library, as Blender's collections of data take them
Block = tuple[str, Key]  # "meshes", "materials" …


def key_of(block: bpy.types.ID) -> Key:
    return block.name, block.library.filepath if block.library else None


def blocks_of(item: bpy.types.Object) -> list[Block]:
    """What an object's look is made of, beside what the object itself says."""
    kind = {"MESH": "meshes", "LIGHT": "lights"}.get(item.type)
    found = [(kind, key_of(item.data))] if kind else []
    trees = (getattr(modifier, "node_group", None) for modifier in item.modifiers)
    found += (("node_groups", key_of(tree)) for tree in trees if tree)
    return found + [("materials", key_of(slot.material)) for slot in item.material_slots if slot.material]


def facts_of(block: Block, met: dict[Block, None]) -> Iterator[list[object]]:
    """In pieces, each of some milliseconds at most; nothing of a block that is gone.

    ``met`` gets the blocks that this one's nodes use.
    """
    kind, key = block
    find = partial(getattr(bpy.data, kind).get, key)
    if kind == "meshes":
        yield from _mesh_facts(key)
        return
    yield _own_facts(find(), _OWN[kind])
    yield from key_facts(find)
    done = 0
    while (tree := _tree(block)) is not None and done < len(tree.nodes):
        del tree
        yield _node_facts(block, done, met)
        done += NODES_AT_ONCE
    done = 0
    while links := _link_facts(_tree(block), done):
        yield links
        done += len(links)
    if kind != "node_groups":
        yield from key_facts(partial(_tree, block))


def view_facts(scene: bpy.types.Scene) -> list[object]:
    """How colours are shown, of which a plate is drawn."""
    shown = values_of(scene.view_settings, animated_paths(scene), {})
    return ["view", scene.display_settings.display_device, *shown]


def _tree(block: Block) -> bpy.types.NodeTree | None:
    found = getattr(bpy.data, block[0]).get(block[1])
    return found if found is None or block[0] == "node_groups" else found.node_tree


def _mesh_facts(key: Key) -> Iterator[list[object]]:
    mesh = bpy.data.meshes.get(key)
    names = _seen(mesh) if mesh else []
    del mesh
    yield [key[0]]
    for name in names:
        if (values := _attribute(key, name)) is None:
            continue
        grown = hashlib.sha256()
        for begin in range(0, len(values), HASHED_AT_ONCE):
            grown.update(values[begin : begin + HASHED_AT_ONCE])
            yield []
        yield [name, grown.hexdigest()[:16]]


def _seen(mesh: bpy.types.Mesh) -> list[str]:
    """Names of the attributes that show: where the points are, which material a face has, colours, UV maps."""
    many = {"FLOAT2", "FLOAT_COLOR", "BYTE_COLOR"}
    return [each.name for each in mesh.attributes if each.name in _KNOWN or each.data_type in many]


def _attribute(key: Key, name: str) -> memoryview | None:
    """Its bytes."""
    mesh = bpy.data.meshes.get(key)
    found = mesh.attributes.get(name) if mesh else None
    if found is None or found.data_type not in _READ:
        return None
    prop, width, kind = _READ[found.data_type]
    if not 0 < width * len(found.data) <= (MOST_BYTES if found.data_type == "BYTE_COLOR" else MOST):
        return memoryview(str(len(found.data)).encode())
    values = np.empty(width * len(found.data), kind)
    found.data.foreach_get(prop, values)
    return memoryview(values).cast("B")


def _own_facts(block: bpy.types.ID | None, names: tuple[str, ...]) -> list[object]:
    """A block's values but for those that keys or drivers set."""
    if block is None:
        return []
    animated = animated_paths(block)
    return [block.name, *(plain(getattr(block, name, None), {}) for name in names if name not in animated)]


def _node_facts(block: Block, first: int, met: dict[Block, None]) -> list[object]:
    tree = _tree(block)
    animated = animated_paths(tree)
    facts: list[object] = []
    for node in tree.nodes[first : first + NODES_AT_ONCE]:
        facts.append((node.name, node.bl_idname, value_of(node, "mute", animated)))
        facts.append(values_of(node, animated, met))
        for socket in node.inputs:
            if not socket.is_linked and hasattr(socket, "default_value"):
                facts.append(plain(value_of(socket, "default_value", animated), met))
    return facts


def _link_facts(tree: bpy.types.NodeTree | None, first: int) -> list[object]:
    some = tree.links[first : first + LINKS_AT_ONCE] if tree else ()
    ends = ((each.from_node.name, each.from_socket, each.to_node.name, each.to_socket) for each in some)
    return [(one, out.identifier, other, into.identifier) for one, out, other, into in ends]
