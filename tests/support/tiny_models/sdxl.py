# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny SDXL with a depth ControlNet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .language import noisy
from .parts import WORDS, seeded, word_tokenizer


def sdxl(folder: Path) -> None:
    """The model in ``folder``, a tiny VAE for previews in ``folder``/preview_vae."""
    from diffusers import (
        AutoencoderKL,
        AutoencoderTiny,
        ControlNetModel,
        EulerDiscreteScheduler,
        StableDiffusionXLControlNetPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextModel, CLIPTextModelWithProjection

    shared: dict[str, Any] = {
        "block_out_channels": (16, 32),
        "layers_per_block": 1,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "attention_head_dim": (2, 4),
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 8,
        "transformer_layers_per_block": (1, 1),
        "projection_class_embeddings_input_dim": 6 * 8 + 32,
        "cross_attention_dim": 64,
        "norm_num_groups": 4,
    }
    with seeded(41):
        unet = UNet2DConditionModel(sample_size=32, up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), **shared)
        controlnet = ControlNetModel(conditioning_embedding_out_channels=(8, 8, 8, 8), **shared)
        noisy([controlnet.controlnet_mid_block, *controlnet.controlnet_down_blocks], 0.3)
        noisy([controlnet.controlnet_cond_embedding.conv_out], 0.3)
        pipe = StableDiffusionXLControlNetPipeline(
            vae=AutoencoderKL(
                block_out_channels=(8, 8, 8, 8),
                down_block_types=("DownEncoderBlock2D",) * 4,
                up_block_types=("UpDecoderBlock2D",) * 4,
                latent_channels=4,
                norm_num_groups=4,
            ),
            text_encoder=_clip(CLIPTextModel),
            text_encoder_2=_clip(CLIPTextModelWithProjection),
            tokenizer=word_tokenizer(16),
            tokenizer_2=word_tokenizer(16),
            unet=unet,
            controlnet=controlnet,
            scheduler=EulerDiscreteScheduler(beta_schedule="scaled_linear", timestep_spacing="leading"),
        )
        tiny = AutoencoderTiny(encoder_block_out_channels=(8,) * 4, decoder_block_out_channels=(8,) * 4)
    pipe.save_pretrained(folder)
    tiny.save_pretrained(folder / "preview_vae")


def _clip(cls: Any) -> Any:
    from transformers import CLIPTextConfig

    config = CLIPTextConfig(
        vocab_size=len(WORDS) + 3,
        hidden_size=32,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=4,
        projection_dim=32,
        max_position_embeddings=16,
        bos_token_id=1,
        eos_token_id=1,
        pad_token_id=0,
    )
    return cls(config).eval()
