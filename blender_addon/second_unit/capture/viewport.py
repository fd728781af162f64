# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the scene through a 3D viewport, out of sight, from any camera.

A viewport is needed for its settings alone. What a drawing changes of them is put back before the next redraw, so the
artist's window never shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy
import gpu
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ..core.camera import window_projection
from ..protocol.errors import ErrorCode, SecondUnitError
from ..protocol.late import frozen
from ..scene.camera import View

Changes = list[tuple[Any, str, Any]]  # owner, property, value


@frozen
class Viewport:
    """A 3D viewport and the region that shows it; to be looked up anew for every drawing."""

    space: bpy.types.SpaceView3D
    region: bpy.types.Region

    def bare(self) -> Changes:
        """What makes it show the scene and nothing else."""
        return [(self.space.overlay, "show_overlays", False), (self.space.region_3d, "use_clip_planes", False)]

    def whole(self) -> Changes:
        """What makes it show every kind of thing that renders."""
        kinds = (p.identifier for p in self.space.bl_rna.properties if p.identifier.startswith("show_object_viewport_"))
        return [(self.space, name, True) for name in kinds]

    def solid(self) -> Changes:
        """What keeps kinds of things without a surface from being drawn; comes after :meth:`whole`."""
        return [(self.space, f"show_object_viewport_{kind}", False) for kind in ("volume", "grease_pencil")]


def find(context: bpy.types.Context, *, everything: bool) -> Viewport | None:
    """The viewport to draw with: the context's own, else the largest one.

    ``everything`` leaves out those that show a part of the scene (local view, local collections).
    """
    if bpy.app.background:
        return None
    areas = [area for window in context.window_manager.windows for area in window.screen.areas]
    areas.sort(key=lambda area: (area != context.area, -area.width * area.height))
    for area in areas:
        space = area.spaces.active
        if area.type != "VIEW_3D" or (everything and (space.local_view or space.use_local_collections)):
            continue
        for region in area.regions:
            if region.type == "WINDOW":
                return Viewport(space, region)
    return None


@contextmanager
def changed(changes: Changes) -> Iterator[None]:
    """Sets properties for as long as it lasts; those that have the value already are not touched."""
    undo: Changes = []
    try:
        for owner, name, value in changes:
            old = getattr(owner, name)
            old = tuple(old) if hasattr(old, "__len__") and not isinstance(old, str) else old
            if old != value:
                undo.append((owner, name, old))
                setattr(owner, name, value)
        yield
    finally:
        for owner, name, old in reversed(undo):
            setattr(owner, name, old)


class Canvas:
    """An off-screen picture; keep it over many drawings, for it keeps the draw engine's compiled state.

    ``managed`` colours are display-referred and stand before the background; others are as the shading has them.
    """

    def __init__(self, width: int, height: int, *, managed: bool = True):
        self.size = (width, height)
        self._managed = managed
        try:
            self._offscreen = gpu.types.GPUOffScreen(width, height, format="RGBA8")
        except (RuntimeError, SystemError) as error:
            raise SecondUnitError(
                ErrorCode.CAPTURE_FAILED,
                f"The graphics driver gave no {width} × {height} picture to draw into ({error})",
                remedy="Close other programs that use the graphics card, or make the shot smaller",
            ) from error

    def draw(
        self,
        viewport: Viewport,
        scene: bpy.types.Scene,
        view_layer: bpy.types.ViewLayer,
        view: View,
        clip: tuple[float, float],
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """(colours (H, W, 4), window depth (H, W) 0 … 1), row 0 at the top. ``clip``: near and far, Blender units."""
        width, height = self.size
        with self._offscreen.bind():
            self._offscreen.draw_view3d(
                scene,
                view_layer,
                viewport.space,
                viewport.region,
                Matrix(view.matrix_world.tolist()).inverted(),
                Matrix(window_projection(view.intrinsics, width, height, *clip).tolist()),
                do_color_management=self._managed,
                draw_background=self._managed,
            )
            buffers = gpu.state.active_framebuffer_get()
            colours = buffers.read_color(0, 0, width, height, 4, 0, "UBYTE")
            depth = buffers.read_depth(0, 0, width, height)
        return (
            np.frombuffer(colours, np.uint8).reshape(height, width, 4)[::-1],
            np.frombuffer(depth, np.float32).reshape(height, width)[::-1],
        )

    def free(self) -> None:
        self._offscreen.free()


def draw_picture(
    context: bpy.types.Context, scene: bpy.types.Scene, view_layer: bpy.types.ViewLayer, view: View
) -> NDArray[np.uint8]:
    """(H, W, 3) sRGB of what the viewport shows through the camera, as it is set up, without overlays.

    Raises SecondUnitError NO_VIEWPORT.
    """
    viewport = find(context, everything=False)
    if viewport is None:
        raise SecondUnitError(ErrorCode.NO_VIEWPORT, "There is no 3D viewport to take a picture of")
    canvas = Canvas(view.width, view.height)
    try:
        with changed(viewport.bare()):
            colours, _ = canvas.draw(viewport, scene, view_layer, view, (view.clip_start, view.clip_end))
        return np.ascontiguousarray(colours[..., :3])
    finally:
        canvas.free()
