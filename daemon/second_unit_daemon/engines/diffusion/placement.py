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
    """What ``from_pretrained`` needs to keep the denoising networks in 4 or 8 bits; nothing for the other ways."""
    if need.placement not in (Placement.NF4, Placement.INT8):
        return {}
    from diffusers.quantizers.pipe_quant_config import PipelineQuantizationConfig

    few_bits = _int8 if need.placement is Placement.INT8 else _nf4
    networks = [name for name in spec.parameters if name.startswith(DENOISERS)]
    mapping = {name: few_bits(dtype) for name in networks}
    return {"quantization_config": PipelineQuantizationConfig(quant_mapping=mapping)}


def _nf4(dtype: torch.dtype) -> Any:
    from diffusers.quantizers.quantization_config import BitsAndBytesConfig

    return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype)


def _int8(_: torch.dtype) -> Any:
    """Weights alone, each row with its own scale; what is computed with them has the pipeline's own type."""
    from diffusers.quantizers.quantization_config import TorchAoConfig
    from torchao.quantization import Int8WeightOnlyConfig  # pyright: ignore[reportMissingImports] optional

    return TorchAoConfig(Int8WeightOnlyConfig())


def transformers_of(pipeline: Any) -> dict[str, Any]:
    """The denoising networks by component name; Wan A14B has two."""
    return {
        name: part
        for name, part in pipeline.components.items()
        if name.startswith(DENOISERS) and isinstance(part, torch.nn.Module)
    }
