# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny Kandinsky 6 super-resolution: the real classes, the real compression (4 in time, 16 in space)."""

from __future__ import annotations

from pathlib import Path

from .parts import seeded

LATENT, TILE = 8, 128  # tokens of a tile must divide by 8: 128 pixels are 8 of them


def kandinsky_sr(folder: Path) -> None:
    """The model in ``folder``."""
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        Kandinsky6SRPipeline,
        Kandinsky6SRTransformer3DModel,
        Kandinsky6SRVAE,
    )

    with seeded(32):
        channels = (8, 8, 8, 8, 8)
        vae = Kandinsky6SRVAE(
            latent_channels=LATENT,
            encoder_block_out_channels=channels,
            decoder_block_out_channels=channels,
            layers_per_block=1,
        )
        transformer = Kandinsky6SRTransformer3DModel(
            in_visual_dim=LATENT, out_visual_dim=LATENT, time_dim=16, model_dim=32, ff_dim=32, num_visual_blocks=1,
            axes_dims=(4, 6, 6), tile_sizes=((TILE, TILE),),
        )  # fmt: skip
        pipeline = Kandinsky6SRPipeline(transformer.eval(), vae.eval(), FlowMatchEulerDiscreteScheduler())
    pipeline.save_pretrained(folder, safe_serialization=True)
