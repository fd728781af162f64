# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits of strips in the sequencer: go on, change a part, make again, bridge, move over a still, words to a clip."""

import bpy

from ...link import current, pump
from . import clips, joins, moving, panels, scene, stills, takes

_MODULES = (clips, moving, takes, joins, scene, stills, panels)
_CLASSES = tuple(cls for module in _MODULES for cls in module.CLASSES)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    pump.add(current.editor.poll)


def unregister() -> None:
    pump.remove(current.editor.poll)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
