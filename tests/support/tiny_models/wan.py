# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiny Wan models without VACE: text (one transformer), image (two), and both with the coarser VAE of the 5B."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .parts import louder, seeded, umt5, unipc, wan_vae, word_tokenizer

TABLE = """
like = "{like}"
label = "{label}"
folder = '{folder}'
dtype = "float32"
pixels = [0, 1_000_000]
rate = 16
parameters = {{ {parameters} }}
efforts = {{ draft = {effort}, standard = {effort}, final = {effort} }}
"""


def transformer(channels: int = 16, more: int = 0) -> Any:
    from diffusers import WanTransformer3DModel

    made = WanTransformer3DModel(
        num_attention_heads=4, attention_head_dim=12, text_dim=32, freq_dim=16, ffn_dim=64, num_layers=3,
        in_channels=channels + more, out_channels=channels,
    ).eval()  # fmt: skip
    louder([block.attn2.to_out[0] for block in made.blocks], 8.0)
    louder([made.patch_embedding, made.proj_out], 4.0)
    return made


def wan_text(folder: Path) -> None:
    from diffusers import WanPipeline

    with seeded(21):
        made = WanPipeline(word_tokenizer(), umt5(), wan_vae(), unipc(), transformer())
    made.save_pretrained(folder, safe_serialization=True)


def wan_image(folder: Path) -> None:
    """As the real one: first the noise's channels, then four of the mask and sixteen of the picture."""
    from diffusers import WanImageToVideoPipeline

    with seeded(22):
        parts: dict[str, Any] = {"transformer": transformer(more=20), "transformer_2": transformer(more=20)}
        made = WanImageToVideoPipeline(word_tokenizer(), umt5(), wan_vae(), unipc(), boundary_ratio=0.9, **parts)
    made.save_pretrained(folder, safe_serialization=True)


def wan_text_image(folder: Path) -> None:
    """The 5B's way: 16 × 16 pixels to a latent, and each token with its own time."""
    from diffusers import WanPipeline

    coarse = {
        "decoder_base_dim": 8, "is_residual": True, "patch_size": 2, "in_channels": 12, "out_channels": 12,
        "scale_factor_spatial": 16, "latents_mean": [0.0] * 48, "latents_std": [1.0] * 48,
    }  # fmt: skip
    with seeded(23):
        parts = word_tokenizer(), umt5(), wan_vae(48, **coarse), unipc(), transformer(48)
        made = WanPipeline(*parts, expand_timesteps=True)
    made.save_pretrained(folder, safe_serialization=True)


def table(folder: Path, like: str, label: str, steps: int = 3, experts: int = 1) -> str:
    names = ["transformer", "transformer_2"][:experts]
    parameters = ", ".join(f"{name} = 100_000" for name in (*names, "text_encoder", "vae"))
    effort = f"{{ steps = {steps}, guidance = 3.0{', guidance_2 = 2.0' if experts > 1 else ''} }}"
    return TABLE.format(like=like, label=label, folder=folder, parameters=parameters, effort=effort)
