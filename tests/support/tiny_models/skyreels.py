# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny SkyReels-V2 with diffusion forcing: the real classes."""

from __future__ import annotations

from pathlib import Path

from .parts import louder, seeded, umt5, wan_vae, word_tokenizer


def skyreels(folder: Path) -> None:
    from diffusers import (
        SkyReelsV2DiffusionForcingPipeline,
        SkyReelsV2Transformer3DModel,
        UniPCMultistepScheduler,
    )

    with seeded(27):
        transformer = SkyReelsV2Transformer3DModel(
            num_attention_heads=2,
            attention_head_dim=12,
            text_dim=32,
            freq_dim=64,
            ffn_dim=32,
            num_layers=2,
            rope_max_seq_len=64,
        )
        louder([block.attn2.to_out[0] for block in transformer.blocks], 8.0)
        louder([transformer.patch_embedding, transformer.proj_out], 4.0)
        pipe = SkyReelsV2DiffusionForcingPipeline(
            tokenizer=word_tokenizer(),
            text_encoder=umt5(),
            transformer=transformer,
            vae=wan_vae(),
            scheduler=UniPCMultistepScheduler(flow_shift=8.0, use_flow_sigmas=True),
        )
    pipe.save_pretrained(folder)
