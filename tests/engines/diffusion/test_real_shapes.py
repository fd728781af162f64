# SPDX-License-Identifier: GPL-3.0-or-later
"""Published configurations, built without weights on the meta device: the registry's parameter counts are theirs.

The numbers are those of the models' published config.json files (hidden sizes, layers, heads), written out here.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKLWan, WanTransformer3DModel, WanVACETransformer3DModel
from second_unit_daemon.engines.diffusion import catalogue
from transformers import UMT5Config, UMT5EncoderModel

SMALL = {"num_attention_heads": 12, "attention_head_dim": 128, "ffn_dim": 8960, "num_layers": 30}
LARGE = {"num_attention_heads": 40, "attention_head_dim": 128, "ffn_dim": 13824, "num_layers": 40}
UMT5_XXL = {"vocab_size": 256384, "d_model": 4096, "d_kv": 64, "d_ff": 10240, "num_layers": 24, "num_heads": 64}
VACE = {
    "1.3b": lambda: WanVACETransformer3DModel(**SMALL, vace_layers=list(range(0, 30, 2))),
    "14b": lambda: WanVACETransformer3DModel(**LARGE, vace_layers=list(range(0, 40, 5))),
}
VAE_22 = {
    "base_dim": 160, "decoder_base_dim": 256, "z_dim": 48, "is_residual": True, "patch_size": 2, "in_channels": 12,
    "out_channels": 12, "scale_factor_spatial": 16, "latents_mean": [0.0] * 48, "latents_std": [1.0] * 48,
}  # fmt: skip
FIVE = {"num_attention_heads": 24, "attention_head_dim": 128, "ffn_dim": 14336, "num_layers": 30}
BUILT: dict[str, dict[str, str]] = {
    "wan-vace-1.3b": {"transformer": "vace-1.3b", "text_encoder": "umt5-xxl", "vae": "wan-vae"},
    "wan-vace-14b": {"transformer": "vace-14b", "text_encoder": "umt5-xxl", "vae": "wan-vae"},
    "wan-vace-a14b": {
        "transformer": "vace-14b", "transformer_2": "vace-14b", "text_encoder": "umt5-xxl", "vae": "wan-vae",
    },
}  # fmt: skip
BUILT |= {
    "wan-t2v-1.3b": {"transformer": "wan-1.3b", "text_encoder": "umt5-xxl", "vae": "wan-vae"},
    "wan-t2v-14b": {"transformer": "wan-14b", "text_encoder": "umt5-xxl", "vae": "wan-vae"},
    "wan-t2v-a14b": {
        "transformer": "wan-14b", "transformer_2": "wan-14b", "text_encoder": "umt5-xxl", "vae": "wan-vae",
    },
    "wan-i2v-a14b": {
        "transformer": "wan-i2v", "transformer_2": "wan-i2v", "text_encoder": "umt5-xxl", "vae": "wan-vae",
    },
    "wan-ti2v-5b": {"transformer": "wan-5b", "text_encoder": "umt5-xxl", "vae": "wan-vae-2.2"},
}  # fmt: skip
COMPONENTS: dict[str, Any] = {
    "vace-1.3b": VACE["1.3b"],
    "vace-14b": VACE["14b"],
    "umt5-xxl": lambda: UMT5EncoderModel(UMT5Config(**UMT5_XXL)),
    "wan-vae": AutoencoderKLWan,
    "wan-1.3b": lambda: WanTransformer3DModel(**SMALL),
    "wan-14b": lambda: WanTransformer3DModel(**LARGE),
    "wan-i2v": lambda: WanTransformer3DModel(**LARGE, in_channels=36, out_channels=16),
    "wan-5b": lambda: WanTransformer3DModel(**FIVE, in_channels=48, out_channels=48),
    "wan-vae-2.2": lambda: AutoencoderKLWan(**VAE_22),
}


@cache
def built(name: str) -> Any:
    with torch.device("meta"):
        return COMPONENTS[name]()


@pytest.mark.parametrize("name", BUILT)
def test_the_plans_weights_are_those_of_the_published_configuration(name):
    spec = catalogue.model(name)
    counts = {part: sum(p.numel() for p in built(component).parameters()) for part, component in BUILT[name].items()}
    assert spec.parameters == counts
    assert spec.weight_bytes == sum(count * (4 if part == "vae" else 2) for part, count in counts.items())


@pytest.mark.parametrize("name", [name for name in BUILT if name.startswith("wan")])
def test_the_shapes_that_memory_is_summed_from_are_theirs_too(name):
    spec, transformer = catalogue.model(name), built(BUILT[name]["transformer"])
    config = transformer.config
    assert spec.shape.hidden == config.num_attention_heads * config.attention_head_dim
    assert spec.shape.feed_forward == config.ffn_dim
    assert spec.shape.hints == len(getattr(config, "vace_layers", ()))
    assert spec.shape.blocks == config.num_layers + spec.shape.hints
    assert spec.shape.patch == config.patch_size[1] and spec.multiple == spec.shape.spatial * spec.shape.patch
