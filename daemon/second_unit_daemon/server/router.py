# SPDX-License-Identifier: GPL-3.0-or-later
"""Control messages: each request goes to the service and gets its one reply."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

import zmq
from second_unit_protocol.codec import Buffer, DecodeError, decode, encode, header_of
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.messages import (
    CAPABILITIES,
    PROTOCOL_VERSION,
    Acknowledge,
    CancelJob,
    ChangeModel,
    Engines,
    ErrorReply,
    EventMessage,
    FreeMemory,
    GetJob,
    GetShot,
    GetStatus,
    Header,
    Hello,
    Job,
    JobChanged,
    Jobs,
    ListEngines,
    ListJobs,
    ListModels,
    MakePlan,
    MemoryFreed,
    Model,
    ModelChanged,
    Models,
    MoveJob,
    Ping,
    Planned,
    Pong,
    Preview,
    RetryJob,
    Shot,
    Shutdown,
    Status,
    Stopping,
    Submit,
    Submitted,
    Subscribe,
    Subscribed,
    Welcome,
)
from second_unit_protocol.shot_check import check_shot

from .auth import owner_of
from .outbox import Outbox
from .service import Service
from .sessions import Session, Sessions

log = logging.getLogger(__name__)

REPLAYED_JOBS = 100  # the newest, when a session subscribes to all


class Router:
    """Decodes, dispatches, replies. Runs on the server's loop."""

    def __init__(self, socket: zmq.Socket, service: Service, daemon_version: str, bulk_endpoint: str, master: str):
        """``master``: the public key of the daemon's own user, who alone may stop it."""
        self.sessions = Sessions()
        self.outbox = Outbox(socket, self.sessions.forget)
        self.stopping = False
        self._service = service
        self._version = daemon_version
        self._bulk_endpoint = bulk_endpoint
        self._master = master
        self._ids = itertools.count(1)
        self._handlers: dict[type, Callable[[Session, Any], object]] = {
            Ping: lambda session, m: Pong(),
            GetStatus: lambda session, m: Status(service.status()),
            ListEngines: lambda session, m: Engines(service.engines()),
            MakePlan: lambda session, m: Planned(service.plan(m.request)),
            Submit: self._submit,
            CancelJob: lambda session, m: Job(service.cancel(session.owner, m.job_id)),
            RetryJob: lambda session, m: Job(service.retry(session.owner, m.job_id)),
            MoveJob: lambda session, m: Job(service.move(session.owner, m.job_id, m.before)),
            ListJobs: lambda session, m: Jobs(service.list_jobs(session.owner, m.shot_id, m.limit)),
            GetJob: lambda session, m: Job(service.get(session.owner, m.job_id)),
            GetShot: lambda session, m: Shot(service.shot(session.owner, m.job_id)),
            Acknowledge: lambda session, m: Job(service.acknowledge(session.owner, m.job_id)),
            ListModels: lambda session, m: Models(*service.models()),
            ChangeModel: lambda session, m: Model(service.change_model(m.name, m.change, m.accept_licence)),
            FreeMemory: self._free_memory,
            Subscribe: self._subscribe,
            Shutdown: self._shutdown,
        }

    def handle(self, frames: Sequence[zmq.Frame]) -> None:
        """Answers one message; nothing that a client sends makes this raise."""
        peer, owner = frames[0].bytes, owner_of(frames[-1])
        try:
            header, message, _ = decode([frame.buffer for frame in frames[1:]])
        except DecodeError as error:
            log.warning("A message of client %s was refused: %s", owner[:8], error.info.cause)
            self._reply(peer, error.header, ErrorReply(error.info))
            return
        self._reply(peer, header, self._answer(peer, owner, header, message))
        if isinstance(message, Subscribe):
            self._replay(peer, owner)

    def publish(self, owner: str | None, message: EventMessage) -> None:
        """Sends an event to those of the owner's sessions that subscribed to it; None: to anybody's."""
        for session in self.sessions.listening(owner, message):
            self._event(session, message)

    def _answer(self, peer: bytes, owner: str, header: Header, message: object) -> object:
        try:
            now = time.monotonic()
            if isinstance(message, Hello):
                session = self.sessions.open(peer, owner, message, now)
                log.info("Session %s of client %s: %s", session.id[:8], owner[:8], message.client[:200])
                return Welcome(session.version, self._version, session.id, self._bulk_endpoint, CAPABILITIES)
            session = self.sessions.find(peer, owner, now)
            if header.version != session.version:
                cause = f"This session speaks protocol {session.version}, the message {header.version}"
                raise SecondUnitError(ErrorCode.VERSION_MISMATCH, cause)
            handler = self._handlers.get(type(message))
            if handler is None:
                raise SecondUnitError(ErrorCode.BAD_MESSAGE, f"The control socket does not take {header.kind}")
            return handler(session, message)
        except SecondUnitError as error:
            return ErrorReply(error.info)
        except Exception as error:
            log.exception("The request %s failed", header.kind)
            cause = f"The daemon could not answer {header.kind} ({type(error).__name__}: {error})"
            return ErrorReply(SecondUnitError(ErrorCode.INTERNAL, cause[:500]).info)

    def _submit(self, session: Session, message: Submit) -> Submitted:
        check_shot(message.shot)
        return Submitted(*self._service.submit(session.owner, message.job_id, message.shot))

    def _subscribe(self, session: Session, message: Subscribe) -> Subscribed:
        for job_id in message.job_ids:
            self._service.get(session.owner, job_id)  # raises NO_SUCH_JOB
        session.subscribed = frozenset(message.job_ids)
        return Subscribed()

    def _replay(self, peer: bytes, owner: str) -> None:
        """How the subscribed jobs stand now, so that nothing that happened before is missed."""
        try:
            session = self.sessions.find(peer, owner, time.monotonic())
            if session.subscribed:
                jobs = tuple(self._service.get(owner, job_id) for job_id in sorted(session.subscribed))
            else:
                jobs = self._service.list_jobs(owner, "", REPLAYED_JOBS)
        except SecondUnitError:
            return  # the subscription itself was answered with the error
        for job in jobs:
            if session.wants(JobChanged(job)):
                self._event(session, JobChanged(job))

    def _free_memory(self, session: Session, message: FreeMemory) -> MemoryFreed:
        self._service.free_memory()
        return MemoryFreed()

    def _shutdown(self, session: Session, message: Shutdown) -> Stopping:
        if session.owner != self._master:
            log.warning("Client %s may not stop the daemon", session.owner[:8])
            cause = "The daemon is stopped by its own user alone, and this client was let in from another machine"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Stop it on its machine: second-unit stop")
        log.info("Client %s asked the daemon to stop", session.owner[:8])
        self._service.shutdown()
        self.stopping = True
        return Stopping()

    def _reply(self, peer: bytes, request: Header | None, message: object) -> None:
        parent, version = (request.id, request.version) if request else ("", PROTOCOL_VERSION)
        self.outbox.reply(peer, self._encode(message, parent, min(max(version, 1), PROTOCOL_VERSION)))

    def _event(self, session: Session, message: EventMessage) -> None:
        frames = self._encode(message, "", session.version)
        self.outbox.event(session.peer, (type(message), _subject(message)), frames)

    def _encode(self, message: object, parent: str, version: int) -> list[Buffer]:
        number = f"d{next(self._ids)}"
        try:
            return encode(header_of(message, number, parent, version=version), message)
        except SecondUnitError as error:
            log.error("A reply was too large: %s", error.info.cause)
            reply = ErrorReply(error.info)
            return encode(header_of(reply, number, parent, version=version), reply)


def _subject(message: EventMessage) -> str:
    """What an event is about: of two about the same thing a slow client needs only the later one."""
    match message:
        case Preview():
            return message.job_id
        case ModelChanged():
            return message.model.name
        case JobChanged():
            return message.job.job_id
