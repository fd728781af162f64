# SPDX-License-Identifier: GPL-3.0-or-later
"""Planes that are drawn in strips, one below the other, and put together as the strips come."""

from __future__ import annotations

import numpy as np

from ..scene.camera import View
from .base import Drawing, Planes

LARGE = 2_000_000  # pixels of a drawing that is worth parting


class Strips:
    """The strips of one view that has ``times`` the clip's height, itself ``times`` its width; each of that height.

    To be laid in one thread, in any order.
    """

    def __init__(self, width: int, height: int, times: int):
        self.count = times if times**2 * width * height > LARGE else 1
        self._width, self._height = times * width, times * height // self.count
        self._left = self.count
        self._planes: Planes = {}

    def view(self, whole: View, n: int) -> View:
        """What strip ``n`` shows of the whole view."""
        return whole.part(self._width, self._height, 0, n * self._height)

    def with_strip(self, n: int, drawing: Drawing) -> Drawing:
        """Gives the whole planes where the drawing is the last strip that they lacked, else none."""

        def planes() -> Planes:
            rows = slice(n * self._height, (n + 1) * self._height)
            for kind, strip in drawing().items():
                if kind not in self._planes:
                    self._planes[kind] = np.empty((self.count * self._height, *strip.shape[1:]), strip.dtype)
                self._planes[kind][rows] = strip
            self._left -= 1
            if self._left:
                return {}
            whole, self._planes = self._planes, {}
            return whole

        return planes
