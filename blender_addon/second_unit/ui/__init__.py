# SPDX-License-Identifier: GPL-3.0-or-later
"""The panels, lists and buttons, a package per feature: props, operators, panels."""

from .. import later

__getattr__ = later.modules(__name__, "disk", "dots", "going", "here", "previews", "queued", "text")

from ..link import pump
from . import (
    camera,
    characters,
    daemon,
    disk,
    dots,
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
    pump.add(f"{__name__}.disk")


def unregister() -> None:
    pump.remove(f"{__name__}.disk")
    for feature in reversed(_FEATURES):
        feature.unregister()
    later.clear(previews, disk, dots)
