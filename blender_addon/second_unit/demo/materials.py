# SPDX-License-Identifier: GPL-3.0-or-later
"""Surfaces that look the same from everywhere and render without noise: pictures in light baked into the mesh."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Vector

from .meshes import LIGHT
from .textures import Painter


def picture(name: str, painter: Painter, size: int, rng: np.random.Generator) -> bpy.types.Image:
    """A packed image in the .blend, painted by ``painter``."""
    image = bpy.data.images.new(name, size, size)
    rgba = np.ones((size, size, 4), np.float32)
    rgba[..., :3] = painter(size, rng)[::-1]
    image.pixels.foreach_set(rgba.ravel())
    image.update()
    image.pack()
    return image


def material(name: str, image: bpy.types.Image) -> bpy.types.Material:
    """A surface that shows ``image`` by UV in its baked light; Workbench's texture mode shows the same picture."""
    made = bpy.data.materials.new(name)
    made.cycles.emission_sampling = "NONE"  # the glow is seen; it must not become thousands of lamps
    if not made.use_nodes:
        made.use_nodes = True
    tree = made.node_tree
    tree.nodes.clear()
    new, link = tree.nodes.new, tree.links.new
    texture, light, lit = new("ShaderNodeTexImage"), new("ShaderNodeAttribute"), new("ShaderNodeVectorMath")
    emission, output = new("ShaderNodeEmission"), new("ShaderNodeOutputMaterial")
    for place, node in enumerate((texture, light, lit, emission, output)):
        node.location = (place * 200 - 800, 0)
    texture.image, light.attribute_name, lit.operation = image, LIGHT, "MULTIPLY"
    link(texture.outputs["Color"], lit.inputs[0])
    link(light.outputs["Color"], lit.inputs[1])
    link(lit.outputs["Vector"], emission.inputs["Color"])
    link(emission.outputs[0], output.inputs["Surface"])
    tree.nodes.active = texture
    return made


def sky(scene: bpy.types.Scene, painter: Painter, rng: np.random.Generator) -> None:
    """A painted panorama (``painter`` gives it over all directions) that is seen and lights nothing."""
    world = bpy.data.worlds.new("Second Unit Sky")
    scene.world = world
    if not world.use_nodes:
        world.use_nodes = True
    world.color = (0.45, 0.58, 0.75)
    tree = world.node_tree
    tree.nodes.clear()
    panorama, background = tree.nodes.new("ShaderNodeTexEnvironment"), tree.nodes.new("ShaderNodeBackground")
    output = tree.nodes.new("ShaderNodeOutputWorld")
    panorama.image = picture("sky", painter, 1024, rng)
    panorama.location, background.location, output.location = (-560, 0), (-240, 0), (0, 0)
    tree.links.new(panorama.outputs["Color"], background.inputs["Color"])
    tree.links.new(background.outputs[0], output.inputs["Surface"])
    world.cycles.sampling_method = "NONE"
    seen = world.cycles_visibility
    seen.diffuse = seen.glossy = seen.transmission = seen.scatter = False


def sun(scene: bpy.types.Scene, to_sun: tuple[float, float, float]) -> bpy.types.Object:
    """A lamp where the baked sun stands, for whatever the artist adds; the demo's own surfaces do not need it."""
    light = bpy.data.lights.new("Sun", "SUN")
    light.energy, light.angle, light.color = 3.0, 0.0, (1.0, 0.86, 0.68)
    thing = bpy.data.objects.new("Sun", light)
    thing.rotation_euler = Vector(to_sun).to_track_quat("Z", "Y").to_euler()
    scene.collection.objects.link(thing)
    return thing
