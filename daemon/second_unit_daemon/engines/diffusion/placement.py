# SPDX-License-Identifier: GPL-3.0-or-later
"""A pipeline's weights on a device, in one of the ways that memory.py plans."""

from __future__ import annotations

from typing import Any

import torch

from .memory import Need, Placement
from .spec import DENOISERS


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


def transformers_of(pipeline: Any) -> dict[str, Any]:
    """The denoising networks by component name; Wan A14B has two."""
    return {
        name: part
        for name, part in pipeline.components.items()
        if name.startswith(DENOISERS) and isinstance(part, torch.nn.Module)
    }
