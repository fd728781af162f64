# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on's link to the daemon: finds it, starts it, keeps talking to it. Pure; the pump ticks it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from ..protocol import connection, paths
from ..protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from ..protocol.events import (
    LinkState,
    LinkStatus,
    Notice,
    Reply,
    TransferDone,
    TransferFailed,
    TransferProgress,
)
from ..protocol.messages import Engines, ErrorReply, GetStatus, ListEngines, Shutdown, Status, Subscribe, Welcome
from ..protocol.results import DaemonInfo, EngineInfo
from ..protocol.shot import BlobRef
from . import launcher, processes
from .breaker import Breaker
from .remote import Remote

if TYPE_CHECKING:
    from ..protocol.client import Client

LOOK_EVERY_S = 1.0
STATUS_EVERY_S = 10.0
_NOT_OURS = (ErrorCode.NO_DAEMON, ErrorCode.DAEMON_GONE, ErrorCode.WRONG_KEY)

Answer = Callable[[object], None]  # gets the reply, or an ErrorInfo


class Phase(StrEnum):
    ABSENT = "absent"  # no program, no connection
    STOPPED = "stopped"
    STARTING = "starting"
    CONNECTING = "connecting"
    READY = "ready"
    LOST = "lost"  # there is a daemon, but no talking to it: ``error`` says why
    BROKEN = "broken"  # it keeps dying; only the artist starts it again


class DaemonLink:
    """State for the panels, and requests with the function that gets their answer.

    ``revision`` grows with every change that a panel could show.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self.name = "blender"  # how the daemon's log calls this client
        self.phase = Phase.ABSENT
        self.error: ErrorInfo | None = None
        self.welcome: Welcome | None = None
        self.engines: tuple[EngineInfo, ...] = ()
        self.status: DaemonInfo | None = None
        self.revision = 0
        self.remote: Remote | None = None
        self.preferred_program = ""
        self.restart_when_lost = False
        self.ready_hooks: list[Callable[[], None]] = []
        self.notice_hooks: list[Callable[[object], None]] = []
        self._clock = clock
        self._launcher = launcher.Launcher()
        self._breaker = Breaker()
        self._client: Client | None = None
        self._connection: connection.Connection | None = None
        self._stale: connection.Connection | None = None  # of a daemon that did not answer when another was started
        self._answers: dict[str, Answer] = {}
        self._transfers: dict[str, tuple[Answer, Callable[[int, int], None] | None]] = {}
        self._events: deque[object] = deque()
        self._next_look = self._next_status = 0.0
        self._wanted = False
        self._talked = False

    # --- what others call ---------------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        return self.phase is Phase.READY

    def use(self, remote: Remote | None) -> None:
        """Talks to a daemon on another machine from now on, or (None) to this user's own."""
        if remote != self.remote:
            self.remote = remote
            self._drop_client()
            self._connection, self._next_look = None, 0.0
            self.engines, self.welcome = (), None
            self._set(Phase.STOPPED)

    def start(self) -> None:
        """Starts the daemon, as the artist asks: earlier failures are forgiven. Not one on another machine."""
        if self.remote is not None:
            return
        self._breaker.reset()
        self._wanted = True
        self._stale = self._connection if self.phase is Phase.LOST else None
        self._launch()

    def stop(self) -> None:
        """Asks the daemon to stop. Queued and running jobs are kept for its next start."""
        self._wanted = False
        self.ask(Shutdown(), lambda _reply: None)

    def ask(self, message: object, then: Answer) -> None:
        """Sends a request; ``then`` gets the reply, or an ErrorInfo, in a later tick."""
        if self._client is None or not self.ready:
            error = self.error or SecondUnitError(ErrorCode.NO_DAEMON, "No daemon is running").info
            self._events.append((then, error))
            return
        try:
            self._answers[self._client.send(message)] = then
        except SecondUnitError as error:  # too large to send
            self._events.append((then, error.info))

    def refresh_engines(self) -> None:
        """Asks again what can be chosen."""
        self.ask(ListEngines(), self._got_engines)

    def upload(
        self, files: Iterable[tuple[BlobRef, Path]], then: Answer, progress: Callable[[int, int], None]
    ) -> str | None:
        """Puts blobs on the daemon; ``then`` gets None or an ErrorInfo. Returns the transfer's id, to cancel it."""
        return self._transfer(lambda client: client.upload(list(files)), then, progress)

    def download(
        self, blob: BlobRef, path: Path, then: Answer, progress: Callable[[int, int], None] | None = None
    ) -> str | None:
        """Fetches a blob to ``path``, which appears whole or not at all; ``then`` gets None or an ErrorInfo."""
        return self._transfer(lambda client: client.download(blob, path), then, progress)

    def cancel_transfer(self, transfer_id: str) -> None:
        if self._client:
            self._client.cancel_transfer(transfer_id)

    def tick(self, budget_s: float = 0.008) -> None:
        """Looks for a daemon, takes in what has arrived, and hands it on for at most about ``budget_s`` seconds."""
        now = self._clock()
        if now >= self._next_look:
            self._next_look = now + LOOK_EVERY_S
            self._look(now)
        if self.ready and now >= self._next_status:
            self._next_status = now + STATUS_EVERY_S
            self.ask(GetStatus(), self._got_status)
        if self._client:
            self._events.extend(self._client.poll())
        while self._events:
            self._dispatch(self._events.popleft())
            if self._clock() - now > budget_s:
                break

    @property
    def may_start(self) -> bool:
        """Starting a daemon makes sense: none runs, or what the connection file speaks of is not one that answers us.

        Where a daemon died, another program may have its port by now and seems to have another key.
        """
        if self.remote is not None:
            return False
        silent = self.error is not None and self.error.code in _NOT_OURS
        return self.phase in (Phase.STOPPED, Phase.BROKEN) or (self.phase is Phase.LOST and silent)

    @property
    def idle(self) -> bool:
        return not (self._events or self._answers or self._transfers or self.phase is Phase.STARTING)

    def close(self) -> None:
        """Lets go of the daemon; it runs on."""
        self._drop_client()
        self._set(Phase.STOPPED)

    # --- finding, starting, connecting --------------------------------------------------------------------------

    def _look(self, now: float) -> None:
        if self.phase in (Phase.READY, Phase.CONNECTING):
            return
        if self.remote is not None:
            self._look_far(self.remote)
            return
        started = self._launcher.running  # asking also reaps a process that has ended
        try:
            found = _running_daemon()
        except SecondUnitError as error:
            self._set(Phase.LOST, error.info)
            return
        if found is None:
            self._look_without_connection(now, started)
        elif started and found == self._stale:
            self._set(Phase.STARTING)
        elif self.phase is not Phase.LOST or found != self._connection:  # else the client itself keeps trying
            self._connect(found)

    def _look_far(self, remote: Remote) -> None:
        if self._client is not None:  # it keeps trying by itself
            return
        try:
            self._connect(remote.connection())
        except SecondUnitError as error:
            self._set(Phase.LOST, error.info)

    def _look_without_connection(self, now: float, started: bool) -> None:
        self._drop_client()
        fault = "" if started else self._launcher.fault()
        crashed = self._talked and paths.connection_file().is_file()  # stopped in good order, it takes the file away
        self._talked = False
        if fault or crashed:
            self._launcher.forget()
            self._breaker.fail(now)
            error = _no_daemon(fault or "The daemon has died")
            self._set(Phase.BROKEN if self._breaker.open else Phase.STOPPED, error)
            again = (self._wanted or self.restart_when_lost) and not self._breaker.open
            if again and launcher.find_program(self.preferred_program):
                self._launch()
        elif started:
            self._set(Phase.STARTING)
        elif self.phase is not Phase.BROKEN:
            goal = Phase.ABSENT if launcher.find_program(self.preferred_program) is None else Phase.STOPPED
            self._set(goal, self.error if self.phase is goal else None)

    def _launch(self) -> None:
        program = launcher.find_program(self.preferred_program)
        if program is None:
            asked = self.preferred_program
            cause = f"There is no daemon program at {asked}" if asked else "The daemon is not installed"
            remedy = "Choose the program in the preferences" if asked else "Install it from the Daemon panel"
            self._set(Phase.ABSENT, ErrorInfo(ErrorCode.NO_DAEMON, cause, remedy))
            return
        self._launcher.start(program)
        self._set(Phase.STARTING)
        self._next_look = 0.0

    def _connect(self, found: connection.Connection) -> None:
        self._drop_client()
        self._connection = found
        from ..protocol.client import Client  # with ZeroMQ, long since by the warm-up's thread

        try:
            self._client = Client(found, self.name)
            self._client.open()
        except SecondUnitError as error:
            self._client = None
            self._set(Phase.LOST, error.info)
            return
        self._set(Phase.CONNECTING)

    def _drop_client(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        # Closing waits for the transfer thread, which may be in the middle of a long write.
        threading.Thread(target=client.close, name="second-unit goodbye").start()
        gone = SecondUnitError(ErrorCode.DAEMON_GONE, "The connection to the daemon was closed").info
        waiting = [*self._answers.values(), *(then for then, _progress in self._transfers.values())]
        self._answers.clear()
        self._transfers.clear()
        self._events.extend((then, gone) for then in waiting)

    # --- what arrives -------------------------------------------------------------------------------------------

    def _dispatch(self, event: object) -> None:
        match event:
            case LinkState():
                self._link_changed(event)
            case Reply(request_id=request_id, message=message):
                then = self._answers.pop(request_id, None)
                if then:
                    then(message.error if isinstance(message, ErrorReply) else message)
            case Notice(message=message):
                for hook in self.notice_hooks:
                    hook(message)
            case TransferProgress(transfer_id=transfer_id, done_bytes=done, total_bytes=total):
                progress = self._transfers.get(transfer_id, (None, None))[1]
                if progress:
                    progress(done, total)
            case TransferDone(transfer_id=transfer_id):
                self._transfer_ended(transfer_id, None)
            case TransferFailed(transfer_id=transfer_id, error=error):
                self._transfer_ended(transfer_id, error)
            case (then, answer):
                then(answer)

    def _link_changed(self, change: LinkState) -> None:
        if change.status is LinkStatus.READY:
            self.welcome = change.welcome
            self._talked = True
            self._set(Phase.READY)
            self._next_status = 0.0
            self.refresh_engines()
            self.ask(Subscribe(), lambda _reply: None)
            for hook in self.ready_hooks:
                hook()
        elif change.status is LinkStatus.LOST:
            self._set(Phase.LOST, self.remote.explained(change.error) if self.remote else change.error)
            self._next_look = 0.0
        elif self.phase is not Phase.LOST:
            self._set(Phase.CONNECTING)

    def _transfer(
        self,
        begin: Callable[[Client], str],
        then: Answer,
        progress: Callable[[int, int], None] | None,
    ) -> str | None:
        if self._client is None or not self.ready:
            error = self.error or SecondUnitError(ErrorCode.NO_DAEMON, "No daemon is running").info
            self._events.append((then, error))
            return None
        transfer_id = begin(self._client)
        self._transfers[transfer_id] = (then, progress)
        return transfer_id

    def _transfer_ended(self, transfer_id: str, error: ErrorInfo | None) -> None:
        then, _progress = self._transfers.pop(transfer_id, (None, None))
        if then:
            then(error)

    def _got_engines(self, reply: object) -> None:
        if isinstance(reply, Engines):
            self.engines = reply.engines
            self.revision += 1

    def _got_status(self, reply: object) -> None:
        if isinstance(reply, Status):
            self.status = reply.info
            self.revision += 1

    def _set(self, phase: Phase, error: ErrorInfo | None = None) -> None:
        if (phase, error) != (self.phase, self.error):
            self.phase, self.error = phase, error
            self.revision += 1
        if phase is not Phase.READY:
            self.status = None


def _running_daemon() -> connection.Connection | None:
    """What the connection file says, if the daemon that wrote it lives. Raises SecondUnitError for a damaged file."""
    try:
        found = connection.load(paths.connection_file())
    except SecondUnitError as error:
        if error.code is ErrorCode.NO_DAEMON:
            return None
        raise
    return found if processes.alive(found.pid) else None


def _no_daemon(cause: str) -> ErrorInfo:
    remedy = f"Start it again; if it repeats, read its log in {paths.log_folder()} or run: second-unit doctor"
    return SecondUnitError(ErrorCode.NO_DAEMON, cause, remedy=remedy).info
