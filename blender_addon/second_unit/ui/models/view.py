# SPDX-License-Identifier: GPL-3.0-or-later
"""Models in words and icons, and the list's rows. Drawing only reads this."""

from __future__ import annotations

import bpy

from ...link import current
from ...link.state import gigabytes
from ...protocol.models import BUSY, ModelInfo, ModelState

SHORT = 7  # digits of a commit that people read

ICONS = {
    ModelState.ABSENT: "BLANK1",
    ModelState.HERE: "CHECKMARK",
    ModelState.WAITING: "SORTTIME",
    ModelState.FETCHING: "IMPORT",
    ModelState.VERIFYING: "VIEWZOOM",
    ModelState.REMOVING: "TRASH",
}


def tick() -> int:
    """Brings the rows up to date; returns a number that changes with what is shown."""
    manager = bpy.context.window_manager
    if manager is None:
        return 0
    state, names = manager.second_unit_models, [model.name for model in current.models.models]
    if [row.name for row in state.rows] != names:
        chosen = active(manager)
        state.rows.clear()
        for name in names:
            state.rows.add().name = name
        if chosen and chosen.name in names:
            state.active = names.index(chosen.name)
    return current.models.revision


def active(manager: bpy.types.WindowManager) -> ModelInfo | None:
    """The model that is chosen in the list."""
    state = manager.second_unit_models
    return current.models.find(state.rows[state.active].name) if 0 <= state.active < len(state.rows) else None


def is_busy(model: ModelInfo) -> bool:
    return model.state in BUSY


def status(model: ModelInfo) -> str:
    """Where it stands, in a word or two, for the list."""
    if model.state is ModelState.FETCHING and model.total_bytes:
        return f"{model.done_bytes / model.total_bytes:.0%}"
    return gigabytes(model.bytes)


def progress(model: ModelInfo) -> tuple[float, str]:
    """(0 … 1, words) for a bar."""
    word = model.state.value.capitalize()
    if not model.total_bytes:
        return 0.0, "Waiting for another model" if model.state is ModelState.WAITING else word
    share = min(model.done_bytes / model.total_bytes, 1.0)
    return share, f"{word} {gigabytes(model.done_bytes)} of {gigabytes(model.total_bytes)}"


def facts(model: ModelInfo) -> list[tuple[str, str]]:
    """What the model is, as (label, value)."""
    commit = [("Commit", model.commit[:SHORT])] if model.commit else []
    return [
        ("Engine", model.name),
        ("Weights", gigabytes(model.bytes)),
        ("Licence", model.licence.name),
        ("From", model.place),
        *commit,
    ]
