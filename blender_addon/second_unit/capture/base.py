# SPDX-License-Identifier: GPL-3.0-or-later
"""What a capture back-end is, and what it is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import bpy
import numpy as np
from numpy.typing import NDArray

from ..protocol.late import frozen
from ..protocol.shot import PlaneKind
from ..scene.camera import View
from ..scene.labels import LabelFacts
from ..scene.motion import MotionFacts
from ..scene.settings import Settings

Planes = dict[PlaneKind, NDArray]
Drawing = Callable[
    [], Planes
]  # makes the planes of what has been drawn; touches no bpy, so that any thread may call it


@frozen
class Place:
    """Where the capture happens; names, so that nothing of bpy is held. ``folder`` is for a back-end's own files."""

    scene: str
    view_layer: str
    folder: Path

    def find(self) -> tuple[bpy.types.Scene, bpy.types.ViewLayer]:
        """The scene and its view layer. Raises KeyError when one is gone."""
        scene = bpy.data.scenes[self.scene]
        return scene, scene.view_layers[self.view_layer]


@frozen
class CaptureOptions:
    """``plate_samples``: how finely the colour plate's edges are sampled. ``shading``: how a viewport draws the plate:
    "AS_IS" as it is set up, "SOLID", "MATERIAL" with the scene's own lights and world, or "AUTO": MATERIAL, but SOLID
    where the graphics driver is a program and a lit frame would take minutes."""

    plate_samples: int = 4
    shading: str = "AS_IS"


class Backend(Protocol):
    """Draws planes of the scene at its current time.

    The session calls ``begin`` once, then for every sweep ``enter`` and, time after time, ``draw``; then ``end``,
    however it went.
    """

    name: str
    sweeps: tuple[frozenset[PlaneKind], ...]  # which planes come together; each sweep goes through all times
    matches_detail: bool  # whether it draws what the viewport shows

    @staticmethod
    def available(context: bpy.types.Context) -> bool:
        """Whether it can draw here and now."""
        ...

    def begin(self, place: Place, settings: Settings, options: CaptureOptions) -> None:
        """Prepares; every change to the file goes through ``settings``. Raises SecondUnitError."""
        ...

    def enter(self, kinds: frozenset[PlaneKind], view: View, motion: MotionFacts, labels: LabelFacts) -> None:
        """A sweep begins that wants these planes; ``view`` is its first."""
        ...

    def draw(
        self, kinds: frozenset[PlaneKind], view: View, motion: MotionFacts, matrices: NDArray[np.float64]
    ) -> Drawing:
        """Draws the scene as it stands. What is left to compute comes later, beside Blender's window.

        Planes: COLOUR (H, W, 3) uint8, DEPTH (H, W) float32 metres, INDEX, OBJECT and MATERIAL (H, W) uint16, REGION
        (H, W) uint8. ``matrices`` (N, 4, 4) are the moving things' at this time. Raises SecondUnitError.
        """
        ...

    def end(self) -> None:
        """Frees what it holds; comes before the settings are restored, also after a failure, in ``begin`` too."""
        ...
