# SPDX-License-Identifier: GPL-3.0-or-later
"""A SANA-WM of a few thousand weights: the real classes, the real compression (8 in time, 32 in space)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .ltx2 import video_vae
from .parts import VOCABULARY, noisy, seeded, tokenizer


def build(folder: Path) -> None:
    from diffusers import FlowMatchEulerDiscreteScheduler, SanaWMPipeline, SanaWMTransformer3DModel

    with seeded():
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
        for name, module in transformer.named_modules():
            if name.endswith("plucker_embedder") or "plucker" in name.rpartition(".")[2]:
                noisy(module, 0.3)
        pipe = SanaWMPipeline(
            tokenizer=tokenizer(),
            text_encoder=gemma2(),
            vae=video_vae(latent_channels=8),
            transformer=transformer,
            scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        )
    pipe.save_pretrained(folder)


def gemma2(width: int = 32) -> Any:
    from transformers import Gemma2Config, Gemma2ForCausalLM

    config = Gemma2Config(
        vocab_size=VOCABULARY,
        hidden_size=width,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        sliding_window=64,
        max_position_embeddings=2048,
    )
    return Gemma2ForCausalLM(config)
