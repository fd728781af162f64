# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny CogVideoX-Fun with control: noise and the control video's latents go in side by side."""

from __future__ import annotations

from pathlib import Path

from .language import VOCABULARY
from .parts import louder, seeded, word_tokenizer


def cogvideox(folder: Path) -> None:
    from diffusers import (
        AutoencoderKLCogVideoX,
        CogVideoXDDIMScheduler,
        CogVideoXFunControlPipeline,
        CogVideoXTransformer3DModel,
    )
    from transformers import T5Config, T5EncoderModel

    with seeded(29):
        text = T5Config(vocab_size=VOCABULARY, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, dropout_rate=0.0)
        vae = AutoencoderKLCogVideoX(
            block_out_channels=(8, 8, 8, 8), layers_per_block=1, latent_channels=4, norm_num_groups=2,
            down_block_types=("CogVideoXDownBlock3D",) * 4, up_block_types=("CogVideoXUpBlock3D",) * 4,
        )  # fmt: skip
        transformer = CogVideoXTransformer3DModel(
            num_attention_heads=2, attention_head_dim=16, in_channels=8, out_channels=4, time_embed_dim=8,
            text_embed_dim=32, num_layers=2, sample_width=8, sample_height=8, sample_frames=9, max_text_seq_length=16,
        )  # fmt: skip
        louder([transformer.patch_embed.proj, transformer.proj_out], 4.0)
        pipe = CogVideoXFunControlPipeline(
            tokenizer=word_tokenizer(),
            text_encoder=T5EncoderModel(text).eval(),
            vae=vae,
            transformer=transformer,
            scheduler=CogVideoXDDIMScheduler(),
        )
    pipe.save_pretrained(folder)
