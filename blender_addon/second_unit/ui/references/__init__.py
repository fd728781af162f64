# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures pinned to scene frames."""

import bpy

from ... import later

__getattr__ = later.modules(__name__, "checking")

from . import bringing, operators, panels, props

_CLASSES = (*props.CLASSES, *operators.CLASSES, *bringing.CLASSES, *panels.LISTS)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.ASSETBROWSER_MT_context_menu.append(bringing.draw_in_asset_browser)


def unregister() -> None:
    bpy.types.ASSETBROWSER_MT_context_menu.remove(bringing.draw_in_asset_browser)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
