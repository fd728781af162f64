# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon's sockets: one loop for control, one thread for bulk."""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections.abc import Callable
from typing import cast

import zmq
from attrs import define
from second_unit_protocol.connection import Connection, reachable
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.mailbox import Mailbox
from second_unit_protocol.messages import EventMessage

from .. import __version__
from ..blobs.store import BlobStore
from .auth import ZapHandler, make_router
from .bulk import BulkServer
from .keys import Keys
from .outbox import RETRY_MS
from .router import Router
from .service import Service

log = logging.getLogger(__name__)

BATCH = 64  # messages handled before the loop looks at its other work
IDLE_MS = 1000
CONTROL_HIGH_WATER = 1000


@define
class _Timer:
    seconds: float
    call: Callable[[], None]
    due: float


class Server:
    """Binds on construction, so ``endpoint`` can be announced; ``run`` serves until ``stop``."""

    def __init__(self, service: Service, blob_store: BlobStore, keys: Keys, host: str = "127.0.0.1", port: int = 0):
        """``port`` 0 takes a free one. Raises SecondUnitError where the address cannot be used."""
        self._keys = keys
        self._context = zmq.Context()
        self._zap = ZapHandler(self._context, keys)
        self._control = make_router(self._context, keys, CONTROL_HIGH_WATER)
        self._bulk = BulkServer(
            self._context, keys, blob_store, lambda ref: self.post(lambda: service.blob_arrived(ref))
        )
        try:
            self.endpoint = _bind(self._control, host, port)
            self.bulk_endpoint = _bind(self._bulk.socket, host, 0)
        except SecondUnitError:
            self._context.destroy(linger=0)
            raise
        self._router = Router(self._control, service, __version__, self.bulk_endpoint, keys.owner.public)
        self._posted: Mailbox[Callable[[], None]] = Mailbox()
        self._timers: list[_Timer] = [_Timer(30.0, self._forget_idle, 0.0)]
        self._loop_thread = 0
        self._stopped = False

    def connection(self, pid: int) -> Connection:
        """What the connection file tells the owner's clients."""
        return self._keys.connection(reachable(self.endpoint, "127.0.0.1"), __version__, pid)

    def run(self) -> None:
        """Serves on the calling thread until ``stop``, or until a client asks the daemon to stop."""
        self._loop_thread = threading.get_ident()
        poller = zmq.Poller()
        for socket in (self._zap.socket, self._control, self._posted.fileno()):
            poller.register(socket, zmq.POLLIN)
        self._bulk.start()
        log.info("Listening on %s, bulk on %s", self.endpoint, self.bulk_endpoint)
        try:
            while not self._stopped and not self._router.stopping:
                ready = dict(poller.poll(self._patience_ms()))
                if self._zap.socket in ready:
                    self._zap.answer()
                if self._control in ready:
                    self._handle_control()
                for work in self._posted.take():
                    _guarded(work)
                self._run_timers()
                self._router.outbox.flush()
        finally:
            self._close()

    def stop(self) -> None:
        """Ends ``run`` soon. From any thread or a signal handler."""
        self._stopped = True
        self.post(lambda: None)

    def post(self, work: Callable[[], None]) -> None:
        """Runs ``work`` on the loop, soon. From any thread; work posted by one thread keeps its order."""
        self._posted.put(work)

    def every(self, seconds: float, work: Callable[[], None]) -> None:
        """Runs ``work`` on the loop again and again. Call it before ``run`` or on the loop."""
        self._timers.append(_Timer(seconds, work, time.monotonic() + seconds))

    def publish(self, owner: str | None, message: EventMessage) -> None:
        """Sends an event to the owner's sessions that subscribed to it; None: to anybody's. From any thread."""
        if threading.get_ident() == self._loop_thread:
            self._router.publish(owner, message)
        else:
            self.post(lambda: self._router.publish(owner, message))

    def _handle_control(self) -> None:
        for _ in range(BATCH):
            try:
                frames = self._control.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            _guarded(lambda frames=frames: self._router.handle(frames))

    def _patience_ms(self) -> int:
        if self._router.outbox.busy:
            return RETRY_MS
        soonest = min(timer.due for timer in self._timers) - time.monotonic()
        return int(min(max(soonest * 1000 + 1, 0), IDLE_MS))

    def _run_timers(self) -> None:
        now = time.monotonic()
        for timer in list(self._timers):
            if timer.due <= now:
                timer.due = now + timer.seconds
                _guarded(timer.call)

    def _forget_idle(self) -> None:
        self._router.sessions.forget_idle(time.monotonic())

    def _close(self) -> None:
        self._bulk.stop()
        self._posted.close()
        self._zap.close()
        self._control.close(1000 if self._router.stopping else 0)  # lets the reply to Shutdown out
        self._context.term()


def _guarded(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:
        log.exception("Work on the control thread failed")


def _bind(socket: zmq.Socket, host: str, port: int) -> str:
    try:
        socket.bind(f"tcp://{host}:{port or '*'}")
    except zmq.ZMQError as error:
        cause = f"The address {host}:{port} cannot be used ({error.strerror})"
        taken = error.errno in (zmq.EADDRINUSE, errno.EACCES)
        remedy = (
            "Choose another port, or stop the program that uses it" if taken else "Choose an address of this machine"
        )
        raise SecondUnitError(ErrorCode.INTERNAL, cause, remedy=remedy) from error
    return cast(bytes, socket.last_endpoint).rstrip(b"\0").decode()
