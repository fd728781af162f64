# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny Cosmos 3 that takes camera actions."""

from __future__ import annotations

from pathlib import Path

from .language import VOCABULARY, chat_tokenizer
from .parts import seeded, wan_vae


def cosmos3(folder: Path) -> None:
    from diffusers import Cosmos3OmniPipeline, Cosmos3OmniTransformer, UniPCMultistepScheduler

    with seeded(21):
        transformer = Cosmos3OmniTransformer(
            head_dim=12,
            hidden_size=24,
            intermediate_size=32,
            latent_channel=16,
            latent_patch_size=2,
            patch_latent_dim=64,
            num_attention_heads=2,
            num_hidden_layers=2,
            num_key_value_heads=1,
            rope_axes_dim=[2, 2, 2],
            vocab_size=VOCABULARY,
            action_dim=16,
            action_gen=True,
            dtype="float32",
        )
        pipe = Cosmos3OmniPipeline(
            transformer=transformer,
            text_tokenizer=chat_tokenizer(),
            vae=wan_vae(scale_factor_spatial=16, patch_size=2, in_channels=12, out_channels=12, is_residual=True),
            scheduler=UniPCMultistepScheduler(use_flow_sigmas=True, flow_shift=3.0),
            enable_safety_checker=False,
        )
    pipe.save_pretrained(folder)
