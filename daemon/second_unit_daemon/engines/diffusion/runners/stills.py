# SPDX-License-Identifier: GPL-3.0-or-later
"""Image models in a worker: loaded as their controlled pipeline, whichever one is called first."""

from __future__ import annotations

from typing import Any

from attrs import define

from ..families import family
from ..families.stills import PAINT, Stills
from ..spec import ModelSpec
from . import Runner


@define
class StillRunner(Runner):
    def load(self, cls: Any, folder: str, spec: ModelSpec, how: dict[str, Any]) -> Any:
        import diffusers

        stills = family(spec.family)
        assert isinstance(stills, Stills)
        return super().load(getattr(diffusers, stills.pipelines[PAINT]), folder, spec, how)
