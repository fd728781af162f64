# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot through the engine on a device, timed by step, and the same pipeline called by a plain script."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import torch
from attrs import evolve, frozen
from second_unit_daemon import devices
from second_unit_daemon.engines.base import JobControl
from second_unit_daemon.engines.diffusion import loading
from second_unit_daemon.engines.diffusion.planning import Decision
from second_unit_daemon.jobs.admission import plan_request_of
from second_unit_protocol.grid import Rate
from second_unit_protocol.results import DeviceInfo
from second_unit_protocol.shot import Scalar

from tests.support.generating import Studio, at_the_door
from tests.support.shots import SyntheticShot


@frozen
class Run:
    """``peak_bytes`` is 0 without a card; ``pixels``: all that the model made."""

    decision: Decision
    peak_bytes: float
    seconds: float
    pixels: bytes


@frozen
class Subject:
    """The model under test; ``engine`` is its name in the list."""

    studio: Studio
    folder: Path
    engine: str = "real-vace"

    def shot(self, frames: int, width: int, height: int) -> SyntheticShot:
        return self.studio.shot(self.engine, frames, width, height, rate=Rate(16))

    def run(self, shot: SyntheticShot, control: JobControl | None = None, **options: Scalar) -> Run:
        """One shot; the engine stays warm."""
        request = evolve(shot.request, options=options)
        data, engine = self.studio.data(shot, options=options), self.studio.engine(self.engine)
        plan = engine.plan(plan_request_of(request), device())
        assert plan.problem is None, plan.problem
        decision = engine.decision
        begun = time.perf_counter()
        frames = list(engine.frames(data, control or JobControl.silent()))
        seconds = time.perf_counter() - begun
        pixels = b"".join(frame.measured.tobytes() for frame in frames)
        return Run(decision, engine.figures().get("peak_bytes", 0.0), seconds, pixels)

    def script(self, shot: SyntheticShot, dtype: torch.dtype, **options: Scalar) -> Any:
        """A function that calls the pipeline as a script does, with what the engine gave it; returns seconds."""
        from diffusers import WanVACEPipeline

        with at_the_door("WanVACEPipeline") as calls:
            self.run(shot, **options)
        loading.release()
        how = {"default": dtype, "vae": torch.float32}
        pipeline = WanVACEPipeline.from_pretrained(self.folder, dtype=how).to(device().kind)
        pipeline.set_progress_bar_config(disable=True)
        given = {name: value for name, value in calls[0].items() if not name.startswith("callback")}

        def call(steps: int) -> float:
            begun = time.perf_counter()
            generator = torch.Generator("cpu").manual_seed(5)
            pipeline(**given | {"num_inference_steps": steps, "generator": generator})
            return time.perf_counter() - begun

        return call


def device() -> DeviceInfo:
    return devices.fresh(devices.best())


def step_s(short: float, long: float, steps: tuple[int, int]) -> float:
    """Seconds of one step, from runs that differ in nothing but their number."""
    return (long - short) / (steps[1] - steps[0])
