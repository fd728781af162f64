# SPDX-License-Identifier: GPL-3.0-or-later
"""Second Unit: video along the camera that you animated."""

from . import preferences, translations, ui
from .link import pump
from .sequencer import memory, provenance, queue, sound

_PARTS = (translations, preferences, pump, provenance, memory, queue, sound, ui)


def register() -> None:
    for part in _PARTS:
        part.register()


def unregister() -> None:
    for part in reversed(_PARTS):
        part.unregister()
