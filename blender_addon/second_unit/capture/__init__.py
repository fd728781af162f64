# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures a shot's camera, depth, motion and colour plates.

Callers use :func:`choose`, ``session`` and ``still``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from .. import later

__getattr__ = later.modules(__name__, "headless", "session", "still", "window")

from ..protocol.errors import SecondUnitError
from . import headless, window

if TYPE_CHECKING:
    from .base import Backend


def choose(context: bpy.types.Context, wanted: str = "AUTO") -> Backend:
    """The back-end for ``wanted``: "AUTO" (a 3D viewport where there is one), "WINDOW" or "HEADLESS".

    Raises SecondUnitError NO_VIEWPORT where none can draw here.
    """
    from ..protocol.errors import ErrorCode

    in_window, without = window.WindowBackend, headless.HeadlessBackend
    kinds = {"WINDOW": (in_window,), "HEADLESS": (without,)}.get(wanted, (in_window, without))
    for kind in kinds:
        if kind.available(context):
            return kind()
    if wanted == "HEADLESS":
        cause, remedy = "Cycles is switched off", "Switch it on in Preferences > Add-ons, or capture with the viewport"
        raise SecondUnitError(ErrorCode.CAPTURE_FAILED, cause, remedy=remedy)
    cause = "There is no 3D viewport that shows the whole scene"
    if wanted != "WINDOW":
        cause += ", and Cycles, which can do without, is switched off"
    raise SecondUnitError(ErrorCode.NO_VIEWPORT, cause)
