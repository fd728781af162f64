# SPDX-License-Identifier: GPL-3.0-or-later
"""The one client of the daemon. ``Client`` never blocks and is polled; ``BlockingClient`` is its face for scripts.

Example::

    with BlockingClient(paths.connection_file()) as daemon:
        engines = daemon.call(ListEngines()).engines
"""

from __future__ import annotations

import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import zmq

from .codec import encode, header_of
from .connection import Connection, host_of, reachable
from .errors import ErrorCode, SecondUnitError
from .events import Event, LinkState, LinkStatus, Notice, Reply, TransferDone, TransferFailed, TransferProgress
from .late import define
from .messages import (
    CAPABILITIES,
    EVENTS,
    MIN_PROTOCOL_VERSION,
    PROTOCOL_VERSION,
    ErrorReply,
    EventMessage,
    Hello,
    Subscribe,
)
from .receiving import Download
from .sending import Blobs, Upload
from .session import ClientSession
from .shot import BlobRef
from .transfers import Transfers

WAIT_S = 0.5

Progress = Callable[[int, int], None]


@define
class _Request:
    message: object
    deadline: float
    sent: bool = False


class Client:
    """Talks to one daemon and keeps trying to reach it. Not thread-safe: one thread calls all methods.

    ``connection`` may be the path of a connection file, which is read again whenever the daemon has to be found again:
    a restarted daemon may listen elsewhere. Every request gets exactly one :class:`Reply` from ``poll``; where the
    daemon goes away or stays silent, that is an ErrorReply (DAEMON_GONE, NO_DAEMON, TIMEOUT …). Transfers only pause
    while the daemon is away. The last Subscribe is renewed by itself after a reconnection.
    """

    def __init__(
        self,
        connection: Connection | Path,
        name: str = "second-unit client",
        *,
        capabilities: tuple[str, ...] = CAPABILITIES,
        request_timeout_s: float = 30.0,
        silence_s: float = 10.0,
    ):
        hello = Hello(MIN_PROTOCOL_VERSION, PROTOCOL_VERSION, name, capabilities)
        self._context = zmq.Context()
        self._session = ClientSession(self._context, connection, hello, silence_s)
        self._transfers = Transfers(self._context)
        self._request_timeout_s = request_timeout_s
        self._events: list[Event] = []
        self._requests: dict[str, _Request] = {}
        self._subscription: Subscribe | None = None
        self._is_open = False

    @property
    def state(self) -> LinkState:
        """How the link stands, as of the last poll."""
        return self._session.state

    def open(self) -> None:
        """Starts to connect; ``poll`` tells when the daemon is READY or LOST. Does not wait."""
        self._is_open = True
        self._events.append(self.state)

    def close(self) -> None:
        """Ends the session and gives up all transfers; waits for nothing but the transfer thread."""
        self._is_open = False
        self._transfers.close()
        self._session.close()
        self._context.term()

    def send(self, message: object) -> str:
        """Sends a request as soon as there is a session; returns the id that its Reply will carry.

        Raises SecondUnitError(TOO_LARGE).
        """
        request_id = uuid.uuid4().hex
        encode(header_of(message, request_id), message)
        if isinstance(message, Subscribe):
            self._subscription = message
        if self.state.error is not None:
            self._events.append(Reply(request_id, ErrorReply(self.state.error)))
        else:
            self._requests[request_id] = _Request(message, time.monotonic() + self._request_timeout_s)
            self._flush()
        return request_id

    def upload(self, blobs: Blobs) -> str:
        """Uploads those of the blobs (digest → path, or pairs of BlobRef and path) that the daemon lacks."""
        return self._transfers.add(Upload(blobs))

    def download(self, ref: BlobRef, path: Path) -> str:
        """Fetches a blob; ``path`` appears, or is replaced, once the content is verified and on disk."""
        return self._transfers.add(Download(ref, path))

    def cancel_transfer(self, transfer_id: str) -> None:
        """Stops a transfer; TransferFailed(CANCELLED) follows, unless it is done already."""
        self._transfers.cancel(transfer_id)

    def poll(self) -> list[Event]:
        """What has happened since the last call; never waits."""
        if self._is_open:
            now = time.monotonic()
            for incoming in self._session.step(now):
                if isinstance(incoming, LinkState):
                    self._on_link(incoming)
                else:
                    self._on_message(*incoming)
            self._expire(now)
            self._flush()
        events, self._events = self._events, []
        return events + self._transfer_events()

    def wait(self, seconds: float) -> None:
        """Waits until ``poll`` may have something to tell, at most that long."""
        if self._events or self._session.eager:
            return
        poller = zmq.Poller()
        for socket in (self._transfers.events.fileno(), *self._session.sockets):
            poller.register(socket, zmq.POLLIN)
        poller.poll(int(max(0.0, min(seconds, WAIT_S)) * 1000))

    def _on_link(self, state: LinkState) -> None:
        self._events.append(state)
        if state.welcome is not None and self._session.connection is not None:
            connection = self._session.connection
            bulk = reachable(state.welcome.bulk_endpoint, host_of(connection.endpoint))
            self._transfers.connect(bulk, connection)
            again = self._subscription
            if again is not None and all(request.message is not again for request in self._requests.values()):
                self._session.send(uuid.uuid4().hex, again)
        if state.error is not None:
            self._transfers.disconnect()
            for request_id in list(self._requests):
                self._answer(request_id, ErrorReply(state.error))

    def _on_message(self, parent: str, message: object) -> None:
        if isinstance(message, EVENTS):
            self._events.append(Notice(message))
        elif parent in self._requests:
            if isinstance(message, ErrorReply) and message.error.code is ErrorCode.NO_SESSION:
                self._requests[parent].sent = False  # it was not carried out, and is sent again after the greeting
                self._session.greet()
            else:
                self._answer(parent, message)

    def _answer(self, request_id: str, message: object) -> None:
        del self._requests[request_id]
        self._events.append(Reply(request_id, message))

    def _expire(self, now: float) -> None:
        cause = f"The daemon has not answered within {self._request_timeout_s:.0f} seconds"
        for request_id, request in list(self._requests.items()):
            if now > request.deadline:
                self._answer(request_id, ErrorReply(SecondUnitError(ErrorCode.TIMEOUT, cause).info))

    def _flush(self) -> None:
        for request_id, request in self._requests.items():
            if not request.sent:
                request.sent = self._session.send(request_id, request.message)
            if not request.sent:
                return

    def _transfer_events(self) -> list[Event]:
        """Of each transfer's progress only the latest."""
        taken = self._transfers.events.take()
        latest = {event.transfer_id: event for event in taken if isinstance(event, TransferProgress)}
        return [e for e in taken if not isinstance(e, TransferProgress) or latest[e.transfer_id] is e]


class BlockingClient:
    """A client that waits; what goes wrong is raised as SecondUnitError. Use it as a context manager."""

    def __init__(self, connection: Connection | Path, name: str = "second-unit script", connect_timeout_s: float = 10):
        self._client = Client(connection, name)
        self._connect_timeout_s = connect_timeout_s
        self._notices: deque[EventMessage] = deque()

    def __enter__(self) -> BlockingClient:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Waits for the session. Raises SecondUnitError (NO_DAEMON, WRONG_KEY, VERSION_MISMATCH …)."""
        self._client.open()
        try:
            self._ready()
        except SecondUnitError:
            self.close()
            raise

    def close(self) -> None:
        self._client.close()

    def call(self, message: object, timeout: float = 30.0) -> Any:
        """Sends a request and returns its reply. Raises SecondUnitError, TIMEOUT after ``timeout`` seconds."""
        self._ready()
        request_id = self._client.send(message)
        reply = self._until(timeout, lambda event: isinstance(event, Reply) and event.request_id == request_id)
        if not isinstance(reply, Reply):
            raise self._late(timeout)
        if isinstance(reply.message, ErrorReply):
            raise SecondUnitError.from_info(reply.message.error)
        return reply.message

    def upload(self, blobs: Blobs, timeout: float = 600.0, progress: Progress | None = None) -> None:
        """Uploads those of the blobs that the daemon lacks. ``progress`` is told (bytes done, bytes in all)."""
        self._ready()
        self._transfer(self._client.upload(blobs), timeout, progress)

    def download(self, ref: BlobRef, path: Path, timeout: float = 600.0, progress: Progress | None = None) -> None:
        """Fetches a blob to ``path``."""
        self._ready()
        self._transfer(self._client.download(ref, path), timeout, progress)

    def events(self, timeout: float) -> Iterator[EventMessage]:
        """Events of the subscribed jobs, those that came meanwhile first; ends ``timeout`` seconds after it began."""
        deadline = time.monotonic() + timeout
        while True:
            while self._notices:
                yield self._notices.popleft()
            if self._until(deadline - time.monotonic(), lambda event: isinstance(event, Notice)) is None:
                return

    def _ready(self) -> None:
        if self._client.state.status is LinkStatus.READY:
            return
        if self._until(self._connect_timeout_s, _is_ready) is None:
            error = self._client.state.error
            raise SecondUnitError.from_info(error) if error else self._late(self._connect_timeout_s)

    def _transfer(self, transfer_id: str, timeout: float, progress: Progress | None) -> None:
        def ends(event: Event) -> bool:
            if isinstance(event, TransferProgress) and event.transfer_id == transfer_id and progress is not None:
                progress(event.done_bytes, event.total_bytes)
            return isinstance(event, TransferDone | TransferFailed) and event.transfer_id == transfer_id

        try:
            end = self._until(timeout, ends)
        except SecondUnitError:
            self._client.cancel_transfer(transfer_id)
            raise
        if end is None:
            self._client.cancel_transfer(transfer_id)
            raise self._late(timeout)
        if isinstance(end, TransferFailed):
            raise SecondUnitError.from_info(end.error)

    def _until(self, timeout: float, wanted: Callable[[Event], bool]) -> Event | None:
        """The first event that is wanted, or None after ``timeout`` seconds. Raises when the daemon is lost."""
        deadline = time.monotonic() + timeout
        while True:
            found = None
            for event in self._client.poll():
                if isinstance(event, Notice):
                    self._notices.append(event.message)
                if found is None and wanted(event):
                    found = event
                if found is None and isinstance(event, LinkState) and event.error is not None:
                    raise SecondUnitError.from_info(event.error)
            left = deadline - time.monotonic()
            if found is not None or left <= 0:
                return found
            self._client.wait(left)

    @staticmethod
    def _late(seconds: float) -> SecondUnitError:
        return SecondUnitError(ErrorCode.TIMEOUT, f"The daemon has not answered within {seconds:.0f} seconds")


def _is_ready(event: Event) -> bool:
    return isinstance(event, LinkState) and event.status is LinkStatus.READY
