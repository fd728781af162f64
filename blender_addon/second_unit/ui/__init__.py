# SPDX-License-Identifier: GPL-3.0-or-later
"""The panels, lists and buttons, a package per feature: props, operators, panels."""

from ..link import pump
from . import (
    camera,
    characters,
    daemon,
    disk,
    edits,
    finish,
    fit,
    loras,
    menus,
    models,
    overlay,
    paint,
    previews,
    prompt,
    queue,
    references,
    sequencer,
    shot,
    source,
    steps,
    takes,
)

# Properties that others hold come first, and a parent panel before its children.
_FEATURES = (
    references,
    characters,
    loras,
    source,
    steps,
    takes,
    daemon,
    shot,
    queue,
    prompt,
    camera,
    fit,
    paint,
    models,
    overlay,
    sequencer,
    edits,
    finish,
    menus,
)


def register() -> None:
    for feature in _FEATURES:
        feature.register()
    pump.add(disk.tick)


def unregister() -> None:
    pump.remove(disk.tick)
    for feature in reversed(_FEATURES):
        feature.unregister()
    previews.clear()
    disk.clear()
