# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the viewport's scene the one that would be rendered, for as long as a capture lasts."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator

import bpy

from .animated import animated_paths
from .motion import may_deform
from .settings import Blocks, Settings
from .surfaces import see_through


class RenderMatch:
    """Shows what renders and hides what does not, and takes modifiers of what may deform to their render levels.

    ``detail`` is for a back-end that draws the viewport: everything that shows there is taken to how it renders.

    A scene of thousands of objects takes a while, so :meth:`some` does a part of it; call it until it returns True.

    Objects whose render visibility is animated need :meth:`lead` before each change of frame and :meth:`follow` after
    it. What cannot be matched is named in ``unmatched``.
    """

    def __init__(self, scene: bpy.types.Scene, view_layer: bpy.types.ViewLayer, settings: Settings, detail: bool):
        self.unmatched: list[str] = []
        self._settings = settings
        self._animated: set[int] = set()
        self._scene, self._layer = scene.name, view_layer.name
        self._detail = detail
        _match_collections(scene, view_layer, settings)
        _match_simplify(scene, settings)
        view_layer.update()  # else the layer does not list what was linked a moment ago
        self._left = deque(thing.session_uid for thing in view_layer.objects)

    def some(self, view_layer: bpy.types.ViewLayer, seconds: float) -> bool:
        """Matches further objects for about so long; True once all are. What has gone meanwhile is passed over."""
        until = time.monotonic() + seconds
        things = {thing.session_uid: thing for thing in view_layer.objects}
        while self._left:
            thing = things.get(self._left.popleft())
            if thing is not None:
                self._match(thing, view_layer)
            if time.monotonic() >= until:
                break
        return not self._left

    def _match(self, thing: bpy.types.Object, view_layer: bpy.types.ViewLayer) -> None:
        self._match_object(thing, view_layer)
        if self._detail:
            self._match_looks(thing)
        if self._detail or may_deform(thing):  # where what deforms is, is read from the viewport's mesh
            self._match_levels(thing)

    def lead(self) -> None:
        """Before ``frame_set``: what may appear is shown, for Blender reads no keys of hidden objects."""
        for thing in self._followed():
            thing.hide_viewport = False

    def follow(self) -> None:
        """After ``frame_set``: render visibility that is keyed or driven takes effect in the viewport too."""
        for thing in self._followed():
            if thing.hide_viewport != self._hidden(thing):
                thing.hide_viewport = self._hidden(thing)

    def _followed(self) -> list[bpy.types.Object]:
        if not self._animated:
            return []
        return [thing for thing in bpy.data.scenes[self._scene].objects if thing.session_uid in self._animated]

    def _hidden(self, thing: bpy.types.Object) -> bool:
        """Whether a camera does not see the object; a viewport knows nothing of rays, so it is hidden there."""
        if thing.hide_render or not self._detail:
            return thing.hide_render
        layer = bpy.data.scenes[self._scene].view_layers[self._layer]
        return not thing.visible_camera or thing.indirect_only_get(view_layer=layer)

    def _match_object(self, thing: bpy.types.Object, view_layer: bpy.types.ViewLayer) -> None:
        if animated_paths(thing) & {"hide_render", "visible_camera"}:
            self._animated.add(thing.session_uid)
            # The recorder sees no change yet; the state must be put back all the same.
            self._settings.keep(thing, ("hide_viewport",))
        self._settings.set(thing, "hide_viewport", self._hidden(thing))
        if thing.is_instancer:
            self._settings.set(thing, "show_instancer_for_viewport", thing.show_instancer_for_render)
        if not thing.hide_render and thing.hide_get(view_layer=view_layer):
            self._show(thing, view_layer)

    def _show(self, thing: bpy.types.Object, view_layer: bpy.types.ViewLayer) -> None:
        """Opens the outliner's eye, which is no property."""
        uid, scene_uid, layer = thing.session_uid, view_layer.id_data.session_uid, view_layer.name

        def undo(blocks: Blocks) -> None:
            blocks[uid].hide_set(True, view_layer=blocks[scene_uid].view_layers[layer])

        thing.hide_set(False, view_layer=view_layer)
        self._settings.later(undo)

    def _match_looks(self, thing: bpy.types.Object) -> None:
        for slot in thing.material_slots:
            if slot.material is not None and see_through(slot.material.node_tree):
                said = f"the viewport's depth does not see through {slot.material.name}"
                self.unmatched.append(f"{thing.name}: {said}; Captured With > Cycles in Options does")
        if thing.display_type in {"BOUNDS", "WIRE"}:
            self._settings.set(thing, "display_type", "TEXTURED")
        self._settings.set(thing, "show_in_front", False)
        if thing.particle_systems:
            self.unmatched.append(f"{thing.name}: particles may differ between viewport and render")

    def _match_levels(self, thing: bpy.types.Object) -> None:
        change = self._settings.set
        for modifier in thing.modifiers:
            change(modifier, "show_viewport", modifier.show_render)
            if modifier.type in {"SUBSURF", "MULTIRES"}:
                change(modifier, "levels", modifier.render_levels)
            if modifier.type == "NODES" and _asks_for_viewport(modifier.node_group):
                self.unmatched.append(f"{thing.name}: its geometry nodes ask whether this is the viewport")
        data = thing.data
        for viewport, render in (("resolution_u", "render_resolution_u"), ("resolution_v", "render_resolution_v")):
            if getattr(data, render, 0):
                change(data, viewport, getattr(data, render))
        if thing.type == "META":
            change(data, "resolution", data.render_resolution)


def _match_collections(scene: bpy.types.Scene, view_layer: bpy.types.ViewLayer, settings: Settings) -> None:
    for layer, path in _layers(view_layer.layer_collection, ()):
        collection = layer.collection
        if collection != scene.collection:
            settings.set(collection, "hide_viewport", collection.hide_render)
        if layer.hide_viewport:
            layer.hide_viewport = False
            settings.later(_layer_hider(scene.session_uid, view_layer.name, path))


def _layer_hider(scene_uid: int, view_layer: str, path: tuple[str, ...]):
    def undo(blocks: Blocks) -> None:
        layer = blocks[scene_uid].view_layers[view_layer].layer_collection
        for name in path:
            layer = layer.children[name]
        layer.hide_viewport = True

    return undo


def _layers(layer: bpy.types.LayerCollection, path: tuple[str, ...]) -> Iterator[tuple]:
    yield layer, path
    for child in layer.children:
        if not child.exclude:
            yield from _layers(child, (*path, child.name))


def _match_simplify(scene: bpy.types.Scene, settings: Settings) -> None:
    render = scene.render
    if render.use_simplify:
        settings.set(render, "simplify_subdivision", render.simplify_subdivision_render)
        settings.set(render, "simplify_child_particles", render.simplify_child_particles_render)


def _asks_for_viewport(tree: bpy.types.NodeTree | None) -> bool:
    if tree is None:
        return False
    return any(
        node.bl_idname == "GeometryNodeIsViewport" or _asks_for_viewport(getattr(node, "node_tree", None))
        for node in tree.nodes
    )
