# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's words in other languages than English, handed to Blender's own translation.

Fixed words are translated: labels, tooltips, items, why a button is greyed out. Sentences with names and figures in
them (errors, plans, what a take says of itself) are English.
"""

from __future__ import annotations

import bpy

from ..link import pump

_GERMAN = ("de", "de_DE")  # as Blender 4.5 and 5 name it
# Blender's own translation of a word goes first: a dolly would be a toy, characters letters. This is for such words.
OWN = "Second Unit"
# A button's words are looked up among operators', all others without a context.
_CONTEXTS = ("*", "Operator", OWN)

_told: list[str] = []  # languages that Blender has


def tick() -> str:
    """A chore of the pump's: another language may have been chosen in the preferences."""
    locale = bpy.app.translations.locale
    if locale in _GERMAN and not _told:
        from . import de

        table = {(context, english): word for english, word in de.WORDS.items() for context in _CONTEXTS}
        bpy.app.translations.register(__name__, dict.fromkeys(_GERMAN, table))
        _told.extend(_GERMAN)
    return locale


def register() -> None:
    tick()
    pump.add(__name__)


def unregister() -> None:
    pump.remove(__name__)
    if _told:
        bpy.app.translations.unregister(__name__)
        _told.clear()
