# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon put together. Wiring only: each part does its own work."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from second_unit_protocol.connection import Connection, load, save
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.paths import connection_file

from . import devices
from .blobs.store import BlobStore
from .config import Config
from .executors.local import LocalExecutor, LocalSettings
from .executors.rehearsal import Rehearsal
from .jobs.garbage import Garbage, Retention
from .jobs.scheduler import Scheduler
from .jobs.service import JobService
from .jobs.store import JobStore
from .lock import HomeLock
from .models.desk import ModelDesk
from .server.keys import Keys
from .server.server import Server

log = logging.getLogger(__name__)

COLLECT_EVERY_S = 3600.0
WAKE_EVERY_S = 5.0


def serve(home: Path, config: Config, announce: Callable[[Connection], None]) -> None:
    """Runs the daemon until a signal or a client stops it. ``announce`` is called once clients can connect.

    Raises SecondUnitError where it cannot start.
    """
    with HomeLock(home):
        store = JobStore(home / "jobs.sqlite")
        blobs = BlobStore(home / "blobs")
        scheduler = Scheduler(store, config.max_crashes)
        models = ModelDesk()
        service = JobService(store, blobs, scheduler, models)
        server = Server(service, blobs, Keys.load(home / "keys"), config.host, config.port)
        settings = LocalSettings(home / "scratch", config.cancel_grace_s, config.worker_idle_s)
        executor = LocalExecutor(devices.best(), blobs, scheduler, server.post, settings)
        scheduler.attach([executor], server.publish)
        models.attach(server.post, lambda message: server.publish(None, message))
        garbage = Garbage(store, blobs, Retention(config.keep_days, int(config.quota_gb * 2**30)))
        server.every(COLLECT_EVERY_S, garbage.start)
        server.every(WAKE_EVERY_S, scheduler.wake)
        server.post(service.resume)
        server.post(garbage.start)
        rehearsal = Rehearsal()
        server.post(rehearsal.start)
        try:
            with _stopped_by_signals(server.stop), _connection_file(server.connection(os.getpid())) as connection:
                announce(connection)
                server.run()
        finally:
            rehearsal.stop()
            models.shut_down()
            scheduler.shut_down()
            store.close()
            log.info("The daemon has stopped")


@contextmanager
def _connection_file(connection: Connection) -> Iterator[Connection]:
    """The file is there while clients can connect. One that a dead daemon left is replaced."""
    path = connection_file()
    save(connection, path)
    try:
        yield connection
    finally:
        try:
            if load(path).pid == connection.pid:
                path.unlink()
        except (SecondUnitError, OSError):
            log.warning("%s is not ours any more and stays", path)


@contextmanager
def _stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    before = {number: signal.signal(number, lambda *_: stop()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
