# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny LTX-2 with sound: the real classes, the real compression (8 in time, 32 in space)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .language import LAYERS, WIDTH, chat_tokenizer, gemma3
from .parts import louder, seeded

LATENT_CHANNELS = 8


def video_vae(latent_channels: int = LATENT_CHANNELS) -> Any:
    from diffusers import AutoencoderKLLTX2Video

    return AutoencoderKLLTX2Video(
        latent_channels=latent_channels,
        block_out_channels=(8, 8, 8),
        decoder_block_out_channels=(8, 8, 8),
        layers_per_block=(1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1),
        spatio_temporal_scaling=(True, True, True),
        decoder_spatio_temporal_scaling=(True, True, True),
        down_block_types=("LTX2VideoDownBlock3D",) * 3,
        downsample_type=("spatiotemporal",) * 3,
        upsample_type=("spatiotemporal",) * 3,
        upsample_residual=(True, True, True),
        upsample_factor=(1, 1, 1),
        decoder_inject_noise=(False, False, False, False),
        patch_size=4,
    )


def ltx2(folder: Path) -> None:
    """The model in ``folder``, its latent upsampler (the second stage's) in ``folder``/latent_upsampler."""
    from diffusers import (
        AutoencoderKLLTX2Audio,
        FlowMatchEulerDiscreteScheduler,
        LTX2ConditionPipeline,
        LTX2VideoTransformer3DModel,
    )
    from diffusers.pipelines.ltx2 import LTX2TextConnectors
    from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
    from diffusers.pipelines.ltx2.vocoder import LTX2Vocoder

    with seeded(24):
        audio_vae = AutoencoderKLLTX2Audio(
            base_channels=4,
            output_channels=2,
            ch_mult=(1,),
            num_res_blocks=1,
            attn_resolutions=None,
            in_channels=2,
            resolution=32,
            latent_channels=2,
            norm_type="pixel",
            causality_axis="height",
            mid_block_add_attention=False,
            sample_rate=16000,
            mel_hop_length=160,
            mel_bins=8,
        )
        transformer = LTX2VideoTransformer3DModel(
            in_channels=LATENT_CHANNELS,
            out_channels=LATENT_CHANNELS,
            num_attention_heads=2,
            attention_head_dim=16,
            cross_attention_dim=32,
            audio_in_channels=4,
            audio_out_channels=4,
            audio_num_attention_heads=2,
            audio_attention_head_dim=8,
            audio_cross_attention_dim=16,
            num_layers=2,
            caption_channels=WIDTH,
            rope_type="split",
            rope_double_precision=False,
            perturbed_attn=True,
        )
        louder([block.attn2.to_out[0] for block in transformer.transformer_blocks], 4.0)
        louder([transformer.proj_out], 4.0)
        pipe = LTX2ConditionPipeline(
            scheduler=FlowMatchEulerDiscreteScheduler(),
            vae=video_vae(),
            audio_vae=audio_vae,
            text_encoder=gemma3(),
            tokenizer=chat_tokenizer("left"),
            connectors=LTX2TextConnectors(
                caption_channels=WIDTH,
                text_proj_in_factor=LAYERS + 1,
                video_connector_num_attention_heads=2,
                video_connector_attention_head_dim=16,
                video_connector_num_layers=1,
                video_connector_num_learnable_registers=None,
                audio_connector_num_attention_heads=2,
                audio_connector_attention_head_dim=16,
                audio_connector_num_layers=1,
                audio_connector_num_learnable_registers=None,
                connector_rope_base_seq_len=32,
                rope_double_precision=False,
                rope_type="split",
            ),
            transformer=transformer,
            vocoder=LTX2Vocoder(
                in_channels=16,
                hidden_channels=32,
                upsample_kernel_sizes=[16, 20],
                upsample_factors=[8, 20],
                resnet_kernel_sizes=[3],
                resnet_dilations=[[1, 3, 5]],
                output_sampling_rate=16000,
            ),
        )
        upsampler = LTX2LatentUpsamplerModel(in_channels=LATENT_CHANNELS, mid_channels=32, num_blocks_per_stage=1)
    pipe.save_pretrained(folder)
    upsampler.save_pretrained(folder / "latent_upsampler")


def depth_lora(path: Path, downscale: int = 1) -> None:
    """An in-context LoRA for it, with the size of its video in the metadata as the published ones have it."""
    import torch
    from safetensors.torch import save_file

    weights = {}
    with seeded(31):
        for block in range(2):
            for layer in ("to_q", "to_k", "to_v"):
                name = f"transformer.transformer_blocks.{block}.attn1.{layer}"
                weights[f"{name}.lora_A.weight"] = torch.randn(2, 32)
                weights[f"{name}.lora_B.weight"] = torch.randn(32, 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, path, {"reference_downscale_factor": str(downscale)})
