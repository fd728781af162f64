# SPDX-License-Identifier: GPL-3.0-or-later
"""A SANA-WM of a few thousand weights: the real classes, the real compression (8 in time, 32 in space)."""

from __future__ import annotations

from pathlib import Path

from .language import chat_tokenizer, gemma2, noisy
from .ltx2 import video_vae
from .parts import seeded


def sana_wm(folder: Path) -> None:
    from diffusers import FlowMatchEulerDiscreteScheduler, SanaWMPipeline, SanaWMTransformer3DModel

    with seeded(26):
        transformer = SanaWMTransformer3DModel(
            in_channels=8,
            num_layers=2,
            hidden_size=48,
            num_attention_heads=2,
            linear_head_dim=24,
            softmax_every_n=2,
            caption_channels=32,
            chunk_plucker_post_attn_blocks=2,
            mlp_ratio=2.0,
        )
        noisy((m for name, m in transformer.named_modules() if name.rpartition(".")[2].startswith("plucker")), 0.3)
        pipe = SanaWMPipeline(
            tokenizer=chat_tokenizer(),
            text_encoder=gemma2(),
            vae=video_vae(latent_channels=8),
            transformer=transformer,
            scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        )
    pipe.save_pretrained(folder)
