# SPDX-License-Identifier: GPL-3.0-or-later
"""Published configurations, built without weights on the meta device: the registry's parameter counts are theirs.

The numbers are those of the models' published config.json files (hidden sizes, layers, heads), written out here.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import diffusers
import pytest
import torch
import transformers
from diffusers import AutoencoderKL, AutoencoderKLWan, WanTransformer3DModel, WanVACETransformer3DModel
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


# --- other families: the sizes of a published configuration are its class's defaults where nothing is written here ----

EASYANIMATE = {
    "num_attention_heads": 48, "attention_head_dim": 64, "num_layers": 48, "mmdit_layers": 48, "out_channels": 16,
    "patch_size": 2, "sample_width": 90, "sample_height": 60, "time_embed_dim": 512, "text_embed_dim": 3584,
    "add_norm_text_encoder": False,
}  # fmt: skip
COSMOS_2B = {
    "in_channels": 17, "out_channels": 16, "num_attention_heads": 16, "attention_head_dim": 128, "num_layers": 28,
    "mlp_ratio": 4.0, "text_embed_dim": 1024, "adaln_lora_dim": 256, "concat_padding_mask": True,
    "extra_pos_embed_type": None, "use_crossattn_projection": True, "crossattn_proj_in_channels": 100352,
    "encoder_hidden_states_channels": 1024,
}  # fmt: skip
COG_5B = {
    "in_channels": 32, "num_attention_heads": 48, "num_layers": 42, "use_rotary_positional_embeddings": True,
}  # fmt: skip
Z_CONTROL = {
    "control_layers_places": list(range(0, 30, 2)), "control_refiner_layers_places": [0, 1], "control_in_dim": 33,
    "add_control_noise_refiner": "control_noise_refiner",
}  # fmt: skip
SDXL = {
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "block_out_channels": (320, 640, 1280), "attention_head_dim": [5, 10, 20], "cross_attention_dim": 2048,
    "use_linear_projection": True, "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816, "transformer_layers_per_block": [1, 2, 10],
}  # fmt: skip
PICTURE_VAE = {
    "down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4,
    "block_out_channels": [128, 256, 512, 512], "layers_per_block": 2,
}  # fmt: skip
CLIP = {"vocab_size": 49408, "max_position_embeddings": 77}
CLIP_L = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
CLIP_G = {"hidden_size": 1280, "intermediate_size": 5120, "num_hidden_layers": 32, "num_attention_heads": 20}
QWEN_7B = {
    "vocab_size": 152064, "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28,
    "num_attention_heads": 28, "num_key_value_heads": 4,
    "rope_parameters": {"rope_type": "default", "mrope_section": [16, 24, 24], "rope_theta": 1e6},
}  # fmt: skip
QWEN_4B = {
    "vocab_size": 151936, "hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36,
    "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
}  # fmt: skip
GEMMA_12B = {
    "vocab_size": 262208, "hidden_size": 3840, "intermediate_size": 15360, "num_hidden_layers": 48,
    "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 256,
}  # fmt: skip
SIGLIP = {
    "hidden_size": 1152, "image_size": 896, "intermediate_size": 4304, "num_attention_heads": 16,
    "num_hidden_layers": 27, "patch_size": 14,
}  # fmt: skip


def gemma3() -> Any:
    config = transformers.Gemma3Config(text_config=GEMMA_12B, vision_config=SIGLIP, mm_tokens_per_image=256)
    return transformers.Gemma3ForConditionalGeneration(config)


def qwen2_vl() -> Any:
    config = transformers.Qwen2VLConfig(text_config=QWEN_7B, vision_config={"hidden_size": 3584})
    return transformers.Qwen2VLForConditionalGeneration(config)


def qwen25_vl() -> Any:
    vision = {"hidden_size": 1280, "out_hidden_size": 3584}
    config = transformers.Qwen2_5_VLConfig(text_config=QWEN_7B, vision_config=vision)
    return transformers.Qwen2_5_VLForConditionalGeneration(config)


def unet() -> Any:
    upwards = ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D")
    return diffusers.UNet2DConditionModel(sample_size=128, up_block_types=upwards, **SDXL)


def clip(kind: str, sizes: dict[str, int]) -> Any:
    return getattr(transformers, kind)(
        transformers.CLIPTextConfig(**CLIP, **sizes, projection_dim=sizes["hidden_size"])
    )


def t5() -> Any:
    sizes = {"d_ff": 10240, "d_kv": 64, "d_model": 4096, "num_layers": 24, "num_heads": 64, "vocab_size": 32128}
    return transformers.T5EncoderModel(transformers.T5Config(**sizes, feed_forward_proj="gated-gelu"))


COMPONENTS |= {
    "skyreels-1.3b": lambda: diffusers.SkyReelsV2Transformer3DModel(**SMALL, inject_sample_info=True),
    "skyreels-14b": lambda: diffusers.SkyReelsV2Transformer3DModel(**LARGE),
    "cogvideox-2b": lambda: diffusers.CogVideoXTransformer3DModel(in_channels=32),
    "cogvideox-5b": lambda: diffusers.CogVideoXTransformer3DModel(**COG_5B),
    "cogvideox-vae": diffusers.AutoencoderKLCogVideoX,
    "t5-xxl": t5,
    "lucy": lambda: WanTransformer3DModel(**FIVE, in_channels=96, out_channels=48),
    "ltx-2": diffusers.LTX2VideoTransformer3DModel,
    "ltx-2-vae": diffusers.AutoencoderKLLTX2Video,
    "ltx-2-audio": diffusers.AutoencoderKLLTX2Audio,
    "ltx-2-vocoder": diffusers.pipelines.ltx2.vocoder.LTX2Vocoder,
    "ltx-2-connectors": diffusers.pipelines.ltx2.LTX2TextConnectors,
    "gemma-3": gemma3,
    "gemma-2": lambda: transformers.Gemma2ForCausalLM(transformers.Gemma2Config()),
    "sana-wm": diffusers.SanaWMTransformer3DModel,
    "easyanimate-rays": lambda: diffusers.EasyAnimateTransformer3DModel(**EASYANIMATE, in_channels=38),
    "easyanimate-video": lambda: diffusers.EasyAnimateTransformer3DModel(**EASYANIMATE, in_channels=48),
    "magvit": diffusers.AutoencoderKLMagvit,
    "qwen2-vl": qwen2_vl,
    "qwen2.5-vl": qwen25_vl,
    "qwen3": lambda: transformers.Qwen3Model(transformers.Qwen3Config(**QWEN_4B)),
    "cosmos-2b": lambda: diffusers.CosmosTransformer3DModel(**COSMOS_2B),
    "cosmos-depth": diffusers.CosmosControlNetModel,
    "cosmos-3": diffusers.Cosmos3OmniTransformer,
    "z-image": diffusers.ZImageTransformer2DModel,
    "z-control": lambda: diffusers.ZImageControlNetModel(**Z_CONTROL),
    "z-vae": lambda: AutoencoderKL(**PICTURE_VAE, latent_channels=16, use_quant_conv=False, use_post_quant_conv=False),
    "sdxl": unet,
    "sdxl-depth": lambda: diffusers.ControlNetModel(**SDXL),
    "sdxl-vae": lambda: AutoencoderKL(**PICTURE_VAE, latent_channels=4),
    "clip-l": lambda: clip("CLIPTextModel", CLIP_L),
    "clip-g": lambda: clip("CLIPTextModelWithProjection", CLIP_G),
}
BUILT |= {
    "skyreels-df-1.3b": {"transformer": "skyreels-1.3b", "text_encoder": "umt5-xxl", "vae": "wan-vae"},
    "skyreels-df-14b": {"transformer": "skyreels-14b", "text_encoder": "umt5-xxl", "vae": "wan-vae"},
    "cogvideox-fun-2b": {"transformer": "cogvideox-2b", "text_encoder": "t5-xxl", "vae": "cogvideox-vae"},
    "cogvideox-fun-5b": {"transformer": "cogvideox-5b", "text_encoder": "t5-xxl", "vae": "cogvideox-vae"},
    "lucy-edit": {"transformer": "lucy", "text_encoder": "umt5-xxl", "vae": "wan-vae-2.2"},
    "ltx-2": {
        "transformer": "ltx-2", "text_encoder": "gemma-3", "connectors": "ltx-2-connectors", "vae": "ltx-2-vae",
        "audio_vae": "ltx-2-audio", "vocoder": "ltx-2-vocoder",
    },
    "sana-wm": {"transformer": "sana-wm", "text_encoder": "gemma-2", "vae": "ltx-2-vae"},
    "easyanimate-camera": {"transformer": "easyanimate-rays", "text_encoder": "qwen2-vl", "vae": "magvit"},
    "easyanimate-depth": {"transformer": "easyanimate-video", "text_encoder": "qwen2-vl", "vae": "magvit"},
    "cosmos-transfer-2.5": {
        "transformer": "cosmos-2b", "controlnet": "cosmos-depth", "text_encoder": "qwen2.5-vl", "vae": "wan-vae",
    },
    "cosmos3-nano": {"transformer": "cosmos-3", "vae": "wan-vae-2.2"},
    "z-image-turbo": {
        "transformer": "z-image", "text_encoder": "qwen3", "controlnet": "z-control", "vae": "z-vae",
    },
    "sdxl": {
        "unet": "sdxl", "text_encoder": "clip-l", "text_encoder_2": "clip-g", "controlnet": "sdxl-depth",
        "vae": "sdxl-vae",
    },
}  # fmt: skip
KEPT_IN_FLOAT32 = {name: {"vae"} for name in BUILT if name.startswith(("wan", "skyreels"))} | {
    "lucy-edit": {"vae"},
    "sdxl": {"vae"},
}
SAME_WEIGHTS = {"ltx-2-distilled": "ltx-2"}
# (channels of a token, of the feed-forward layer, blocks) of denoising networks, as their configurations say.
SHAPES = {
    "ltx-2": lambda c: (c.num_attention_heads * c.attention_head_dim, 4 * c.cross_attention_dim, c.num_layers),
    "cosmos3-nano": lambda c: (c.hidden_size, c.intermediate_size, c.num_hidden_layers),
    "cosmos-transfer-2.5": lambda c: (
        c.num_attention_heads * c.attention_head_dim,
        int(c.mlp_ratio * c.num_attention_heads * c.attention_head_dim),
        c.num_layers,
    ),
    "lucy-edit": lambda c: (c.num_attention_heads * c.attention_head_dim, c.ffn_dim, c.num_layers),
    "skyreels-df-14b": lambda c: (c.num_attention_heads * c.attention_head_dim, c.ffn_dim, c.num_layers),
    "cogvideox-fun-2b": lambda c: (c.num_attention_heads * c.attention_head_dim, 30 * 64 * 4, c.num_layers),
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
    wide = KEPT_IN_FLOAT32.get(name, set())
    assert spec.weight_bytes == sum(count * (4 if part in wide else 2) for part, count in counts.items())


def test_every_model_of_the_list_is_among_them():
    assert set(catalogue.names()) == {*BUILT, *SAME_WEIGHTS}
    assert all(catalogue.model(a).parameters == catalogue.model(b).parameters for a, b in SAME_WEIGHTS.items())


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_of_other_families_are_their_configurations(name):
    shape, config = catalogue.model(name).shape, built(BUILT[name]["transformer"]).config
    assert (shape.hidden, shape.feed_forward, shape.blocks) == SHAPES[name](config)


@pytest.mark.parametrize("name", [name for name in BUILT if name.startswith("wan")])
def test_the_shapes_that_memory_is_summed_from_are_theirs_too(name):
    spec, transformer = catalogue.model(name), built(BUILT[name]["transformer"])
    config = transformer.config
    assert spec.shape.hidden == config.num_attention_heads * config.attention_head_dim
    assert spec.shape.feed_forward == config.ffn_dim
    assert spec.shape.hints == len(getattr(config, "vace_layers", ()))
    assert spec.shape.blocks == config.num_layers + spec.shape.hints
    assert spec.shape.patch == config.patch_size[1] and spec.multiple == spec.shape.spatial * spec.shape.patch
