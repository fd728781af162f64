# SPDX-License-Identifier: GPL-3.0-or-later
"""Work handed to a thread that waits in a ZeroMQ poll: a queue with a socket that becomes readable."""

from __future__ import annotations

import socket
from collections import deque
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """``put`` from any thread or signal handler; one thread polls ``fileno()`` and takes."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._reader, self._writer = socket.socketpair()  # a pipe cannot be polled on Windows
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def put(self, item: T) -> None:
        self._items.append(item)
        with suppress(OSError):  # full: a wake-up is pending already; closed: nobody waits any more
            self._writer.send(b"\0")

    def take(self) -> list[T]:
        """Everything put so far; never waits."""
        with suppress(OSError):
            while self._reader.recv(4096):
                pass
        return [self._items.popleft() for _ in range(len(self._items))]

    def fileno(self) -> int:
        return self._reader.fileno()

    def close(self) -> None:
        self._reader.close()
        self._writer.close()
