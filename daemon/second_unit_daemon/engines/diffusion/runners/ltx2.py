# SPDX-License-Identifier: GPL-3.0-or-later
"""LTX-2 in a worker: its own classes for conditions, and two stages for distilled models.

The two stages are those of Lightricks' pipelines: the clip at half its size, its latents through the upsampler that
comes with the model, then three steps on the larger latents, without in-context control; sound stays with the second.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from attrs import define, field
from PIL import Image
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from .. import weights
from ..spec import ModelSpec
from . import Runner, Warm

UPSAMPLER = "latent_upsampler"
SECOND_SIGMAS = (0.909375, 0.725, 0.421875)  # diffusers, ltx2/utils.py: STAGE_2_DISTILLED_SIGMA_VALUES
ONE_STAGE_ONLY = ("reference_conditions", "reference_downscale_factor", "sigmas", "num_inference_steps", "generator")


@define
class Ltx2Runner(Runner):
    _folder: Path = field(init=False, default=Path())
    _own_levels: Any = field(init=False, default=None)  # the scheduler that the model came with
    _two_stages: bool = field(init=False, default=False)
    _control_lora: str = field(init=False, default="")
    _upsampler: Any = field(init=False, default=None)

    def load(self, cls: Any, folder: str, spec: ModelSpec, how: dict[str, Any]) -> Any:
        pipeline = super().load(cls, folder, spec, how)
        self._folder, self._own_levels = Path(folder), pipeline.scheduler
        return pipeline

    def arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition
        from diffusers.pipelines.ltx2.pipeline_ltx2_ic_lora import LTX2ReferenceCondition

        call = dict(given)
        self._two_stages = bool(call.pop("two_stages", False))
        self._control_lora = str(call.pop("control_lora", ""))
        if "conditions" in call:  # crf 0: the picture as it is, not as a compressed video would show it
            call["conditions"] = [LTX2VideoCondition(k.frames, k.index, k.strength, 0) for k in call["conditions"]]
        if "reference_conditions" in call:
            call["reference_conditions"] = [
                LTX2ReferenceCondition([Image.fromarray(f) for f in c.frames], c.strength)
                for c in call["reference_conditions"]
            ]
        return call

    def run(self, loaded: Warm, pipeline: Any, call: dict[str, Any]) -> Any:
        if self._control_lora:
            call["reference_downscale_factor"] = _downscale(self._control_lora)
        pipeline.scheduler = self._levels("sigmas" in call)
        if not self._two_stages:
            return pipeline(**call)
        small = {"width": call["width"] // 2, "height": call["height"] // 2, "output_type": "latent"}
        first = pipeline(**(call | small))
        larger = self._larger(loaded, first.frames)
        rest = {name: value for name, value in call.items() if name not in ONE_STAGE_ONLY}
        rest |= {
            "latents": larger,
            "audio_latents": first.audio,
            "sigmas": list(SECOND_SIGMAS),
            "num_inference_steps": len(SECOND_SIGMAS),
            "noise_scale": SECOND_SIGMAS[0],
            "generator": call["generator"],
        }
        if not self._control_lora:
            pipeline.scheduler = self._levels(True)
            return pipeline(**rest)
        return self._uncontrolled(loaded, pipeline, rest)

    def _levels(self, given: bool) -> Any:
        """The scheduler. Noise levels that are given one by one must not be shifted again."""
        own = self._own_levels
        return type(own).from_config(own.config, use_dynamic_shifting=False, shift_terminal=None) if given else own

    def _larger(self, loaded: Warm, latents: Any) -> Any:
        """Latents of twice the size. LTX2LatentUpsamplePipeline does no more, but would want the VAE moved as well."""
        import torch
        from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel

        if self._upsampler is None:
            place = self._folder / UPSAMPLER
            if not place.is_dir():
                cause = f"Two stages need the model's latent upsampler, and there is none in {self._folder}"
                raise SecondUnitError(ErrorCode.ENGINE_FAILED, cause, remedy="Set the option two_stages to false")
            self._upsampler = LTX2LatentUpsamplerModel.from_pretrained(
                place, dtype=latents.dtype, use_safetensors=True, local_files_only=True
            )
        upsampler = self._upsampler.to(loaded.device)
        with torch.no_grad():
            larger = upsampler(latents.to(loaded.device, upsampler.dtype))
        self._upsampler.to("cpu")
        return larger

    def _uncontrolled(self, loaded: Warm, pipeline: Any, rest: dict[str, Any]) -> Any:
        """The second stage without the in-context LoRA, counted by the same bar."""
        names = [f"lora_{n}" for n in range(len(loaded.key.loras))]
        strengths = [0.0 if lora.name == self._control_lora else lora.strength for lora in loaded.key.loras]
        second = loaded.face("LTX2ConditionPipeline")
        second.scheduler = self._levels(True)
        second.set_adapters(names, adapter_weights=strengths)
        second.progress_bar = pipeline.progress_bar
        try:
            return second(**rest)
        finally:
            del second.progress_bar
            second.set_adapters(names, adapter_weights=[lora.strength for lora in loaded.key.loras])


def _downscale(lora: str) -> int:
    """How much smaller than the clip the in-context LoRA was trained to see its video: in its file's metadata."""
    with (weights.lora_folder() / f"{lora}.safetensors").open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        metadata = json.loads(file.read(length)).get("__metadata__", {})
    return int(metadata.get("reference_downscale_factor", 1))
