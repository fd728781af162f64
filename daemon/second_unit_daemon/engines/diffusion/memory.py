# SPDX-License-Identifier: GPL-3.0-or-later
"""How a model is put on a card: sums over its weights and activations, and the ladder of ways that need less and less.

Sums are for the peak on the device; peaks.py corrects them by what earlier runs took.
"""

from __future__ import annotations

from enum import StrEnum
from math import ceil

from attrs import frozen

from ...versions import installed
from .spec import BYTES_OF, DENOISERS, ModelSpec, Shape

SPARE = 0.92  # share of the free memory that a plan may fill: allocators round up and fragment
BASE_BYTES = 600_000_000  # the device's own context and libraries
TEXT_ENCODER = "text_encoder"
NF4_BYTES = 0.5625  # of a parameter: 4 bits, and a float32 scale for each 64 of them
NF4_PACKAGE = "bitsandbytes"
INT8_PACKAGE = "torchao"
VAE_TILE_PIXELS = 256 * 256


class Placement(StrEnum):
    """From fastest to least memory."""

    FULL = "full"  # everything stays on the device
    OFFLOAD = "offload"  # one component at a time
    INT8 = (
        "int8"  # one at a time, transformers kept in 8 bits by torchao, where that is installed: more exact than cast
    )
    CAST = "cast"  # one at a time, transformers kept in 8 bits and computed in 16
    NF4 = "nf4"  # one at a time, transformers kept in 4 bits by bitsandbytes, where that is installed
    GROUPS = "groups"  # transformer blocks come and go while others compute


SMALLER = (Placement.INT8, Placement.CAST, Placement.NF4)  # ways that round a transformer's weights

WORDS = {
    Placement.FULL: "all weights stay on the device",
    Placement.OFFLOAD: "one component at a time is on the device",
    Placement.INT8: "one component at a time, transformers kept in 8 bits by torchao",
    Placement.CAST: "one component at a time, transformers kept in 8 bits",
    Placement.NF4: "one component at a time, transformers kept in 4 bits: their pictures differ a little",
    Placement.GROUPS: "blocks of the transformer come and go: slow, but it fits",
}


@frozen
class Need:
    """Peak bytes on the device for one way of placing a model."""

    placement: Placement
    tiled: bool  # the VAE works in tiles
    weights: int
    activations: int

    @property
    def total(self) -> int:
        return BASE_BYTES + self.weights + self.activations


@frozen
class Load:
    """What one run computes at once. Sizes in pixels of the model."""

    width: int
    height: int
    frames: int
    extra_latents: int = 0  # latent frames beside the clip's own (reference images)


def tokens(shape: Shape, load: Load) -> int:
    """Length of the transformer's sequence."""
    latents = ceil((load.frames - 1) / shape.temporal) + 1 + load.extra_latents
    side = shape.spatial * shape.patch
    return latents * ceil(load.width / side) * ceil(load.height / side)


def transformer_bytes(shape: Shape, load: Load, dtype: str) -> int:
    """Activations of one pass: residual stream, attention's q, k, v and out, rotary copies, the feed-forward layer."""
    count = tokens(shape, load)
    wide = BYTES_OF[dtype]
    stream = count * shape.hidden * wide * (10 + shape.hints)
    normed = count * shape.hidden * 4 * 2  # norms compute in float32
    return stream + normed + count * shape.feed_forward * wide * 2


def vae_bytes(shape: Shape, load: Load, tiled: bool) -> int:
    """Activations of encoding or decoding, and the pictures themselves, in float32."""
    pixels = load.width * load.height
    at_once = min(pixels, VAE_TILE_PIXELS) if tiled else pixels
    return at_once * shape.vae_bytes_per_pixel + pixels * load.frames * 3 * 4 * 2


def need(spec: ModelSpec, load: Load, placement: Placement, tiled: bool, dtype: str) -> Need:
    """The peak for one placement. ``dtype``: that of computing."""
    denoisers = [name for name in spec.parameters if name.startswith(DENOISERS)]
    others = [name for name in spec.parameters if name not in denoisers]
    pass_bytes = transformer_bytes(spec.shape, load, dtype)
    picture_bytes = vae_bytes(spec.shape, load, tiled)
    if placement is Placement.FULL:
        weights = sum(spec.component_bytes(name, dtype) for name in spec.parameters)
        return Need(placement, tiled, weights, max(pass_bytes, picture_bytes))
    kept = {name: spec.component_bytes(name, dtype) for name in spec.parameters}
    if placement in (Placement.INT8, Placement.CAST):
        kept |= {name: spec.component_bytes(name, "float8") for name in denoisers}
    if placement is Placement.NF4:
        kept |= {name: round(spec.parameters[name] * NF4_BYTES) for name in denoisers}
    if placement is Placement.GROUPS:
        kept = {name: 2 * kept[name] // max(spec.shape.blocks, 1) for name in kept}
    busy = [(kept[name], pass_bytes) for name in denoisers]
    busy += [(kept[name], 0 if name == TEXT_ENCODER else picture_bytes) for name in others]
    weights, activations = max(busy, key=sum, default=(0, 0))
    return Need(placement, tiled, weights, activations)


def ladder(spec: ModelSpec, load: Load, dtype: str, device_kind: str) -> list[Need]:
    """Every way that is possible here, fastest first. Only a CUDA card can have weights beside it."""
    if device_kind != "cuda":
        return [need(spec, load, Placement.FULL, tiled, dtype) for tiled in (False, True)]
    possible = [placement for placement in Placement if not obstacle(spec, placement)]
    ways = [need(spec, load, placement, tiled, dtype) for placement in possible for tiled in (False, True)]
    return [way for n, way in enumerate(ways) if n == 0 or way.total < min(w.total for w in ways[:n])]


def obstacle(spec: ModelSpec, placement: Placement) -> str:
    """Why a card cannot have this model's weights so; empty where it can."""
    if spec.gguf and placement in SMALLER:
        return "its transformers come from GGUF files, which have their own bits"
    package = {Placement.INT8: INT8_PACKAGE, Placement.NF4: NF4_PACKAGE}.get(placement)
    return f"{package} is not installed in the daemon's environment" if package and not installed(package) else ""


def choose(ways: list[Need], free_bytes: int) -> Need | None:
    """The fastest that fits; None where none does."""
    return next((way for way in ways if way.total <= free_bytes * SPARE), None)
