# SPDX-License-Identifier: GPL-3.0-or-later
"""What an engine is. An engine turns a shot's facts into a stream of frames; it knows nothing of queues or sockets.

This module stays light: the daemon's own process reads it for plans and must start without numpy, cv2 or numba.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from attrs import field, frozen
from second_unit_protocol.results import DeviceInfo, EngineInfo, Plan, PlanRequest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..conditioning.shot_data import ShotData

Frame: TypeAlias = "NDArray[np.uint8]"  # (H, W, 3) sRGB
Mask: TypeAlias = "NDArray[np.uint8]"  # (H, W), 0 or 255


class Cancelled(Exception):
    """Raised inside an engine by JobControl.check when the user has cancelled."""


@frozen(eq=False)
class EngineFrame:
    """One clip frame, in order.

    ``image`` is delivered. ``measured`` is what adherence judges: the engine's own pixels before known ones are
    composited back (the same array where there is no such step). ``holes`` is white where the engine had to invent.
    """

    image: Frame = field(repr=False)
    measured: Frame = field(repr=False)
    holes: Mask | None = field(default=None, repr=False)


@frozen(eq=False)
class EngineSound:
    """Sound that an engine made together with its frames: ``samples`` (N, channels) float, -1 … 1, at ``rate`` per s.

    An engine that makes sound has a method ``sound() -> EngineSound | None``, asked once its frames are exhausted.
    """

    samples: NDArray[np.float32] = field(repr=False)
    rate: int


@frozen
class JobControl:
    """An engine's only way to the outside while it runs."""

    progress: Callable[[str, float], None]  # stage, 0 … 1 within the stage
    check: Callable[[], None]  # raises Cancelled; call at least every half second
    preview: Callable[[int, Frame], None] | None = None  # a small picture of what is not a frame yet: step, (h, w, 3)
    keep: Path | None = None  # a folder for finished parts, which a later job or attempt may take up
    preview_due: Callable[[], bool] = lambda: True  # whether anybody would see one: asked before it is made

    @classmethod
    def silent(cls) -> JobControl:
        return cls(progress=lambda stage, fraction: None, check=lambda: None)


class Engine(Protocol):
    """Engines are made by the registry, in a worker process; ``info`` and ``plan`` also run in the daemon's own.

    Beyond this an engine may have ``stages`` (what it goes through before its first frame: name to share of the job),
    ``sound()`` (EngineSound), ``facts()`` (how it works this time, for the provenance; asked at the first frame) and
    ``notes()`` (sentences for the take; asked at the end).
    """

    info: EngineInfo

    def plan(self, request: PlanRequest, device: DeviceInfo) -> Plan:
        """What would be done: never loads weights, never raises for a bad shot (``Plan.problem`` says it)."""
        ...

    def frames(self, shot: ShotData, control: JobControl) -> Iterator[EngineFrame]:
        """Yields ``shot.request.grid.count`` frames at the delivered size. Raises SecondUnitError or Cancelled."""
        ...

    def figures(self) -> dict[str, float]:
        """Numbers about the last run, for the result (hole_fraction …); complete once ``frames`` is exhausted."""
        ...
