# SPDX-License-Identifier: GPL-3.0-or-later
"""EasyAnimate's control pipeline in a worker. As diffusers 0.42.1 has it, it cannot be called: two calls in it fail."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from attrs import define

from ..spec import ModelSpec
from . import Runner


@define
class EasyAnimateRunner(Runner):
    def load(self, cls: Any, folder: str, spec: ModelSpec, how: dict[str, Any]) -> Any:
        pipeline = super().load(cls, folder, spec, how)
        encode = pipeline.encode_prompt

        def encode_prompt(**given: Any) -> Any:
            # Its call names a second text encoder, which its own method does not know. Until diffusers corrects it.
            given.pop("text_encoder_index", None)
            return encode(**given)

        def decode_latents(latents: torch.Tensor) -> torch.Tensor:
            # Its call uses a method that only older pipelines have. As EasyAnimatePipeline decodes; until corrected.
            return pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor, return_dict=False)[0]

        pipeline.encode_prompt = encode_prompt
        if not hasattr(cls, "decode_latents"):
            pipeline.decode_latents = decode_latents
        return pipeline

    def arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        return {n: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for n, v in given.items()}
