# SPDX-License-Identifier: GPL-3.0-or-later
"""A pipeline's weights on a device, in one of the ways that memory.py plans."""

from __future__ import annotations

from typing import Any

import torch

from .memory import Need, Placement
from .spec import DENOISERS, ModelSpec


def place(pipeline: Any, need: Need, device: torch.device, dtype: torch.dtype) -> None:
    """Moves or hooks the pipeline's components. A fresh pipeline only: hooks of two ways do not mix."""
    vae: Any = getattr(pipeline, "vae", None)
    if need.tiled and hasattr(vae, "enable_tiling"):
        vae.enable_tiling()
    if need.placement is Placement.FULL:
        pipeline.to(device)
        return
    if need.placement is Placement.CAST:
        for transformer in transformers_of(pipeline).values():
            transformer.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=dtype)
    if need.placement is Placement.GROUPS:
        pipeline.enable_group_offload(
            onload_device=device,
            offload_device=torch.device("cpu"),
            offload_type="leaf_level",
            use_stream=device.type == "cuda",
        )
        return
    pipeline.enable_model_cpu_offload(device=device)


def quantised(spec: ModelSpec, need: Need, dtype: torch.dtype) -> dict[str, Any]:
    """What ``from_pretrained`` needs to keep the denoising networks in 4 bits; nothing for the other ways."""
    if need.placement is not Placement.NF4:
        return {}
    from diffusers.quantizers.pipe_quant_config import PipelineQuantizationConfig
    from diffusers.quantizers.quantization_config import BitsAndBytesConfig

    def four_bits() -> Any:
        return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype)

    networks = [name for name in spec.parameters if name.startswith(DENOISERS)]
    return {"quantization_config": PipelineQuantizationConfig(quant_mapping={name: four_bits() for name in networks})}


def transformers_of(pipeline: Any) -> dict[str, Any]:
    """The denoising networks by component name; Wan A14B has two."""
    return {
        name: part
        for name, part in pipeline.components.items()
        if name.startswith(DENOISERS) and isinstance(part, torch.nn.Module)
    }
