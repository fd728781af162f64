# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits of strips in the sequencer: go on, change a part, make again, bridge, move over a still, words to a clip."""

import bpy

from ... import later

__getattr__ = later.modules(__name__, "drawing")

from ...link import pump
from ..takes.panels import SECOND_UNIT_MT_take
from . import clips, drawing, joins, looks, moving, panels, scene, stills, takes

_MODULES = (clips, looks, moving, takes, joins, scene, stills, panels)
_CLASSES = tuple(cls for module in _MODULES for cls in module.CLASSES)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    pump.add(f"{__name__}.drawing")
    SECOND_UNIT_MT_take.append(panels.draw_in_takes)


def unregister() -> None:
    SECOND_UNIT_MT_take.remove(panels.draw_in_takes)
    pump.remove(f"{__name__}.drawing")
    later.clear(drawing)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
