# SPDX-License-Identifier: GPL-3.0-or-later
"""Cosmos in a worker: NVIDIA's guard, its class for actions, and a resize that diffusers takes from torchvision."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch
from attrs import define
from PIL import Image

from ....versions import installed
from ..families.cosmos import GUARD
from ..spec import ModelSpec
from . import Runner


@define
class TransferRunner(Runner):
    def load(self, cls: Any, folder: str, spec: ModelSpec, how: dict[str, Any]) -> Any:
        _lend_resize()
        return super().load(cls, folder, spec, how)


@define
class Cosmos3Runner(Runner):
    def load(self, cls: Any, folder: str, spec: ModelSpec, how: dict[str, Any]) -> Any:
        return super().load(cls, folder, spec, how | {"enable_safety_checker": installed(GUARD)})

    def arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        from diffusers.pipelines.cosmos.pipeline_cosmos3_omni import CosmosActionCondition

        action = given["action"]
        condition = CosmosActionCondition(
            mode="forward_dynamics",
            chunk_size=len(action.moves),
            domain_name="camera_pose",
            resolution_tier=action.tier,
            raw_actions=torch.from_numpy(action.moves),
            image=Image.fromarray(action.picture),
        )
        return given | {"action": condition}


def _lend_resize() -> None:
    """Two of diffusers' modules resize a mask with torchvision, which is not installed with every torch.

    They need one function of it, nearest-neighbour resizing, which torch has. Until diffusers does without.
    """
    from diffusers.models.controlnets import controlnet_cosmos
    from diffusers.models.transformers import transformer_cosmos

    def resize(image: torch.Tensor, size: list[int], interpolation: str) -> torch.Tensor:
        return torch.nn.functional.interpolate(image, size=size, mode=interpolation)

    lent = SimpleNamespace(
        functional=SimpleNamespace(resize=resize), InterpolationMode=SimpleNamespace(NEAREST="nearest")
    )
    modules: tuple[Any, ...] = (controlnet_cosmos, transformer_cosmos)
    for module in modules:
        if not hasattr(module, "transforms"):
            module.transforms = lent
