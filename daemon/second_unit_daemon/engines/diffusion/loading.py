# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights from this disk into a pipeline: safetensors only, no remote code, no network. In worker processes only.

One pipeline is kept warm, with the way it was placed; asking for another model, or another way, lets go of it first.
"""

from __future__ import annotations

import gc
import inspect
import logging
from pathlib import Path
from typing import Any

import torch
from attrs import define, field, frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.shot import Lora, Scalar

from . import weights
from .memory import Need
from .placement import place, quantised
from .planning import Decision
from .previews import Previewer
from .runners import Runner, runner_of
from .spec import ModelSpec

log = logging.getLogger(__name__)

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@frozen
class Key:
    """What a loaded pipeline depends on. Two jobs with the same key share it."""

    model: str
    folder: str
    dtype: str
    device: str
    need: Need
    loras: tuple[Lora, ...]
    attention: str
    cache: bool
    compiled: bool
    gguf: tuple[tuple[str, Path, tuple[int, int] | None], ...]


@define
class Loaded:
    """A pipeline, placed; ``faces`` are other pipeline classes over the same weights."""

    key: Key
    pipeline: Any
    device: torch.device
    facts: dict[str, Scalar] = field(factory=dict)  # what was found out while loading, for the provenance
    notes: tuple[str, ...] = ()
    runner: Runner = field(factory=Runner)
    faces: dict[str, Any] = field(factory=dict)
    previewer: Previewer = field(factory=Previewer)

    def face(self, name: str) -> Any:
        """The same weights behind another pipeline class of diffusers."""
        if type(self.pipeline).__name__ == name:
            return self.pipeline
        if name not in self.faces:
            self.faces[name] = _over(pipeline_class(name), self.pipeline)
        return self.faces[name]

    def free(self) -> None:
        """After a run, whole or broken: caches forget it, components that come and go leave the device."""
        for pipeline in (self.pipeline, *self.faces.values()):
            pipeline.maybe_free_model_hooks()


def _over(cls: Any, pipeline: Any) -> Any:
    """Another class over the same components and settings. ``from_pipe`` would cast every weight to float32."""
    wanted = inspect.signature(cls.__init__).parameters
    given = {
        name: value for name, value in pipeline.config.items() if name in wanted and name not in pipeline.components
    }
    given |= {name: part for name, part in pipeline.components.items() if name in wanted}
    face = cls(**given)
    face.set_progress_bar_config(disable=True)
    if hasattr(pipeline, "_all_hooks"):
        face._all_hooks = pipeline._all_hooks  # of model offload: a face must let go of the card as well
    return face


_resident: Loaded | None = None


def loaded(decision: Decision, loras: tuple[Lora, ...]) -> Loaded:
    """The pipeline for a decision, warm where it can be. Raises SecondUnitError where weights or LoRAs are missing."""
    global _resident  # noqa: PLW0603 one card, one pipeline
    key = _key(decision, loras)
    if _resident is not None and _resident.key == key:
        return _resident
    release()
    _resident = _load(decision, key)
    return _resident


def release() -> None:
    """Lets go of the weights, so that other programs can have the memory."""
    global _resident  # noqa: PLW0603
    if _resident is not None:
        log.info("letting go of %s", _resident.key.model)
        _resident = None
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def pipeline_class(name: str) -> Any:
    """A pipeline class by name. Raises SecondUnitError where this diffusers does not have it."""
    import diffusers

    found = getattr(diffusers, name, None)
    if found is None:
        cause = f"diffusers {diffusers.__version__} has no {name}"
        raise SecondUnitError(ErrorCode.ENGINE_FAILED, cause, remedy="Install second-unit[diffusion] again")
    return found


def _key(decision: Decision, loras: tuple[Lora, ...]) -> Key:
    options = decision.options
    return Key(
        decision.spec.name,
        str(_folder(decision.spec)),
        decision.dtype,
        decision.device_kind,
        decision.need,
        loras,
        str(options["attention"]),
        bool(options["cache"]),
        bool(options["compile"]),
        tuple((name, path, weights.stamp(path)) for name, path in decision.spec.gguf.items()),
    )


def _folder(spec: ModelSpec) -> Path:
    place_of = weights.place_of(spec)
    if place_of is None:
        raise SecondUnitError(ErrorCode.NO_SUCH_ENGINE, f"{spec.label} cannot be used: {weights.unavailable(spec)}")
    return place_of


def _tiny_vae(spec: ModelSpec, device: torch.device, dtype: torch.dtype) -> Any:
    """The VAE that shows pictures while they are made; None where there is none, or it cannot be read."""
    place = weights.preview_of(spec)
    if place is None:
        return None
    from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny

    try:
        tiny: Any = AutoencoderTiny.from_pretrained(
            str(place), dtype=dtype, use_safetensors=True, local_files_only=True
        )
    except (OSError, ValueError) as error:
        log.warning("the tiny VAE in %s cannot be loaded: %s", place, error)
        return None
    return tiny.to(device)


def _load(decision: Decision, key: Key) -> Loaded:
    from . import speed

    spec, device = decision.spec, torch.device(decision.device_kind)
    log.info("loading %s from %s as %s, %s", spec.name, key.folder, key.dtype, key.need.placement)
    dtype = DTYPES[decision.dtype]
    dtypes = {"default": dtype} | {name: torch.float32 for name in spec.float32}
    try:
        how = {"dtype": dtypes, "use_safetensors": True, "local_files_only": True}
        how |= quantised(spec, decision.need, dtype)
        runner = runner_of(decision.family)
        pipeline = runner.load(pipeline_class(decision.pipeline), key.folder, spec, how)
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        cause = f"The weights of {spec.label} in {key.folder} cannot be loaded ({error})"
        remedy = f"Check them: second-unit models verify {spec.name}"
        raise SecondUnitError(ErrorCode.ENGINE_FAILED, cause, remedy=remedy) from error
    pipeline.set_progress_bar_config(disable=True)
    speed.add_loras(pipeline, key.loras, spec.draft_lora)
    found = Loaded(key, pipeline, device, runner=runner, previewer=Previewer(_tiny_vae(spec, device, dtype)))
    place(pipeline, decision.need, device, dtype)
    found.facts, found.notes = speed.hurry(pipeline, decision, device)
    return found
