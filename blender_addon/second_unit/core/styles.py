# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks to choose from: a name, and the words that stand for it in a prompt."""

from __future__ import annotations

PRESETS: tuple[tuple[str, str], ...] = (
    ("35 mm Film", "35mm film, natural light, fine grain"),
    ("Anamorphic", "anamorphic lens, shallow depth of field, oval bokeh, teal shadows"),
    ("Documentary", "documentary, available light, handheld realism"),
    ("Film Noir", "film noir, black and white, hard shadows, low key light"),
    ("Golden Hour", "golden hour, long warm shadows, haze in the air"),
    ("Overcast", "overcast daylight, soft shadows, muted colours"),
    ("Neon Night", "night, neon signs, wet reflections, deep contrast"),
    ("Miniature", "miniature model, tilt-shift, macro photography"),
    ("Clay Animation", "clay stop motion, fingerprints in the clay, studio light"),
    ("Watercolour", "watercolour"),
    ("Oil Painting", "oil painting, visible brush strokes"),
    ("Pencil Drawing", "pencil drawing on paper, cross hatching"),
    ("Ink and Wash", "ink and wash, flowing black ink, bare paper"),
    ("Comic", "comic book, bold outlines, flat colours, halftone"),
)
