# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture through a 3D viewport's drawing: a geometry drawing for depth and object numbers, and one for the plate.

Geometry has a drawing of its own, in flat Solid mode without anti-aliasing, since Material Preview and Rendered leave
nothing in the depth buffer (Blender 5.2) and smoothed edges would mix object numbers. Both drawings show one evaluation
of the scene.
"""

from __future__ import annotations

import itertools
import math

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.camera import linear_depth
from ..protocol.errors import ErrorCode, SecondUnitError
from ..protocol.late import evolve, frozen
from ..protocol.shot import PlaneKind
from ..scene.camera import View
from ..scene.labels import LabelFacts
from ..scene.motion import MotionFacts
from ..scene.settings import Settings
from . import viewport
from .base import CaptureOptions, Drawing, Place, Planes
from .paint import MaterialPaint, Paint, codes_of
from .shading import plate_changes
from .tracks import GEOMETRY, Codes, Drawn, codes_for, geometry_planes, needs_materials
from .viewport import Canvas, Changes, Viewport

RATIO = 100.0  # far over near of one drawing: window depth has 24 bits, spent on 1/z
OVERLAP = 0.999


@frozen(eq=False)
class Slice:
    """A drawing of a part of the clip range, Blender units: colours (H, W, 4) uint8 and window depth (H, W) 0 … 1."""

    near: float
    far: float
    colours: NDArray[np.uint8]
    window: NDArray[np.float32]


class WindowBackend:
    """Draws with ``GPUOffScreen.draw_view3d``; needs a Blender window with a 3D viewport in it."""

    name = "window"
    sweeps = (GEOMETRY | {PlaneKind.COLOUR},)
    matches_detail = True

    def __init__(self) -> None:
        self._place: Place | None = None
        self._options = CaptureOptions()
        self._codes: Codes = {}
        self._labels = LabelFacts()
        self._paint: Paint | None = None
        self._material_paint: MaterialPaint | None = None  # only where material numbers are wanted
        self._canvases: dict[tuple[bool, int, int], Canvas] = {}  # by whether colours are managed, and size

    @staticmethod
    def available(context: bpy.types.Context) -> bool:
        return viewport.find(context, everything=True) is not None

    def begin(self, place: Place, settings: Settings, options: CaptureOptions) -> None:
        self._place, self._options = place, options
        self._viewport()

    def enter(self, kinds: frozenset[PlaneKind], view: View, motion: MotionFacts, labels: LabelFacts) -> None:
        self._labels = labels
        layer = self._place.find()[1]
        self._material_paint = MaterialPaint(layer, labels.materials) if needs_materials(kinds, labels) else None
        if kinds & GEOMETRY:
            self._codes = codes_for(motion.by_drawer)  # Blender draws instances in the colour of what makes them
            self._paint = Paint(layer, self._codes)

    def draw(
        self, kinds: frozenset[PlaneKind], view: View, motion: MotionFacts, matrices: NDArray[np.float64]
    ) -> Drawing:
        found = self._viewport()
        objects = self._draw_geometry(found, view, self._paint, "OBJECT") if kinds & GEOMETRY else []
        paint = self._material_paint
        materials = self._draw_geometry(found, view, paint, "MATERIAL") if paint is not None else []
        plate = self._draw_plate(found, view) if PlaneKind.COLOUR in kinds else None
        codes, labels, hole = self._codes, self._labels, len(self._codes) + 1

        def planes() -> Planes:
            made: Planes = {}
            if objects:
                depth, numbers = joined(objects, view.unit_scale, hole)
                out = numbers == hole
                drawn = Drawn(np.where(out, np.float32(np.inf), depth), np.where(out, 0, numbers))
                if materials:
                    drawn = evolve(drawn, materials=joined(materials, view.unit_scale, len(labels.materials))[1])
                made = geometry_planes(kinds, drawn, codes, view, motion.by_drawer, matrices, labels)
            if plate is not None:
                made[PlaneKind.COLOUR] = plate[..., :3]
            return made

        return planes

    def end(self) -> None:
        for canvas in self._canvases.values():
            canvas.free()
        self._canvases.clear()

    def _viewport(self) -> Viewport:
        found = viewport.find(bpy.context, everything=True)
        if found is None:
            cause = "There is no 3D viewport that shows the whole scene"
            remedy = "Open a 3D viewport in this window, or leave local view"
            raise SecondUnitError(ErrorCode.NO_VIEWPORT, cause, remedy=remedy)
        return found

    def _canvas(self, view: View, *, managed: bool) -> Canvas:
        key = (managed, view.width, view.height)
        if key not in self._canvases:
            self._canvases[key] = Canvas(view.width, view.height, managed=managed)
        return self._canvases[key]

    def _draw_plate(self, found: Viewport, view: View) -> NDArray[np.uint8]:
        changes = found.bare() + found.whole() + plate_changes(found, self._options.shading)
        with viewport.changed(changes):
            clip = (view.clip_start, view.clip_end)
            return self._canvas(view, managed=True).draw(found, *self._place.find(), view, clip)[0]

    def _draw_geometry(self, found: Viewport, view: View, paint: Paint | MaterialPaint, coloured: str) -> list[Slice]:
        """Drawings of the camera's clip range, the nearest part first, in the colours of objects or materials."""
        scene, view_layer = self._place.find()
        canvas = self._canvas(view, managed=False)
        changes = found.bare() + found.whole() + found.solid() + _flat(found, coloured)
        with viewport.changed(changes), paint.applied(view_layer.depsgraph):
            return [
                Slice(near, far, *canvas.draw(found, scene, view_layer, view, (near, far)))
                for near, far in clip_ranges(view.clip_start, view.clip_end)
            ]


def clip_ranges(near: float, far: float) -> list[tuple[float, float]]:
    """(near, far) of drawings that together cover a clip range, each within RATIO and overlapping the next."""
    count = max(1, math.ceil(math.log(far / near) / math.log(RATIO) - 1e-6))
    edges = [near * (far / near) ** (place / count) for place in range(count + 1)]
    return [(low * (OVERLAP if place else 1.0), high) for place, (low, high) in enumerate(itertools.pairwise(edges))]


def joined(drawn: list[Slice], unit_scale: float, most: int) -> tuple[NDArray[np.float32], NDArray[np.int_]]:
    """Depth in metres (+inf where there is nothing) and numbers up to ``most``, each (H, W); the nearest slice rules.

    A colour that is no such number's, as of what has no material, counts as 0.
    """
    depth = np.full(drawn[0].window.shape, np.inf, np.float32)
    numbers = np.zeros(depth.shape, int)
    for part in reversed(drawn):
        here = part.window < 1.0
        depth[here] = linear_depth(part.window[here], part.near, part.far) * unit_scale
        numbers[here] = codes_of(part.colours[here])
    return depth, np.where(numbers <= most, numbers, 0)


def _flat(found: Viewport, coloured: str) -> Changes:
    """Solid mode that draws colours of objects ("OBJECT") or materials ("MATERIAL") as they are."""
    shading = found.space.shading
    plain = ("show_xray", "show_shadows", "show_cavity", "show_object_outline", "show_backface_culling", "use_dof")
    return [
        (bpy.context.preferences.system, "viewport_aa", "OFF"),
        (shading, "type", "SOLID"),
        (shading, "light", "FLAT"),
        (shading, "color_type", coloured),
        *((shading, name, False) for name in plain),
    ]
