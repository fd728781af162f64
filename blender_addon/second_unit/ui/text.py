# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences in panels: Blender cuts labels off at the edge, so they are broken into lines first."""

from __future__ import annotations

import functools

import blf
import bpy

from ..protocol.errors import ErrorInfo

_FONT = 0  # the interface's own
_EDGES_PX = 70  # of a sidebar at scale 1: its margins, its tabs, the padding of a box
_ICON_PX = 22
_NARROWEST_PX = 80
_ROOMY_PX = 240


def wrapped(layout: bpy.types.UILayout, text: str, icon: str = "NONE") -> None:
    """Draws ``text``, translated where that is known, over as many lines as the region's width asks for."""
    text = bpy.app.translations.pgettext_iface(text)
    scale = bpy.context.preferences.system.ui_scale
    region = bpy.context.region
    room = (region.width if region else 300) - (_EDGES_PX + (0 if icon == "NONE" else _ICON_PX)) * scale
    points = bpy.context.preferences.ui_styles[0].widget.points
    column = layout.column(align=True)
    column.scale_y = 0.8
    for place, line in enumerate(lines(text, max(room, _NARROWEST_PX * scale), points * scale)):
        column.label(text=line, icon=icon if place == 0 else ("NONE" if icon == "NONE" else "BLANK1"))


def roomy(context: bpy.types.Context) -> bool:
    """Whether a row of a list has room for more than its name: a sidebar that was dragged narrow has not."""
    return context.region is None or context.region.width >= _ROOMY_PX * context.preferences.system.ui_scale


@functools.lru_cache(maxsize=256)
def lines(text: str, room_px: float, font_px: float) -> tuple[str, ...]:
    """``text`` in lines of at most ``room_px``, broken between words; a word that is too long stands alone."""
    blf.size(_FONT, font_px)
    broken: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and blf.dimensions(_FONT, longer)[0] > room_px:
            broken.append(line)
            line = word
        else:
            line = longer
    return (*broken, line)


def problem(layout: bpy.types.UILayout, error: ErrorInfo, *, name_shot: bool = True) -> None:
    """What happened, and below it what to do. ``name_shot`` is off where the panel is about that very shot."""
    box = layout.box()
    subject = f"{error.shot}: " if error.shot and name_shot else ""
    wrapped(box, f"{subject}{error.cause.rstrip('.')}", "ERROR")
    if error.remedy:
        wrapped(box, error.remedy, "BLANK1")


def table(layout: bpy.types.UILayout, rows: list[tuple[str, str]], share: float = 0.4) -> None:
    """Labels and values, the labels to the right as in Blender's own split; they take ``share`` of the width."""
    column = layout.column(align=True)
    column.scale_y = 0.85
    for label, value in rows:
        row = column.split(factor=share)
        name = row.row()
        name.alignment = "RIGHT"
        name.active = False
        name.label(text=label)
        row.label(text=value)
