# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's side of a family: how its pipeline is loaded and called. torch and diffusers, in workers only.

Most families need nothing here. One that does names a class in ``Family.runner`` ("module:Class", a file beside this).
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any, Protocol

from attrs import define
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from .. import weights
from ..family import Family
from ..spec import ModelSpec


class Warm(Protocol):
    """What a runner may use of a loaded pipeline (loading.Loaded): ``face`` has other classes over the same weights."""

    key: Any
    device: Any

    def face(self, name: str) -> Any: ...


@define
class Runner:
    """Serves a pipeline that takes a door's arguments as they are and makes its frames in one call."""

    def load(self, cls: Any, folder: str, spec: ModelSpec, how: dict[str, Any]) -> Any:
        """``how``: arguments of ``from_pretrained``. Raises what that raises, or SecondUnitError."""
        return cls.from_pretrained(folder, **(how | self.parts(spec, how) | packed(spec, Path(folder), how)))

    def parts(self, spec: ModelSpec, how: dict[str, Any]) -> dict[str, Any]:
        """Components that are published apart from the model."""
        return {name: loaded_part(spec, name, how) for name in spec.also}

    def arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        """A door's arguments (numpy, PIL, attrs) as the pipeline takes them (torch, diffusers' own classes)."""
        return given

    def run(self, loaded: Warm, pipeline: Any, call: dict[str, Any]) -> Any:
        """The pipeline's output for its arguments, those for progress, seed and cancelling among them."""
        return pipeline(**call)


def loaded_part(spec: ModelSpec, name: str, how: dict[str, Any]) -> Any:
    """A component from its own folder or file. Raises SecondUnitError where it is not on this disk."""
    from diffusers.models.auto_model import AutoModel

    place = weights.part_of(spec, name)
    if place is None:
        raise SecondUnitError(ErrorCode.NO_SUCH_ENGINE, f"{spec.label} cannot be used: {weights.unavailable(spec)}")
    dtype = how["dtype"].get(name, how["dtype"]["default"])
    if place.is_dir():
        return AutoModel.from_pretrained(str(place), **(how | {"dtype": dtype}))
    config = weights.snapshot_of(spec.also[name].config, "")
    return _class_of(config).from_single_file(str(place), config=str(config), dtype=dtype, local_files_only=True)


def packed(spec: ModelSpec, folder: Path, how: dict[str, Any]) -> dict[str, Any]:
    """Networks from GGUF files, kept as those have them and unpacked layer by layer while they compute."""
    from diffusers.quantizers.quantization_config import GGUFQuantizationConfig

    found = {}
    for name, path in spec.gguf.items():
        dtype = how["dtype"].get(name, how["dtype"]["default"])
        try:
            network = _class_of(folder / name).from_single_file(
                str(path), config=str(folder / name), dtype=dtype, local_files_only=True,
                quantization_config=GGUFQuantizationConfig(compute_dtype=dtype),
            )  # fmt: skip
        except NotImplementedError as error:  # what torch says of a parameter that nothing was loaded into
            raise _unread(spec, name, f"weights that the {name} needs are not in it") from error
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise _unread(spec, name, str(error)[:300]) from error
        _unpack_tables(network, dtype)
        found[name] = network
    return found


def _unpack_tables(network: Any, dtype: Any) -> None:
    """Only linear layers compute with packed weights: what stands beside them in a file's bits is unpacked at once."""
    from diffusers.quantizers.gguf.utils import GGUFLinear, GGUFParameter, dequantize_gguf_tensor
    from torch.nn import Parameter

    for module in network.modules():
        if isinstance(module, GGUFLinear):
            continue
        for name, value in list(module.named_parameters(recurse=False)):
            if isinstance(value, GGUFParameter):
                setattr(module, name, Parameter(dequantize_gguf_tensor(value).to(dtype), requires_grad=False))


def _unread(spec: ModelSpec, name: str, why: str) -> SecondUnitError:
    cause = f"{spec.gguf[name]} cannot be read as the {name} of {spec.label}: {why}"
    return SecondUnitError(ErrorCode.ENGINE_FAILED, cause, remedy=f"Correct gguf.{name} in {spec.source}")


def _class_of(config: Path | None) -> Any:
    """The class that a configuration names. Raises OSError where it is not on this disk."""
    import diffusers

    if config is None:
        raise OSError("its configuration is not on this disk")
    return getattr(diffusers, json.loads((config / "config.json").read_text("utf-8"))["_class_name"])


def runner_of(family: Family) -> Runner:
    if not family.runner:
        return Runner()
    module, _, cls = family.runner.partition(":")
    return getattr(importlib.import_module(f"{__name__}.{module}"), cls)()
