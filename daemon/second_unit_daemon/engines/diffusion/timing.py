# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a run may take: arithmetic operations over what a device manages. A rough guess, and said as one."""

from __future__ import annotations

from second_unit_protocol.results import DeviceInfo

from .memory import Load, Placement, tokens
from .spec import DENOISERS, ModelSpec

# Operations a second that transformers of this kind reach: an assumption, not a measurement of the user's device.
RATES = {"cpu": 1e11, "mps": 5e12, "cuda": 6e13}
SLOWER = {
    Placement.FULL: 1.0,
    Placement.OFFLOAD: 1.1,
    Placement.INT8: 1.2,
    Placement.CAST: 1.2,
    Placement.NF4: 1.4,
    Placement.GROUPS: 2.0,
}
LOADING_BYTES_PER_S = 1e9
STARTING_S = 10.0


def seconds(spec: ModelSpec, load: Load, passes: int, device: DeviceInfo, placement: Placement) -> float:
    """``passes`` of the transformer, with loading and the VAE."""
    count = tokens(spec.shape, load)
    size = max((n for name, n in spec.parameters.items() if name.startswith(DENOISERS)), default=0)
    # Two operations per parameter and token; attention: two products of N × N × hidden, in every block.
    operations = passes * (2.0 * size * count + 4.0 * count * count * spec.shape.hidden * spec.shape.blocks)
    vae = 40_000.0 * 60 * load.width * load.height * load.frames / 64
    computing = (operations + vae) / RATES.get(device.kind, RATES["cpu"]) * SLOWER[placement]
    return STARTING_S + spec.weight_bytes / LOADING_BYTES_PER_S + computing


def words(seconds: float) -> str:
    """A duration as people say it."""
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
