# SPDX-License-Identifier: GPL-3.0-or-later
"""Seconds per stage, where stages take turns frame by frame."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Stopwatch:
    """``seconds`` holds what each stage has taken so far."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - began

    def pulling(self, stage: str, source: Iterable[T]) -> Iterator[T]:
        """Passes ``source`` on; the time that it needs for each item is the stage's."""
        iterator = iter(source)
        while True:
            with self(stage):
                try:
                    item = next(iterator)
                except StopIteration:
                    return
            yield item
