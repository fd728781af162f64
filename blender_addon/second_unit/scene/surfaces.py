# SPDX-License-Identifier: GPL-3.0-or-later
"""What materials mean for a capture: what one sees through, what mirrors or refracts, and what is fog alone."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import bpy

SMOOTH = 0.2  # a metal of at most this roughness shows its surroundings and not itself
MOSTLY = 0.5
_CLEAR = {"ShaderNodeBsdfTransparent", "ShaderNodeHoldout"}
_GLASS = {"ShaderNodeBsdfGlass", "ShaderNodeBsdfRefraction", "ShaderNodeBsdfRayPortal"}
_GLOSSY = {"ShaderNodeBsdfGlossy", "ShaderNodeBsdfAnisotropic"}


def see_through(tree: bpy.types.NodeTree | None) -> bool:
    """Whether a material lets the camera's rays pass in places, as leaves cut from a picture do."""
    for node in tree.nodes if tree is not None else ():
        alpha = node.inputs.get("Alpha") if node.bl_idname == "ShaderNodeBsdfPrincipled" else None
        if alpha is not None and (alpha.is_linked or alpha.default_value < 1.0):
            return True
        if node.bl_idname in _CLEAR or see_through(getattr(node, "node_tree", None)):
            return True
    return False


def shows_others(material: bpy.types.Material) -> bool:
    """Whether most of what one sees on it is something else: a mirror, glass, or a pane that is nearly clear.

    What pictures drive is not judged: a leaf's alpha, a scratched metal's roughness.
    """
    return _borrowed(_shader(material, "Surface")) >= MOSTLY


def is_fog(material: bpy.types.Material) -> bool:
    """Whether it has no surface, but a volume."""
    return _shader(material, "Surface") is None and _shader(material, "Volume") is not None


def fills_space(thing: bpy.types.Object, is_fog: Callable[[bpy.types.Material], bool] = is_fog) -> bool:
    """Whether an object is there for the volume inside it alone: fog in a box."""
    materials = [slot.material for slot in thing.material_slots if slot.material is not None]
    return bool(materials) and all(is_fog(material) for material in materials)


def materials_of(scene: bpy.types.Scene) -> set[bpy.types.Material]:
    """Those in slots of the scene's objects, and of the objects that its instances show."""
    found: set[bpy.types.Material] = set()
    collections = [scene.collection]
    done: set[str] = set()
    while collections:
        for thing in collections.pop().all_objects:
            found.update(slot.material for slot in thing.material_slots if slot.material is not None)
            inside = thing.instance_collection if thing.instance_type == "COLLECTION" else None
            if inside is not None and inside.name_full not in done:
                done.add(inside.name_full)
                collections.append(inside)
    return found


def left_out(scene: bpy.types.Scene) -> list[str]:
    """Names of what renders and has no surface, so that neither depth nor motion know of it."""
    once = functools.cache(is_fog)  # many objects share a material
    found = [
        thing.name
        for thing in scene.objects
        if not thing.hide_render and (thing.type in {"VOLUME", "GREASEPENCIL", "GPENCIL"} or fills_space(thing, once))
    ]
    return sorted(found)


def _shader(material: bpy.types.Material, socket: str) -> bpy.types.Node | None:
    """The node at an input of the material's output."""
    for node in material.node_tree.nodes if material.node_tree is not None else ():
        if node.bl_idname == "ShaderNodeOutputMaterial" and node.is_active_output:
            return _behind(node.inputs[socket])
    return None


def _behind(socket: bpy.types.NodeSocket) -> bpy.types.Node | None:
    links = [link for link in socket.links if not link.is_muted]
    if not links:
        return None
    node = links[0].from_node
    return _behind(node.inputs[0]) if node.bl_idname == "NodeReroute" else node


def _borrowed(node: bpy.types.Node | None) -> float:
    """The share, 0 … 1, of what is seen that comes by mirroring or from behind."""
    if node is None:
        return 0.0
    kind = node.bl_idname
    if kind in _GLASS or kind == "ShaderNodeBsdfTransparent":
        return 1.0
    if kind in _GLOSSY:
        return float(_constant(node, "Roughness", 1.0) <= SMOOTH)
    if kind == "ShaderNodeBsdfPrincipled":
        alpha = _constant(node, "Alpha", 1.0)
        metal = _constant(node, "Metallic", 0.0) * (_constant(node, "Roughness", 1.0) <= SMOOTH)
        return 1.0 - alpha + alpha * max(metal, _constant(node, "Transmission Weight", 0.0))
    if kind == "ShaderNodeMixShader":
        first, second = (_borrowed(_behind(node.inputs[place])) for place in (1, 2))
        if node.inputs[0].is_linked:
            return min(first, second)
        share = node.inputs[0].default_value
        return (1.0 - share) * first + share * second
    if kind == "ShaderNodeAddShader":
        return max(_borrowed(_behind(node.inputs[place])) for place in (0, 1))
    if kind == "ShaderNodeGroup":
        return max((_borrowed(shader) for shader in _inside(node)), default=0.0)
    return 0.0


def _inside(group: bpy.types.Node) -> Iterator[bpy.types.Node | None]:
    for node in group.node_tree.nodes if group.node_tree is not None else ():
        if node.bl_idname == "NodeGroupOutput" and node.is_active_output:
            yield from (_behind(socket) for socket in node.inputs if socket.type == "SHADER")


def _constant(node: bpy.types.Node, name: str, otherwise: float) -> float:
    """An input's value; ``otherwise`` where it is linked, or not there."""
    socket = node.inputs.get(name)
    return otherwise if socket is None or socket.is_linked else socket.default_value
