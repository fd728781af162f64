# SPDX-License-Identifier: GPL-3.0-or-later
"""Not tiny: Wan VACE 1.3B's transformer and VAE with random weights, for checks on a card. Its text encoder is."""

from __future__ import annotations

from pathlib import Path

import torch

from .parts import seeded, umt5, unipc, word_tokenizer

SIZES = {"num_attention_heads": 12, "attention_head_dim": 128, "ffn_dim": 8960, "num_layers": 30}
TABLE = """
like = "wan-vace-1.3b"
label = "VACE 1.3B, random weights"
folder = '{folder}'
parameters = {{ transformer = {transformer}, text_encoder = {text_encoder}, vae = {vae} }}
"""


def real_vace(folder: Path) -> None:
    """About 5 GB on disk."""
    from diffusers import AutoencoderKLWan, WanVACEPipeline, WanVACETransformer3DModel

    with seeded(7):
        transformer = WanVACETransformer3DModel(**SIZES, text_dim=32, vace_layers=list(range(0, 30, 2)))
        parts = word_tokenizer(), umt5(), AutoencoderKLWan(), unipc(), transformer.to(torch.bfloat16)
    WanVACEPipeline(*parts).save_pretrained(folder, safe_serialization=True)


def table(folder: Path) -> str:
    """The model's entry, with its components' sizes as their files tell them."""
    from second_unit_daemon.engines.diffusion.weights import counted

    counts = {name: counted(folder / name) for name in ("transformer", "text_encoder", "vae")}
    return TABLE.format(folder=folder, **counts)
