# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploads and downloads on one background thread, so that whoever polls the client never waits for a disk."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial

import zmq

from .bulk import BulkLink
from .connection import Connection
from .errors import ErrorCode, ErrorInfo, SecondUnitError
from .events import TransferDone, TransferFailed, TransferProgress
from .late import define
from .mailbox import Mailbox
from .receiving import Download
from .sending import Upload

log = logging.getLogger(__name__)

STALL_S = 60.0
RECONNECT_S = 0.5
PROGRESS_S = 0.1
TICK_MS = 1000

TransferEvent = TransferProgress | TransferDone | TransferFailed
Transfer = Upload | Download


@define
class _Task:
    transfer: Transfer
    started: bool = False
    moved: float = 0.0  # when it last got on
    done_bytes: int = -1  # as last told
    told: float = 0.0


class Transfers:
    """All transfers of a client. Public methods belong to the client's thread, the rest to the background one.

    One upload runs at a time, in the order given; downloads run beside it. A lost connection only pauses them.
    """

    def __init__(self, context: zmq.Context):
        self.events: Mailbox[TransferEvent] = Mailbox()
        self._context = context
        self._commands: Mailbox[Callable[[], None]] = Mailbox()
        self._thread: threading.Thread | None = None
        self._tasks: dict[str, _Task] = {}
        self._target: tuple[str, Connection] | None = None
        self._link: BulkLink | None = None
        self._retry_at = 0.0
        self._running = True

    def add(self, transfer: Transfer) -> str:
        """Starts a transfer as soon as it can run; returns its id."""
        transfer_id = uuid.uuid4().hex
        self._commands.put(lambda: self._tasks.update({transfer_id: _Task(transfer)}))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="second-unit-transfers", daemon=True)
            self._thread.start()
        return transfer_id

    def cancel(self, transfer_id: str) -> None:
        """It then fails with CANCELLED, unless it is done already."""
        cancelled = SecondUnitError(ErrorCode.CANCELLED, "The transfer was cancelled").info
        self._commands.put(partial(self._fail, transfer_id, cancelled))

    def connect(self, endpoint: str, connection: Connection) -> None:
        self._commands.put(lambda: self._aim((endpoint, connection)))

    def disconnect(self) -> None:
        self._commands.put(lambda: self._aim(None))

    def close(self) -> None:
        """Ends the thread; transfers that run are given up without an event."""
        if self._thread is not None:
            self._commands.put(self._end)
            self._thread.join()
        self._commands.close()
        self.events.close()

    # --- background thread ---------------------------------------------------------------------------------------

    def _run(self) -> None:
        while self._running:
            try:
                busy = self._step()
            except Exception as error:
                log.exception("Transfers failed")
                busy = False
                self._fail_all(error)
            self._wait(busy)
        for task in self._tasks.values():
            task.transfer.abandon()
        self._drop_link()

    def _end(self) -> None:
        self._running = False

    def _aim(self, target: tuple[str, Connection] | None) -> None:
        if target != self._target or (self._link is not None and self._link.down):
            self._target = target
            self._retry_at = 0.0
            self._drop_link()

    def _drop_link(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = None
        for task in self._tasks.values():
            task.started = False

    def _step(self) -> bool:
        """Does all that can be done now; True where the socket was too busy for the rest."""
        for command in self._commands.take():
            command()
        now = time.monotonic()
        if self._tasks and self._link is None and self._target is not None and now >= self._retry_at:
            self._connect(now)
        busy = False
        if self._link is not None:
            self._link.dispatch()
            if self._link.down:
                self._drop_link()
                self._retry_at = now + RECONNECT_S
            elif self._link.up:
                busy = any([self._advance(key, self._link, now) for key in self._runnable()])
        return busy

    def _connect(self, now: float) -> None:
        assert self._target is not None
        try:
            self._link = BulkLink(self._context, *self._target)
        except SecondUnitError as error:
            log.warning("No bulk connection: %s", error.info.cause)
            self._retry_at = now + RECONNECT_S

    def _runnable(self) -> list[str]:
        uploads = [key for key, task in self._tasks.items() if isinstance(task.transfer, Upload)]
        return [key for key in self._tasks if key not in uploads[1:]]

    def _advance(self, key: str, link: BulkLink, now: float) -> bool:
        task = self._tasks[key]
        busy = False
        try:
            if not task.started:
                task.transfer.failure = None
                task.transfer.start()
                task.started, task.moved = True, now
            if task.transfer.failure is not None:
                raise task.transfer.failure
            busy = task.transfer.pump(link)
        except SecondUnitError as error:
            self._fail(key, error.info)
            return False
        self._report(key, task, now)
        return busy

    def _report(self, key: str, task: _Task, now: float) -> None:
        transfer = task.transfer
        if transfer.done_bytes != task.done_bytes:
            task.moved = now
            if transfer.finished or now - task.told > PROGRESS_S:
                task.told, task.done_bytes = now, transfer.done_bytes
                self.events.put(TransferProgress(key, transfer.done_bytes, transfer.total_bytes))
        if transfer.finished:
            del self._tasks[key]
            self.events.put(TransferDone(key))
        elif now - task.moved > STALL_S:
            cause = f"No data has moved for {STALL_S:.0f} seconds"
            self._fail(key, SecondUnitError(ErrorCode.TIMEOUT, cause).info)

    def _fail(self, key: str, error: ErrorInfo) -> None:
        task = self._tasks.pop(key, None)
        if task is not None:
            task.transfer.abandon()
            self.events.put(TransferFailed(key, error))

    def _fail_all(self, error: Exception) -> None:
        cause = f"The transfer stopped ({type(error).__name__}: {error})"
        for key in list(self._tasks):
            self._fail(key, SecondUnitError(ErrorCode.INTERNAL, cause).info)
        self._drop_link()

    def _wait(self, busy: bool) -> None:
        poller = zmq.Poller()
        poller.register(self._commands.fileno(), zmq.POLLIN)
        if self._link is not None:
            data, monitor = self._link.sockets
            poller.register(monitor, zmq.POLLIN)
            poller.register(data, zmq.POLLIN | (zmq.POLLOUT if busy else 0))
        waiting = self._tasks and self._target is not None and self._link is None
        poller.poll(int(RECONNECT_S * 1000) if waiting else TICK_MS)
