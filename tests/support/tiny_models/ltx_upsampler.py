# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny latent upsampler of LTX: the real classes, the real compression (8 in time, 32 in space)."""

from __future__ import annotations

from pathlib import Path

from .parts import seeded

LATENT = 16


def ltx_upsampler(folder: Path) -> None:
    """The model in ``folder``."""
    from diffusers import AutoencoderKLLTXVideo, LTXLatentUpsamplePipeline
    from diffusers.pipelines.ltx.modeling_latent_upsampler import LTXLatentUpsamplerModel

    with seeded(32):
        vae = AutoencoderKLLTXVideo(
            latent_channels=LATENT,
            block_out_channels=(8, 8, 8, 8),
            decoder_block_out_channels=(8, 8, 8, 8),
            layers_per_block=(1, 1, 1, 1, 1),
            decoder_layers_per_block=(1, 1, 1, 1, 1),
        )
        upsampler = LTXLatentUpsamplerModel(in_channels=LATENT, mid_channels=32, num_blocks_per_stage=1)
        pipeline = LTXLatentUpsamplePipeline(vae=vae.eval(), latent_upsampler=upsampler.eval())
    pipeline.save_pretrained(folder, safe_serialization=True)
