# SPDX-License-Identifier: GPL-3.0-or-later
"""Second Unit: video along the camera that you animated."""

from types import ModuleType

from . import later


def _parts() -> tuple[ModuleType, ...]:
    from . import preferences, sequencer, translations, ui
    from .link import pump

    return translations, preferences, pump, sequencer, ui


def register() -> None:
    with later.starting():
        for part in _parts():
            part.register()


def unregister() -> None:
    for part in reversed(_parts()):
        part.unregister()
