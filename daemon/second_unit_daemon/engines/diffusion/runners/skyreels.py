# SPDX-License-Identifier: GPL-3.0-or-later
"""SkyReels-V2 in a worker: its pipeline returns the frames it was given, and then the window, with them once more."""

from __future__ import annotations

from typing import Any

from attrs import define

from . import Runner, Warm


@define
class SkyReelsRunner(Runner):
    def run(self, loaded: Warm, pipeline: Any, call: dict[str, Any]) -> Any:
        output = pipeline(**call)
        output.frames = output.frames[:, -call["num_frames"] :]
        return output
