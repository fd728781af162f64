# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiny Wan VACE models: one transformer, or two with the boundary between them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .parts import louder, seeded, umt5, unipc, wan_vae, word_tokenizer

TABLE = """
like = "wan-vace-1.3b"
label = "{label}"
folder = '{folder}'
dtype = "float32"
pixels = [0, 1_000_000]
parameters = {{ {parameters} }}
shape = {{ hidden = 48, feed_forward = 64, blocks = 6, hints = 2 }}
efforts = {{ draft = {effort}, standard = {effort}, final = {effort} }}
"""


def transformer(layers: int = 4, head: int = 12) -> Any:
    from diffusers import WanVACETransformer3DModel

    made = WanVACETransformer3DModel(
        num_attention_heads=4, attention_head_dim=head, text_dim=32, freq_dim=16, ffn_dim=64, num_layers=layers,
        vace_layers=[0, 2], vace_in_channels=96,
    ).eval()  # fmt: skip
    louder([block.proj_out for block in made.vace_blocks], 8.0)
    louder([made.vace_patch_embedding], 4.0)
    louder([block.attn2.to_out[0] for block in made.blocks], 8.0)
    louder([made.proj_out], 4.0)
    return made


def vace(folder: Path) -> None:
    from diffusers import WanVACEPipeline

    with seeded(11):
        pipeline = WanVACEPipeline(word_tokenizer(), umt5(), wan_vae(), unipc(), transformer())
    pipeline.save_pretrained(folder, safe_serialization=True)


def vace_wide(folder: Path) -> None:
    """Its layers are 64 wide: two blocks of 32 weights, which is what GGUF files round together."""
    from diffusers import WanVACEPipeline

    with seeded(13):
        pipeline = WanVACEPipeline(word_tokenizer(), umt5(), wan_vae(), unipc(), transformer(head=16))
    pipeline.save_pretrained(folder, safe_serialization=True)


def vace_a14b(folder: Path) -> None:
    from diffusers import WanVACEPipeline

    with seeded(12):
        parts = word_tokenizer(), umt5(), wan_vae(), unipc(), transformer(), transformer()
    WanVACEPipeline(*parts, boundary_ratio=0.875).save_pretrained(folder, safe_serialization=True)


def table(folder: Path, label: str = "Tiny VACE", steps: int = 3, experts: int = 1) -> str:
    """The model's entry in a list of models."""
    names = ["transformer", "transformer_2"][:experts]
    parameters = ", ".join(f"{name} = 100_000" for name in (*names, "text_encoder", "vae"))
    effort = f"{{ steps = {steps}, guidance = 3.0{', guidance_2 = 2.0' if experts > 1 else ''} }}"
    return TABLE.format(label=label, folder=folder, parameters=parameters, effort=effort)
