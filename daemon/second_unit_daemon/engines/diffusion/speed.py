# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a loaded pipeline faster, or of another style: attention back-end, cache, compilation, LoRAs."""

from __future__ import annotations

import logging
import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.shot import Lora, Scalar

from . import weights
from .placement import transformers_of

if TYPE_CHECKING:
    import torch

    from .planning import Decision
    from .spec import DraftLora

log = logging.getLogger(__name__)

# By preference; the first whose package is there is taken on a CUDA card. Elsewhere torch's own is.
BACKENDS = (("_flash_3", "flash_attn_interface"), ("sage", "sageattention"), ("flash", "flash_attn"))
NATIVE = "native"
FIRST_BLOCK_THRESHOLD = 0.08


def hurry(pipeline: Any, decision: Decision, device: torch.device) -> tuple[dict[str, Scalar], tuple[str, ...]]:
    """Applies the options. Returns what is in force, and a sentence for each wish that could not be met."""
    facts: dict[str, Scalar] = {}
    notes: list[str] = []
    facts["attention"] = _attention(pipeline, str(decision.options["attention"]), device, notes)
    if decision.options["cache"]:
        _first_block_cache(pipeline, notes)
    if decision.options["compile"]:
        facts["compile"] = _compile(pipeline, device, notes)
    return facts, tuple(notes)


def add_loras(pipeline: Any, loras: tuple[Lora, ...], draft: DraftLora | None = None) -> None:
    """Loads each LoRA and sets its strength; ``draft`` is the model's few-step one.

    Raises SecondUnitError naming the file that is missing or does not fit.

    Where there are two experts, a LoRA may have a second file NAME.low.safetensors for the one of the last steps;
    otherwise both get the same.
    """
    if not loras:
        return
    if not hasattr(pipeline, "load_lora_weights"):
        raise SecondUnitError(ErrorCode.BAD_REQUEST, f"{type(pipeline).__name__} takes no LoRAs")
    names = [f"lora_{number}" for number in range(len(loras))]
    for name, lora in zip(names, loras, strict=True):
        path = weights.lora_path(lora.name, draft)
        _add_lora(pipeline, path, name, lora)
        if getattr(pipeline, "transformer_2", None) is not None:
            low = path.with_name(f"{lora.name}.low.safetensors")
            _add_lora(pipeline, low if low.is_file() else path, name, lora, load_into_transformer_2=True)
    pipeline.set_adapters(names, adapter_weights=[lora.strength for lora in loras])


def _add_lora(pipeline: Any, path: Path, name: str, lora: Lora, **more: bool) -> None:
    from safetensors.torch import load_file

    if not path.is_file():
        cause = f"There is no LoRA {lora.name} in {path.parent}"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Put the file there, or take it off the shot")
    second = more.get("load_into_transformer_2", False)
    target = pipeline.transformer_2 if second else transformers_of(pipeline)["transformer"]
    try:
        pipeline.load_lora_weights(load_file(path), adapter_name=name, **more)
        fits = name in getattr(target, "peft_config", {})  # keys that fit nothing are passed over with a mere warning
        reason = "it names no layer of this model"
    except Exception as error:  # noqa: BLE001 whatever peft and diffusers raise for shapes and names that differ
        fits, reason = False, str(error)[:300]
    if not fits:
        cause = f"The LoRA {lora.name} does not fit this model ({reason})"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Choose one that was made for it")


def _attention(pipeline: Any, wanted: str, device: torch.device, notes: list[str]) -> str:
    if wanted == "auto":
        wanted = NATIVE
        if device.type == "cuda":
            wanted = next((name for name, package in BACKENDS if find_spec(package)), NATIVE)
    try:
        # Said for every pipeline, the plain one too: the choice stays with the process.
        for transformer in transformers_of(pipeline).values():
            transformer.set_attention_backend(wanted)
    except (ValueError, RuntimeError, ImportError, AttributeError) as error:
        log.warning("attention back-end %s: %s", wanted, error)
        if wanted != NATIVE:
            notes.append(f"The attention back-end {wanted} cannot be used here; torch's own was")
        return NATIVE
    return wanted


def _first_block_cache(pipeline: Any, notes: list[str]) -> None:
    from diffusers.hooks.first_block_cache import FirstBlockCacheConfig

    for transformer in transformers_of(pipeline).values():
        if not hasattr(transformer, "enable_cache"):
            notes.append(f"{type(transformer).__name__} cannot use the first-block cache; it ran without")
            return
        transformer.enable_cache(FirstBlockCacheConfig(threshold=FIRST_BLOCK_THRESHOLD))


def _compile(pipeline: Any, device: torch.device, notes: list[str]) -> bool:
    missing = _missing_compiler(device)
    if missing:
        notes.append(f"Blocks cannot be compiled here, {missing} is not installed; the model ran as it is")
        return False
    for transformer in transformers_of(pipeline).values():
        if not hasattr(transformer, "compile_repeated_blocks"):
            notes.append(f"{type(transformer).__name__} cannot be compiled block by block; it ran as it is")
            return False
        transformer.compile_repeated_blocks(fullgraph=False)
    return True


def _missing_compiler(device: torch.device) -> str:
    """What torch.compile needs for this device and does not find; empty where it is there."""
    if device.type == "cuda":
        return "" if find_spec("triton") else "the package triton"
    known = (os.environ.get("CXX") or "g++", "clang++", "cl")
    return "" if any(map(shutil.which, known)) else "a C++ compiler"
