# SPDX-License-Identifier: GPL-3.0-or-later
"""Stops a thing that keeps dying from being started over and over."""

from __future__ import annotations

from collections import deque


class Breaker:
    """Opens after ``limit`` failures within ``window_s`` seconds; only :meth:`reset` closes it again."""

    def __init__(self, limit: int = 3, window_s: float = 120.0):
        self._limit = limit
        self._window_s = window_s
        self._failures: deque[float] = deque(maxlen=limit)
        self.open = False

    def fail(self, now: float) -> None:
        """Notes a failure at ``now`` (seconds of any clock that never steps back)."""
        self._failures.append(now)
        self.open = self.open or (len(self._failures) == self._limit and now - self._failures[0] <= self._window_s)

    def reset(self) -> None:
        self._failures.clear()
        self.open = False
