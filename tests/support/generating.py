# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots through diffusion engines, as a worker runs them, and a look at what the pipeline was given."""

from __future__ import annotations

import functools
import hashlib
import inspect
import io
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from attrs import define, evolve, field
from numpy.typing import NDArray
from second_unit_daemon import devices
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_daemon.engines import registry
from second_unit_daemon.engines.base import EngineFrame, JobControl
from second_unit_daemon.jobs.admission import plan_request_of
from second_unit_protocol.grid import Rate
from second_unit_protocol.results import DeviceInfo, Plan
from second_unit_protocol.shot import BlobRef

from tests.support.shots import SyntheticShot, wall_shot


@define
class Take:
    """What one run left."""

    frames: list[EngineFrame] = field(repr=False)
    plan: Plan
    notes: tuple[str, ...]
    facts: dict[str, Any]
    stages: list[tuple[str, float]] = field(repr=False)
    previews: list[NDArray[np.uint8]] = field(repr=False)
    figures: dict[str, float] = field(factory=dict)

    def made(self) -> bytes:
        """The model's own pixels, before known ones are put back."""
        return b"".join(frame.measured.tobytes() for frame in self.frames)

    def images(self) -> NDArray[np.uint8]:
        return np.array([frame.image for frame in self.frames])


class Studio:
    """Runs shots in this process. Engines are kept, as a worker keeps them."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._engines: dict[str, Any] = {}

    def shot(
        self, engine: str = "tiny-vace", frames: int = 5, width: int = 64, height: int = 64, **more: Any
    ) -> SyntheticShot:
        """A wall shot at the models' rate, so that its grid is the plan's."""
        more = {"rate": Rate(16), "references": 1, "prompt": "a wet street", "seed": 5} | more
        return wall_shot(frames, width, height, engine=engine, **more)

    def engine(self, name: str) -> Any:
        if name not in self._engines:
            self._engines[name] = registry.create(name)
        return self._engines[name]

    def plan(self, shot: SyntheticShot, device: DeviceInfo | None = None, **changes: Any) -> Plan:
        request = evolve(shot.request, **changes)
        return self.engine(request.engine).plan(plan_request_of(request), device or devices.cpu())

    def data(self, shot: SyntheticShot, **changes: Any) -> ShotData:
        paths = shot.write(self._folder / "blobs")
        return ShotData(evolve(shot.request, **changes), lambda ref: paths[ref])

    def take(self, shot: SyntheticShot, check: Any = lambda: None, keep: Path | None = None, **changes: Any) -> Take:
        """Plans and makes the shot. ``changes``: fields of its request; ``keep``: a folder for finished windows."""
        data = self.data(shot, **changes)
        engine = self.engine(data.request.engine)
        plan = engine.plan(plan_request_of(data.request), devices.cpu())
        assert plan.problem is None, plan.problem
        assert plan.grid == data.request.grid, "the shot was not captured as planned"
        stages: list[tuple[str, float]] = []
        previews: list[NDArray[np.uint8]] = []
        control = JobControl(
            lambda *said: stages.append(said), check, lambda _, picture: previews.append(picture), keep
        )
        frames = list(engine.frames(data, control))
        return Take(frames, plan, engine.notes(), engine.facts(), stages, previews, engine.figures())


@contextmanager
def at_the_door(pipeline: str) -> Iterator[list[dict[str, Any]]]:
    """Collects what each call of the pipeline class is given, in order."""
    import diffusers

    cls = getattr(diffusers, pipeline)
    real = cls.__call__
    calls: list[dict[str, Any]] = []

    def listen(self: Any, *args: Any, **given: Any) -> Any:
        assert not args
        calls.append(given)
        return real(self, **given)

    listen.__wrapped__ = real  # type: ignore[attr-defined] signature() looks through it
    cls.__call__ = listen
    try:
        yield calls
    finally:
        cls.__call__ = real


@contextmanager
def at_the_network(network: str, method: str = "forward") -> Iterator[list[dict[str, Any]]]:
    """Collects what each call of the model class is given, by name, as it then was."""
    import diffusers
    import torch

    cls = getattr(diffusers, network)
    real = getattr(cls, method)
    names = inspect.signature(real)
    calls: list[dict[str, Any]] = []

    @functools.wraps(real)
    def listen(*args: Any, **given: Any) -> Any:
        called = names.bind(*args, **given).arguments.items()
        calls.append({n: v.detach().clone() if isinstance(v, torch.Tensor) else v for n, v in called if n != "self"})
        return real(*args, **given)

    setattr(cls, method, listen)
    try:
        yield calls
    finally:
        setattr(cls, method, real)


def add(shot: SyntheticShot, data: bytes) -> BlobRef:
    """Adds a file to what is uploaded with the shot."""
    ref = BlobRef(hashlib.sha256(data).hexdigest(), len(data))
    shot.blobs[ref] = data
    return ref


def png(picture: np.ndarray) -> bytes:
    return cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()


def video(pictures: list[np.ndarray], rate: int) -> bytes:
    """A lossless file."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream("ffv1", rate=Fraction(rate))
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "bgr0"
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="bgr0")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


def flat(colour: tuple[int, int, int], size: int = 64) -> np.ndarray:
    return np.full((size, size, 3), colour, np.uint8)
