# SPDX-License-Identifier: GPL-3.0-or-later
"""German, with the words of Blender's own German interface; shot, take, clip and prompt stay what artists call them."""

from . import cameras, daemon, edits, finishing, references, shots, takes

WORDS: dict[str, str] = {}
for part in (cameras, daemon, edits, finishing, references, shots, takes):
    WORDS |= part.WORDS
