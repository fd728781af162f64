# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny EasyAnimate with camera control: noise, six channels of rays and the first picture go in side by side."""

from __future__ import annotations

from pathlib import Path

from .language import chat_tokenizer, qwen2_vl
from .parts import seeded

LATENT_CHANNELS = 4


def easyanimate(folder: Path) -> None:
    from diffusers import (
        AutoencoderKLMagvit,
        EasyAnimateControlPipeline,
        EasyAnimateTransformer3DModel,
        FlowMatchEulerDiscreteScheduler,
    )

    with seeded(23):
        vae = AutoencoderKLMagvit(
            latent_channels=LATENT_CHANNELS,
            block_out_channels=[8, 8, 8, 8],
            layers_per_block=1,
            norm_num_groups=2,
            spatial_group_norm=False,
        )
        transformer = EasyAnimateTransformer3DModel(
            num_attention_heads=2,
            attention_head_dim=16,
            in_channels=2 * LATENT_CHANNELS + 6,
            out_channels=LATENT_CHANNELS,
            patch_size=2,
            num_layers=2,
            mmdit_layers=2,
            time_embed_dim=8,
            text_embed_dim=32,
            sample_width=8,
            sample_height=8,
        )
        pipe = EasyAnimateControlPipeline(
            vae=vae,
            text_encoder=qwen2_vl(),
            tokenizer=chat_tokenizer(),
            transformer=transformer,
            scheduler=FlowMatchEulerDiscreteScheduler(),
        )
    pipe.save_pretrained(folder)
