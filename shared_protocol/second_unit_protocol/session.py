# SPDX-License-Identifier: GPL-3.0-or-later
"""The client's session on the control socket: found, greeted, kept alive, and begun again when it is lost."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import zmq

from .codec import DecodeError, decode, encode, header_of
from .connection import Connection, load
from .errors import ErrorCode, ErrorInfo, SecondUnitError
from .events import LinkState, LinkStatus
from .link import Down, Link
from .messages import ErrorReply, Hello, Ping, Welcome

log = logging.getLogger(__name__)

HELLO_S = 5.0
PING_S = 2.0
RETRY_S = 1.0
BATCH = 64  # messages taken in by one step

Incoming = LinkState | tuple[str, object]  # a change of the link, or (id of the request, what answers it)


class ClientSession:
    """``state`` says how things stand; ``step`` yields what changed and what arrived. Never waits."""

    def __init__(self, context: zmq.Context, source: Connection | Path, hello: Hello, silence_s: float):
        self.state = LinkState(LinkStatus.CONNECTING)
        self.connection: Connection | None = None
        self._context = context
        self._source = source
        self._hello = hello
        self._silence_s = silence_s
        self._link: Link | None = None
        self._hello_id = ""
        self._hello_due = False
        self._ping_id = ""
        self._greeted = False
        self._since = 0.0  # last time that anything arrived, or that an answer began to be waited for
        self._next_try = 0.0

    @property
    def sockets(self) -> tuple[zmq.Socket, ...]:
        """To be polled for reading."""
        return (self._link.socket, self._link.monitor) if self._link else ()

    @property
    def eager(self) -> bool:
        """A greeting waits to be sent: step again at once."""
        return self._hello_due

    def step(self, now: float) -> Iterator[Incoming]:
        if self._link is None:
            if now >= self._next_try:
                yield from self._connect(now)
            return
        changes = list(self._link.changes())  # looked at before the messages: those ahead of a disconnect still count
        yield from self._receive(self._link, limit=None if changes else BATCH)
        for change in changes:
            if isinstance(change, Down):
                yield from self.lose(change.error)
            else:
                self.greet()
        yield from self._keep_alive(now)

    def send(self, request_id: str, message: object) -> bool:
        """Sends a request within the session; False where there is none, or it is busy."""
        ready = self._greeted and self.state.status is LinkStatus.READY
        return ready and self._put(request_id, message)

    def greet(self) -> None:
        """Says hello, at first or because the daemon has forgotten this session."""
        if not self._hello_id:
            self._greeted, self._hello_due = False, True
            self._hello_id = uuid.uuid4().hex
            self._since = time.monotonic()

    def lose(self, error: ErrorInfo) -> Iterator[LinkState]:
        """Drops the link; a later step looks for the daemon again. Yields the new state where it says more."""
        self.close()
        old = self.state.error.code if self.state.error else None
        is_news = old is not error.code and (old, error.code) != (ErrorCode.DAEMON_GONE, ErrorCode.NO_DAEMON)
        self.state = LinkState(LinkStatus.LOST, error=error) if is_news else self.state
        if is_news:
            yield self.state

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None
        self._greeted = self._hello_due = False
        self._hello_id = self._ping_id = ""

    def _connect(self, now: float) -> Iterator[LinkState]:
        self._next_try, self._since = now + RETRY_S, now
        try:
            self.connection = load(self._source) if isinstance(self._source, Path) else self._source
            self._link = Link(self._context, self.connection.endpoint, self.connection)
        except SecondUnitError as error:
            yield from self.lose(error.info)

    def _receive(self, link: Link, limit: int | None) -> Iterator[Incoming]:
        for count, frames in enumerate(link.receive(), 1):
            self._since = time.monotonic()
            try:
                header, message, _ = decode([frame.buffer for frame in frames])
            except DecodeError as error:
                log.warning("The daemon sent something unreadable: %s", error.info.cause)
                continue
            if header.parent and header.parent == self._hello_id:
                yield from self._greeting(message)
            elif header.parent and header.parent == self._ping_id:
                self._ping_id = ""
                if isinstance(message, ErrorReply) and message.error.code is ErrorCode.NO_SESSION:
                    self.greet()
            else:
                yield header.parent, message
            if count == limit or self._link is not link:
                return

    def _greeting(self, message: object) -> Iterator[LinkState]:
        self._hello_id = ""
        if isinstance(message, Welcome) and self._hello.min_version <= message.version <= self._hello.max_version:
            self._greeted = True
            self.state = LinkState(LinkStatus.READY, welcome=message)
            yield self.state
        elif isinstance(message, ErrorReply):
            yield from self.lose(message.error)
        else:
            cause = "The daemon answered the greeting with a version that this client does not speak"
            yield from self.lose(SecondUnitError(ErrorCode.VERSION_MISMATCH, cause).info)

    def _keep_alive(self, now: float) -> Iterator[LinkState]:
        if self._link is None:
            return
        if self._hello_due:
            self._hello_due = not self._put(self._hello_id, self._hello)
        silent = now - self._since
        if not self._greeted:
            if silent > HELLO_S:
                cause = f"What listens at {self._link.endpoint} does not answer"
                yield from self.lose(SecondUnitError(ErrorCode.NO_DAEMON, cause).info)
        elif self._ping_id:
            if silent > self._silence_s:
                cause = f"The daemon has not answered for {self._silence_s:.0f} seconds"
                yield from self.lose(SecondUnitError(ErrorCode.DAEMON_GONE, cause).info)
        elif silent > PING_S:
            ping_id = uuid.uuid4().hex
            if self._put(ping_id, Ping()):
                self._ping_id, self._since = ping_id, now  # the silence that counts begins with the question

    def _put(self, request_id: str, message: object) -> bool:
        return self._link is not None and self._link.send(encode(header_of(message, request_id), message))
