# SPDX-License-Identifier: GPL-3.0-or-later
"""A short stamp of what things look like: shapes of meshes, materials, lights, the world.

Taken from the data, never from a picture of it, which may differ where nothing was touched.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator

import bpy

from .animated import animated_paths
from .stamp import digest

MOST_POINTS = 500_000  # of one mesh; a larger one is told by their number alone
_LIGHT = ("type", "energy", "color", "angle", "spot_size", "shadow_soft_size", "size")
_NODE = ("blend_type", "operation", "data_type", "interpolation", "projection", "distribution", "object", "image")


def look_stamp(scene: bpy.types.Scene) -> str:
    """Of everything that renders."""
    facts: list[object] = []
    seen: set[bpy.types.ID] = set()

    def once(block: bpy.types.ID | None) -> bool:
        if block is None or block in seen:
            return False
        seen.add(block)
        return True

    for item in scene.objects:
        if item.hide_render:
            continue
        if item.type in {"MESH", "LIGHT"} and once(item.data):
            facts += _mesh_facts(item.data) if item.type == "MESH" else _light_facts(item.data)
        for slot in item.material_slots:
            if once(slot.material):
                facts += _block_facts(slot.material, ("diffuse_color",))
    if once(scene.world):
        facts += _block_facts(scene.world, ("color",))
    return digest(facts)


def _mesh_facts(mesh: bpy.types.Mesh) -> Iterator[object]:
    yield mesh.name
    count = len(mesh.vertices)
    if count <= MOST_POINTS:
        points = array("f", bytes(12 * count))
        mesh.vertices.foreach_get("co", points)
        yield hashlib.blake2b(points.tobytes(), digest_size=8).hexdigest()


def _light_facts(light: bpy.types.Light) -> Iterator[object]:
    yield from _block_facts(light, tuple(name for name in _LIGHT if hasattr(light, name)))


def _block_facts(block: bpy.types.ID, names: tuple[str, ...]) -> Iterator[object]:
    """A datablock's values but for those that keys or drivers set, and its nodes."""
    animated = animated_paths(block)
    yield block.name
    for name in names:
        if name not in animated:
            yield _plain(getattr(block, name))
    tree = block.node_tree
    if tree is not None:
        yield from _tree_facts(tree)


def _tree_facts(tree: bpy.types.NodeTree) -> Iterator[object]:
    animated = animated_paths(tree)
    for node in tree.nodes:
        yield (node.name, node.bl_idname, node.mute)
        yield tuple(_plain(getattr(node, name, None)) for name in _NODE)
        for socket in node.inputs:
            if socket.is_linked or not hasattr(socket, "default_value"):
                continue
            if not (animated and socket.path_from_id("default_value") in animated):
                yield _plain(socket.default_value)
    for link in tree.links:
        yield (link.from_node.name, link.from_socket.identifier, link.to_node.name, link.to_socket.identifier)


def _plain(value: object) -> object:
    """A value as it prints the same for as long as it is the same."""
    if isinstance(value, bpy.types.ID):
        return value.name
    if isinstance(value, float):
        return round(value, 5)
    return tuple(map(_plain, value)) if hasattr(value, "__len__") and not isinstance(value, str) else value
