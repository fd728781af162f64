# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs really took of the card, kept between them, so that the next plan's sums are corrected by it.

Weights are counted exactly; what is guessed is activations. So of each run the ratio of measured to summed activations
is kept, by model and way of placing it, in a file in the user's folder.
"""

from __future__ import annotations

import json
from pathlib import Path

from attrs import evolve
from second_unit_protocol.disk import write_private
from second_unit_protocol.paths import home

from .memory import Need
from .spec import ModelSpec

FILE = "peaks.json"
LIMITS = (0.25, 4.0)  # of the ratio: one odd measurement must not stop a model from ever running again


def learn(spec: ModelSpec, need: Need, dtype: str, peak_bytes: float) -> None:
    """Keeps what a run took. A larger ratio counts at once, a smaller one by half. Raises SecondUnitError."""
    known, key = _known(), _key(spec, need, dtype)
    ratio = min(max((peak_bytes - need.weights) / max(need.activations, 1), LIMITS[0]), LIMITS[1])
    known[key] = max(ratio, (known.get(key, ratio) + ratio) / 2)
    write_private(_path(), json.dumps(known, indent=2).encode())


def corrected(spec: ModelSpec, need: Need, dtype: str) -> Need:
    """The need with activations as earlier runs of this model, placed this way, had them."""
    ratio = _known().get(_key(spec, need, dtype), 1.0)
    return evolve(need, activations=round(need.activations * ratio)) if ratio != 1.0 else need


def _key(spec: ModelSpec, need: Need, dtype: str) -> str:
    return f"{spec.name} {need.placement}{' tiled' if need.tiled else ''} {dtype}"


def _path() -> Path:
    return home() / FILE


def _known() -> dict[str, float]:
    try:
        told = json.loads(_path().read_text("utf-8"))
        return {str(key): float(ratio) for key, ratio in told.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
