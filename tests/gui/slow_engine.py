# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine for GUI tests: a bar that moves across the frame, slowly."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from second_unit_daemon.engines.base import EngineFrame, JobControl
from second_unit_protocol.grid import FrameGrid
from second_unit_protocol.results import EngineInfo, Input, Plan

FIRST_S, PAUSE_S = 4.0, 60.0  # a busy machine takes a minute and more to find the button that cancels it
TAKES = (Input.CAMERA, Input.DEPTH, Input.SEED)


class Slow:
    """A frame soon, and then one every minute."""

    info = EngineInfo("slow", "Slow", "A bar, slowly", TAKES, (Input.CAMERA,), (Input.DEPTH,), "GPL-3.0")

    def plan(self, request, device) -> Plan:
        delivery = request.delivery
        grid = FrameGrid(delivery.first, delivery.count, delivery.rate, delivery.rate)
        seconds = delivery.count * PAUSE_S
        return Plan(request.engine, grid, request.width, request.height, (Input.DEPTH,), TAKES, (), 1 << 20, seconds)

    def frames(self, shot, control: JobControl) -> Iterator[EngineFrame]:
        height, width = shot.request.height, shot.request.width
        for index in range(len(shot)):
            until = time.monotonic() + (PAUSE_S if index else FIRST_S)
            while time.monotonic() < until:
                control.check()
                time.sleep(0.02)
            image = np.full((height, width, 3), (60, 90, 140), np.uint8)
            start = width * index // len(shot)
            image[:, start : start + width // len(shot)] = (230, 160, 40)
            yield EngineFrame(image, image, np.zeros((height, width), np.uint8))

    def figures(self) -> dict[str, float]:
        return {"hole_fraction": 0.0}
