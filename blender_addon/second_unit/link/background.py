# SPDX-License-Identifier: GPL-3.0-or-later
"""Disk work off the main thread: one thread, jobs in order, results handed back on the thread that polls."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from ..protocol.errors import ErrorCode, SecondUnitError

Outcome = Callable[[object], None]


class Background:
    """Runs functions one after another. The thread starts with the first and ends when there is nothing to do."""

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[tuple[Callable[[], object], Outcome | None]] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Outcome, object]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pending = 0

    def run(self, function: Callable[[], object], then: Outcome | None = None) -> None:
        """Has ``function`` called; ``then`` gets its result, or the SecondUnitError that it raised, in :meth:`poll`."""
        with self._lock:
            self._pending += 1
            self._work.put((function, then))
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="second-unit disk", daemon=True)
                self._thread.start()

    def poll(self) -> bool:
        """Hands back what is done; True if that was anything."""
        some = False
        while not self._done.empty():
            then, result = self._done.get()
            then(result)
            some = True
        return some

    def wait(self, timeout_s: float = 10.0) -> None:
        """Waits until the work given so far is done, for an orderly end."""
        thread = self._thread
        if thread:
            thread.join(timeout_s)

    def _loop(self) -> None:
        while True:
            function, then = self._work.get()
            try:
                result: object = function()
            except SecondUnitError as error:
                result = error
            except Exception as error:  # noqa: BLE001 - a thread has nobody above it; the outcome carries the error
                result = SecondUnitError(ErrorCode.INTERNAL, f"{type(error).__name__}: {error}")
            if then:
                self._done.put((then, result))
            with self._lock:
                self._pending -= 1
                if not self._pending:
                    self._thread = None
                    return
