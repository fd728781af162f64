# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny Z-Image with a union ControlNet."""

from __future__ import annotations

from pathlib import Path

from .language import chat_tokenizer, noisy, qwen3
from .parts import seeded


def z_image(folder: Path) -> None:
    from diffusers import (
        AutoencoderKL,
        FlowMatchEulerDiscreteScheduler,
        ZImageControlNetModel,
        ZImageControlNetPipeline,
        ZImageTransformer2DModel,
    )

    with seeded(28):
        transformer = ZImageTransformer2DModel(
            dim=32, n_layers=2, n_refiner_layers=1, n_heads=2, n_kv_heads=2, cap_feat_dim=32, axes_dims=[4, 6, 6],
            axes_lens=[256, 64, 64],
        )  # fmt: skip
        controlnet = ZImageControlNetModel(
            control_layers_places=[0, 1],
            control_refiner_layers_places=[0],
            control_in_dim=33,
            add_control_noise_refiner="control_noise_refiner",
            dim=32,
            n_refiner_layers=1,
            n_heads=2,
            n_kv_heads=2,
        )
        noisy([controlnet], 0.1)  # its projections start at zero
        pipe = ZImageControlNetPipeline(
            scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
            vae=AutoencoderKL(
                block_out_channels=(8, 8, 8, 8),
                down_block_types=("DownEncoderBlock2D",) * 4,
                up_block_types=("UpDecoderBlock2D",) * 4,
                latent_channels=16,
                layers_per_block=1,
                norm_num_groups=4,
                scaling_factor=0.3611,
                shift_factor=0.1159,
                use_quant_conv=False,
                use_post_quant_conv=False,
            ),
            text_encoder=qwen3(),
            tokenizer=chat_tokenizer(),
            transformer=transformer,
            controlnet=controlnet,
        )
    pipe.save_pretrained(folder)
