# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures a shot's camera, depth, motion and colour plates.

Callers use :func:`choose`, ``session.CaptureSession`` and ``still``.
"""

from __future__ import annotations

import bpy

from ..protocol.errors import ErrorCode, SecondUnitError
from .base import Backend
from .headless import HeadlessBackend


def choose(context: bpy.types.Context, wanted: str = "AUTO") -> Backend:
    """The back-end for ``wanted``: "AUTO" (a 3D viewport where there is one), "WINDOW" or "HEADLESS".

    Raises SecondUnitError(NO_VIEWPORT) where none can draw here.
    """
    kinds = {"WINDOW": (), "HEADLESS": (HeadlessBackend,)}.get(wanted, (HeadlessBackend,))
    for kind in kinds:
        if kind.available(context):
            return kind()
    raise SecondUnitError(ErrorCode.NO_VIEWPORT, "There is no 3D viewport to capture from")
