# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine for tests of the daemon: paints frames of known colours, and fails as a shot's options ask it to.

Options: ``pause_s`` before each frame; ``marker``: path of a file that gets a line when a run begins (a test can wait
for it); ``at``: the clip frame at which ``fault`` happens: a method of ``Faults``, or
``short`` (no more frames); ``tone_hz``: sound beside the frames.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from attrs import evolve
from second_unit_daemon.engines.base import EngineFrame, EngineSound, JobControl
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import FrameGrid
from second_unit_protocol.results import EngineInfo, Input, Plan

TAKES = (Input.CAMERA, Input.DEPTH)


def colour_of(index: int) -> tuple[int, int, int]:
    """The colour of clip frame ``index``."""
    return (40 + 17 * index) % 200, (90 + 31 * index) % 200, (10 + 53 * index) % 200


def tone(hz: float, rate: int = 24_000, seconds: float = 3.0) -> EngineSound:
    """Mono and at a rate of its own, as models make sound."""
    import numpy as np

    return EngineSound(0.5 * np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate).astype(np.float32), rate)


class Faults:
    """What can go wrong, by the name that the option ``fault`` has."""

    def segfault(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    def kill(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def memory(self) -> None:
        raise MemoryError("no room for 12 GB")

    def bug(self) -> None:
        raise ZeroDivisionError("division by zero")

    def complaint(self) -> None:
        raise SecondUnitError(ErrorCode.REFERENCE_UNREADABLE, "The picture of reference 1 cannot be read")

    def chatter(self) -> None:
        print("a library prints what nobody asked for", flush=True)  # noqa: T201 that is the fault
        os.write(1, b"\x00\x00\x00\x01 and some of it is not even text \xff\n")

    def small_disk(self) -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))

    def large_disk(self) -> None:
        """Undoes small_disk, because the worker lives on."""
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def stubborn(self) -> None:
        while True:
            time.sleep(0.05)


class Paint:
    """Every clip frame has one colour, its upper half is a hole."""

    info = EngineInfo("paint", "Paint", "Known colours", TAKES, (Input.CAMERA,), (Input.DEPTH,), "GPL-3.0-or-later")

    def plan(self, request, device) -> Plan:
        count = request.delivery.count
        grid = FrameGrid(request.delivery.first, count, request.delivery.rate, request.delivery.rate)
        size = request.width, request.height
        return Plan(request.engine, grid, *size, (Input.DEPTH,), TAKES, (), 1 << 20, 1.0)

    def frames(self, shot, control: JobControl) -> Iterator[EngineFrame]:
        options = shot.request.options
        self._sound = tone(float(options["tone_hz"])) if "tone_hz" in options else None
        if marker := options.get("marker"):
            with Path(marker).open("a") as file:
                file.write("begun\n")
        try:
            for index in range(len(shot)):
                self._wait(float(options.get("pause_s", 0.0)), control)
                if index == options.get("at", 0) and options.get("fault") == "short":
                    return
                if index == options.get("at", 0) and "fault" in options:
                    getattr(Faults(), options["fault"])()
                yield self._frame(shot, index)
        finally:
            if options.get("fault") == "small_disk":
                Faults().large_disk()

    def sound(self) -> EngineSound | None:
        return self._sound

    def figures(self) -> dict[str, float]:
        return {"hole_fraction": 0.5}

    def _wait(self, seconds: float, control: JobControl) -> None:
        until = time.monotonic() + seconds
        control.check()
        while time.monotonic() < until:
            time.sleep(0.01)
            control.check()

    def _frame(self, shot, index: int) -> EngineFrame:
        import numpy as np

        height, width = shot.request.height, shot.request.width
        image = np.full((height, width, 3), colour_of(index), np.uint8)
        if shot.request.options.get("fault") == "small_disk":  # noise, so that buffers run over before the end
            image = np.random.default_rng(index).integers(0, 255, image.shape, np.uint8)
        holes = np.zeros((height, width), np.uint8)
        holes[: height // 2] = 255
        return EngineFrame(image, image, holes)


class Plates:
    """A model that obeys its camera as its seed has it: the captured colours, at ``seed`` per cent of the speed."""

    info = EngineInfo(
        "plates", "Plates", "The captured colours", (*TAKES, Input.COLOUR, Input.SEED), (Input.COLOUR,),
        (Input.DEPTH, Input.COLOUR), "GPL-3.0-or-later",
    )  # fmt: skip

    def plan(self, request, device) -> Plan:
        planned = Paint().plan(request, device)
        return evolve(planned, captures=self.info.captures, takes=self.info.takes)

    def frames(self, shot, control: JobControl) -> Iterator[EngineFrame]:
        for index in range(len(shot)):
            control.check()
            image = shot.colour(round(index * shot.request.seed / 100))
            yield EngineFrame(image, image)

    def figures(self) -> dict[str, float]:
        return {}


class Still:
    """An image engine's manners without its model: depth as a picture, or the source picture turned to its negative.

    Blue says how many references came, green the seed.
    """

    TAKES = (*TAKES, Input.COLOUR, Input.MOTION, Input.REFERENCES, Input.EDITED_CLIP, Input.PROMPT, Input.SEED)
    info = EngineInfo(
        "still", "Still", "One picture", TAKES, (Input.DEPTH,), (Input.DEPTH, Input.COLOUR, Input.MOTION),
        "GPL-3.0-or-later", frame_rule="1",
    )  # fmt: skip

    def plan(self, request, device) -> Plan:
        planned = Paint().plan(request, device)
        return evolve(planned, captures=self.info.captures, takes=tuple(set(self.TAKES) & set(request.given)))

    def frames(self, shot, control: JobControl) -> Iterator[EngineFrame]:
        import numpy as np
        from second_unit_daemon.conditioning.source_clip import source_frames

        control.check()
        if shot.request.source:
            picture = source_frames(shot, [0], lambda frame: frame)[0].astype(np.float32)
            image = picture + shot.request.source.strength * (255.0 - 2.0 * picture)
        else:
            depth = shot.depth(0)
            near = np.where(np.isfinite(depth), 255.0 * depth[np.isfinite(depth)].min() / depth, 0.0)
            green, blue = np.full_like(near, shot.request.seed % 256), np.full_like(near, len(shot.request.references))
            image = np.stack([near, green, blue], axis=-1)
        image = np.rint(image).astype(np.uint8)
        yield EngineFrame(image, image)

    def figures(self) -> dict[str, float]:
        return {}
