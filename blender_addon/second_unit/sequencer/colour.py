# SPDX-License-Identifier: GPL-3.0-or-later
"""Showing a clip in its own colours under a scene's view transform.

Clips are display-referred sRGB. The sequencer converts a strip from its colour space to the scene's working space and
the view transform is applied on top, so the strip's colour space must be the *display form of that view*: then the
two cancel out.
"""

from __future__ import annotations

import bpy

from ..protocol.errors import ErrorCode, ErrorInfo

# View transform -> colour space that undoes it, for Blender's own configuration and an sRGB display.
_DISPLAY_FORM = {
    "Standard": "sRGB",
    "AgX": "AgX Base sRGB",
    "Filmic": "Filmic sRGB",
    "Khronos PBR Neutral": "Khronos PBR Neutral sRGB",
    "ACES 1.3": "ACES 1.3 sRGB",
    "ACES 2.0": "ACES 2.0 sRGB",
}


def display_form(view: str, display: str, names: list[str]) -> str | None:
    """Name of the colour space that is the view's display form, among the configuration's ``names``, or None.

    Other configurations than Blender's name it in several ways: "<view> <display>", "<view> - <display>",
    "<display> - <view>".
    """
    if display in ("sRGB", "sRGB - Display") and _DISPLAY_FORM.get(view) in names:
        return _DISPLAY_FORM[view]
    candidates = (f"{view} {display}", f"{view} Base {display}", f"{view} - {display}", f"{display} - {view}")
    return next((name for name in candidates if name in names), None)


def match(strip: bpy.types.Strip, scene: bpy.types.Scene) -> list[ErrorInfo]:
    """Sets the strip's colour space so that ``scene`` shows the clip's own colours; returns what stands in the way."""
    names = [item.name for item in strip.colorspace_settings.bl_rna.properties["name"].enum_items]
    view = scene.view_settings
    display = scene.display_settings.display_device
    space = display_form(view.view_transform, display, names)
    if space is None:
        return [
            _warning(
                f"No colour space undoes the view {view.view_transform} on {display}, so the clip's colours shift",
                "Set View Transform to Standard, AgX or Filmic in the scene with the strip",
            )
        ]
    strip.colorspace_settings.name = space
    differs = {
        "Look": view.look != "None",
        "Exposure": view.exposure != 0.0,
        "Gamma": view.gamma != 1.0,
        "Use Curves": view.use_curve_mapping,
        "White Balance": getattr(view, "use_white_balance", False),
    }
    changed = [name for name in differs if differs[name]]
    if not changed:
        return []
    return [
        _warning(
            f"{' and '.join(changed)} of {scene.name} is laid over the clip a second time",
            "Reset it in Render Properties > Color Management of the scene with the strip",
        )
    ]


def _warning(cause: str, remedy: str) -> ErrorInfo:
    return ErrorInfo(ErrorCode.LANDING_REFUSED, cause, remedy)
