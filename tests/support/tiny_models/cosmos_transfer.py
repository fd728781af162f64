# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny Cosmos-Transfer 2.5 with a depth branch, and a guard that lets everything through."""

from __future__ import annotations

from pathlib import Path

from .language import chat_tokenizer, noisy, qwen25_vl
from .parts import seeded, wan_vae


def cosmos_transfer(folder: Path) -> None:
    """The model in ``folder``, its depth branch in ``folder``/controlnet, as the published repository has them."""
    from diffusers import (
        Cosmos2_5_TransferPipeline,
        CosmosControlNetModel,
        CosmosTransformer3DModel,
        UniPCMultistepScheduler,
    )

    shared = {
        "num_attention_heads": 2,
        "attention_head_dim": 16,
        "mlp_ratio": 2,
        "text_embed_dim": 64,  # every layer of the text encoder, side by side
        "adaln_lora_dim": 4,
        "max_size": (32, 32, 32),
        "patch_size": (1, 2, 2),
        "rope_scale": (2.0, 1.0, 1.0),
        "extra_pos_embed_type": None,
        "img_context_dim_in": 32,
        "img_context_dim_out": 32,
    }
    with seeded(22):
        transformer = CosmosTransformer3DModel(
            in_channels=17,
            out_channels=16,
            num_layers=2,
            concat_padding_mask=True,
            controlnet_block_every_n=1,
            img_context_num_tokens=4,
            **shared,
        )
        controlnet = CosmosControlNetModel(
            n_controlnet_blocks=2,
            in_channels=18,
            latent_channels=18,
            model_channels=32,
            use_crossattn_projection=False,
            **shared,
        )
        noisy(controlnet.control_blocks, 0.2)
        pipe = Cosmos2_5_TransferPipeline(
            text_encoder=qwen25_vl(),
            tokenizer=chat_tokenizer(),
            transformer=transformer,
            vae=wan_vae(),
            scheduler=UniPCMultistepScheduler(),
            controlnet=controlnet,
            safety_checker=open_guard(),
        )
    pipe.register_modules(safety_checker=None)
    pipe.save_pretrained(folder)


def open_guard():
    """Stands in for NVIDIA's guard, whose weights are gated: passes every prompt and every frame."""
    import torch
    from diffusers import ConfigMixin, ModelMixin

    class OpenGuard(ModelMixin, ConfigMixin):
        def __init__(self) -> None:
            super().__init__()
            self.device_probe = torch.nn.Parameter(torch.zeros(()))  # a pipeline asks its parts for their device

        def check_text_safety(self, prompt: str) -> bool:
            return True

        def check_video_safety(self, frames):
            return frames

    return OpenGuard()
