# SPDX-License-Identifier: GPL-3.0-or-later
"""Rays from a camera through the scene as it stands, for what lies between the samples of a depth map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum

import bpy
import numpy as np
from mathutils import Vector

from .surfaces import fills_space, see_through

MOST_PASSED = 64  # things that cameras do not see, before a ray gives up
PASSED = 1e-6  # relative: so far behind such a surface it goes on


class Rays:
    """To be made anew for every step, since it holds bpy's data. ``forward`` (3,) is where the camera looks.

    ``eye`` is in Blender units, as are the two of ``clip``, near and far; the rays' distances are metres.
    """

    def __init__(
        self,
        scene: bpy.types.Scene,
        view_layer: bpy.types.ViewLayer,
        eye: np.ndarray,
        forward: np.ndarray,
        clip: tuple[float, float],
        unit_scale: float,
    ):
        self._cast, self._layer, self._depsgraph = scene.ray_cast, view_layer, view_layer.depsgraph
        self._eye, self._forward = Vector(eye), Vector(forward)
        self._near, self._far = clip
        self._unit_scale = unit_scale
        self._found: dict[str, _Stops] = {}

    def cast(self, direction: Sequence[float], most_m: float) -> float:
        """How far a ray gets, up to ``most_m``: inf where nothing stops it, nan where rays cannot judge what does."""
        along = Vector(direction)
        depth = along.dot(self._forward)  # that a unit of length gains
        gone = self._near / depth
        most = min(most_m / self._unit_scale, self._far / depth)
        for _ in range(MOST_PASSED):
            if not gone < most:
                return math.inf
            start = self._eye + gone * along
            hit, place, _, _, thing, _ = self._cast(self._depsgraph, start, along, distance=most - gone)
            if not hit:
                return math.inf
            gone = (place - self._eye).length
            stops = self._stops(thing)
            if stops is _Stops.YES:
                return gone * self._unit_scale
            if stops is _Stops.PERHAPS:
                break
            gone *= 1.0 + PASSED
        return math.nan

    def _stops(self, thing: bpy.types.Object) -> _Stops:
        name = thing.name_full
        if name not in self._found:
            self._found[name] = _stops(thing.original, self._layer)
        return self._found[name]


class _Stops(Enum):
    """Whether a thing stops what a camera sees."""

    YES = "yes"
    NO = "no"  # cameras do not see it
    PERHAPS = "perhaps"  # one sees through it in places


def _stops(thing: bpy.types.Object, view_layer: bpy.types.ViewLayer) -> _Stops:
    own = view_layer.objects.get(thing.name) == thing  # what is there as an instance alone has no say of its own
    if not thing.visible_camera or (own and thing.indirect_only_get(view_layer=view_layer)) or fills_space(thing):
        return _Stops.NO
    materials = [slot.material for slot in thing.material_slots if slot.material is not None]
    clear = any(see_through(material.node_tree) for material in materials)
    return _Stops.PERHAPS if clear else _Stops.YES
