# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's side of a family: how its pipeline is loaded and called. torch and diffusers, in workers only.

Most families need nothing here. One that does names a class in ``Family.runner`` ("module:Class", a file beside this).
"""

from __future__ import annotations

import importlib
from typing import Any, Protocol

from attrs import define

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
        return cls.from_pretrained(folder, **how)

    def arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        """A door's arguments (numpy, PIL, attrs) as the pipeline takes them (torch, diffusers' own classes)."""
        return given

    def run(self, loaded: Warm, pipeline: Any, call: dict[str, Any]) -> Any:
        """The pipeline's output for its arguments, those for progress, seed and cancelling among them."""
        return pipeline(**call)


def runner_of(family: Family) -> Runner:
    if not family.runner:
        return Runner()
    module, _, cls = family.runner.partition(":")
    return getattr(importlib.import_module(f"{__name__}.{module}"), cls)()
