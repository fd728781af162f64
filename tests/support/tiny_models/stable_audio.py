# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny Stable Audio 3: the real classes, a sound of noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from .language import PAD, VOCABULARY, WIDTH
from .parts import seeded, word_tokenizer

LATENT, RATE = 8, 16_000


def text_encoder() -> Any:
    from transformers import T5GemmaConfig, T5GemmaEncoderModel

    part = {
        "vocab_size": VOCABULARY,
        "hidden_size": WIDTH,
        "intermediate_size": 64,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "sliding_window": 64,
        "max_position_embeddings": 256,
        "pad_token_id": PAD,
    }
    config = T5GemmaConfig(encoder=part, decoder=part, is_encoder_decoder=False, vocab_size=VOCABULARY)
    return T5GemmaEncoderModel(config).eval()


def _audible(*parts: Any) -> None:
    """Weights that start at zero would keep noise and words from being heard."""
    with torch.no_grad():
        for part in parts:
            for weight in part.parameters():
                if not weight.any():
                    weight.normal_(0.0, 0.3)


def stable_audio(folder: Path) -> None:
    """The model in ``folder``."""
    from diffusers import (
        AutoencoderSAME,
        FlowMatchEulerDiscreteScheduler,
        StableAudio3DiTModel,
        StableAudio3DurationEmbedder,
        StableAudio3Pipeline,
    )

    with seeded(31):
        pipeline = StableAudio3Pipeline(
            vae=AutoencoderSAME(
                patch_size=32,
                encoder_channels=8,
                encoder_c_mults=(2,),
                encoder_strides=(4,),
                encoder_transformer_depths=(1,),
                latent_dim=LATENT,
                dim_heads=8,
                sampling_rate=RATE,
            ),
            text_encoder=text_encoder(),
            tokenizer=word_tokenizer(64),
            duration_embedder=StableAudio3DurationEmbedder(output_dim=WIDTH, fourier_dim=16),
            transformer=StableAudio3DiTModel(
                io_channels=LATENT,
                embed_dim=WIDTH,
                depth=1,
                num_heads=2,
                cond_token_dim=WIDTH,
                global_cond_dim=WIDTH,
                local_add_cond_dim=LATENT + 1,
                timestep_features_dim=16,
                num_memory_tokens=4,
            ),
            scheduler=FlowMatchEulerDiscreteScheduler(stochastic_sampling=True),
        )
        _audible(pipeline.vae, pipeline.transformer)
    pipeline.save_pretrained(folder, safe_serialization=True)
