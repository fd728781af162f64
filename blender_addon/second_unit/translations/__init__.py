# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's words in other languages than English, handed to Blender's own translation.

Fixed words are translated: labels, tooltips, items, why a button is greyed out. Sentences with names and figures in
them (errors, plans, what a take says of itself) are English.
"""

from __future__ import annotations

import bpy

from . import de

# As Blender 4.5 and 5 name the language. A button's words are looked up among operators', all others without a context.
_LANGUAGES = {"de": de.WORDS, "de_DE": de.WORDS}
_CONTEXTS = ("*", "Operator")


def register() -> None:
    table = {
        language: {(context, english): word for english, word in words.items() for context in _CONTEXTS}
        for language, words in _LANGUAGES.items()
    }
    bpy.app.translations.register(__package__, table)


def unregister() -> None:
    bpy.app.translations.unregister(__package__)
