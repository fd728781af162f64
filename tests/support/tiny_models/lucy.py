# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny Lucy Edit: Wan's classes, with the source clip's latents beside the noise (twice the channels in)."""

from __future__ import annotations

from pathlib import Path

from .parts import seeded, umt5, wan_vae, word_tokenizer


def lucy(folder: Path) -> None:
    from diffusers import FlowMatchEulerDiscreteScheduler, LucyEditPipeline, WanTransformer3DModel

    with seeded(25):
        transformer = WanTransformer3DModel(
            num_attention_heads=2,
            attention_head_dim=12,
            in_channels=32,
            out_channels=16,
            text_dim=32,
            freq_dim=64,
            ffn_dim=32,
            num_layers=2,
            rope_max_seq_len=64,
        )
        pipe = LucyEditPipeline(
            tokenizer=word_tokenizer(),
            text_encoder=umt5(),
            vae=wan_vae(),
            scheduler=FlowMatchEulerDiscreteScheduler(shift=5.0),
            transformer=transformer,
            expand_timesteps=True,
        )
    pipe.save_pretrained(folder)
