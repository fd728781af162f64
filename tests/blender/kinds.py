# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes of one unusual thing each, before a wall 11.5 m from the camera; needs bpy alone.

The camera stands at (0, -8, 0) and looks along +y; a thing at the origin is 8 m away.
"""

from __future__ import annotations

import bpy
import numpy as np

from tests.blender.captures import box, camera, key

WALL_M = 11.5


def stage() -> bpy.types.Object:
    """Camera and wall; returns the camera."""
    made = camera((0, -8, 0), (0, 0, 0))
    box("Wall", (0, 4, 0), (60, 1, 60))
    return made


def pane(name: str, material: bpy.types.Material | None = None, x: float = 0.0, side: float = 2.0) -> bpy.types.Object:
    """A square in the plane y = 0 that faces the camera."""
    half = side / 2
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(-half, 0, -half), (half, 0, -half), (half, 0, half), (-half, 0, half)], [], [(0, 1, 2, 3)])
    for u, v, loop in zip((0, 1, 1, 0), (0, 0, 1, 1), mesh.uv_layers.new().data, strict=True):
        loop.uv = (u, v)
    made = bpy.data.objects.new(name, mesh)
    made.location.x = x
    bpy.context.scene.collection.objects.link(made)
    if material is not None:
        mesh.materials.append(material)
    return made


def nodes_of(name: str) -> tuple[bpy.types.Material, bpy.types.NodeTree, bpy.types.Node]:
    """A material whose tree has nothing but its output."""
    made = bpy.data.materials.new(name)
    if made.node_tree is None:
        made.use_nodes = True
    made.node_tree.nodes.clear()
    return made, made.node_tree, made.node_tree.nodes.new("ShaderNodeOutputMaterial")


def principled(name: str, **inputs: float) -> bpy.types.Material:
    made, tree, output = nodes_of(name)
    shader = tree.nodes.new("ShaderNodeBsdfPrincipled")
    for socket, value in inputs.items():
        shader.inputs[socket.replace("_", " ")].default_value = value
    tree.links.new(shader.outputs[0], output.inputs["Surface"])
    return made


def fog(name: str, density: float = 0.5) -> bpy.types.Material:
    made, tree, output = nodes_of(name)
    shader = tree.nodes.new("ShaderNodeVolumePrincipled")
    shader.inputs["Density"].default_value = density
    tree.links.new(shader.outputs[0], output.inputs["Volume"])
    return made


def misty_world(density: float = 0.2) -> bpy.types.World:
    made = bpy.data.worlds.new("Mist")
    if made.node_tree is None:
        made.use_nodes = True
    shader = made.node_tree.nodes.new("ShaderNodeVolumePrincipled")
    shader.inputs["Density"].default_value = density
    made.node_tree.links.new(shader.outputs[0], made.node_tree.nodes["World Output"].inputs["Volume"])
    bpy.context.scene.world = made
    return made


def leaf(name: str) -> bpy.types.Material:
    """Cut out of a picture: its left half is there, its right half is not."""
    picture = bpy.data.images.new(name, 64, 64, alpha=True)
    pixels = np.ones((64, 64, 4), np.float32)
    pixels[:, 32:, 3] = 0.0
    picture.pixels.foreach_set(pixels.ravel())
    picture.pack()
    made, tree, output = nodes_of(name)
    texture, shader = tree.nodes.new("ShaderNodeTexImage"), tree.nodes.new("ShaderNodeBsdfPrincipled")
    texture.image, texture.interpolation = picture, "Closest"
    tree.links.new(texture.outputs["Color"], shader.inputs["Base Color"])
    tree.links.new(texture.outputs["Alpha"], shader.inputs["Alpha"])
    tree.links.new(shader.outputs[0], output.inputs["Surface"])
    return made


def mixed(name: str, share: float, first: str, second: str) -> bpy.types.Material:
    """Two shaders by their nodes' names; ``share`` of the second."""
    made, tree, output = nodes_of(name)
    mix = tree.nodes.new("ShaderNodeMixShader")
    mix.inputs[0].default_value = share
    for place, kind in ((1, first), (2, second)):
        tree.links.new(tree.nodes.new(kind).outputs[0], mix.inputs[place])
    tree.links.new(mix.outputs[0], output.inputs["Surface"])
    return made


def points_nodes(name: str, part: bpy.types.Object, count: int = 4, step: float = 1.0) -> bpy.types.Object:
    """An object whose geometry nodes put instances of ``part`` in a row along x."""
    tree = bpy.data.node_groups.new(name, "GeometryNodeTree")
    for way in ("OUTPUT", "INPUT"):
        tree.interface.new_socket("Geometry", in_out=way, socket_type="NodeSocketGeometry")
    line, put = tree.nodes.new("GeometryNodeMeshLine"), tree.nodes.new("GeometryNodeInstanceOnPoints")
    what, out = tree.nodes.new("GeometryNodeObjectInfo"), tree.nodes.new("NodeGroupOutput")
    line.inputs["Count"].default_value, line.inputs["Offset"].default_value = count, (step, 0.0, 0.0)
    what.inputs["Object"].default_value, what.inputs["As Instance"].default_value = part, True
    for source, goal in (
        (line.outputs[0], put.inputs["Points"]),
        (what.outputs["Geometry"], put.inputs["Instance"]),
        (put.outputs[0], out.inputs[0]),
    ):
        tree.links.new(source, goal)
    host = box(name)
    host.modifiers.new("Nodes", "NODES").node_group = tree
    return host


def particles(name: str, part: bpy.types.Object, count: int = 20) -> bpy.types.Object:
    """An emitter whose particles, 20 frames old at frame 1, are instances of ``part``."""
    made = box(name, (0, 0, -1.5))
    made.modifiers.new("Particles", "PARTICLE_SYSTEM")
    settings = made.particle_systems[0].settings
    settings.count, settings.frame_start, settings.frame_end, settings.lifetime = count, -20, 0, 200
    settings.render_type, settings.instance_object, settings.particle_size = "OBJECT", part, 1.0
    settings.effector_weights.gravity = 0.1
    settings.normal_factor = 2.0
    scene = bpy.context.scene
    scene.frame_start = -20
    for frame in range(-20, 2):  # a simulation goes frame by frame
        scene.frame_set(frame)
    return made


def strands(name: str) -> bpy.types.Object:
    """Hair as a curves object: 60 strands of 5 points."""
    data = bpy.data.hair_curves.new(name)
    data.add_curves([5] * 60)
    starts = np.random.default_rng(0).uniform(-1, 1, (60, 1, 3))
    points = starts + np.linspace(0, 1, 5)[:, None] * [0.2, 0.0, 0.6]
    data.position_data.foreach_set("vector", points.astype(np.float32).ravel())
    data.attributes.new("radius", "FLOAT", "POINT").data.foreach_set("value", np.full(300, 0.05, np.float32))
    made = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(made)
    return made


def hairy(name: str) -> bpy.types.Object:
    """A box with particle hair."""
    made = box(name)
    made.modifiers.new("Hair", "PARTICLE_SYSTEM")
    settings = made.particle_systems[0].settings
    settings.type, settings.count, settings.hair_length = "HAIR", 400, 1.0
    return made


def lines(name: str) -> bpy.types.Object:
    """A Grease Pencil drawing at the origin."""
    bpy.ops.object.grease_pencil_add(type="MONKEY", location=(0, 0, 0))
    bpy.context.object.name = name
    return bpy.context.object


def slides(thing: bpy.types.Object, along=(0.5, 0.0, 0.0)) -> None:
    """Moves a thing over frames 1 to 3."""
    start = np.array(thing.location)
    key(thing, "location", {1: tuple(start), 3: tuple(start + along)})
    bpy.context.scene.frame_set(1)
