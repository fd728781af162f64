# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is connected to the control socket, speaking which version, listening to which jobs."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from attrs import define, field
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.messages import (
    CAPABILITIES,
    MIN_PROTOCOL_VERSION,
    PREVIEWS,
    PROTOCOL_VERSION,
    EventMessage,
    Hello,
    ModelChanged,
    Preview,
)

IDLE_S = 120.0  # clients ping every few seconds; one that is silent for longer says hello again


@define
class Session:
    """``peer`` is the socket's name for the connection, ``owner`` the client's key: only the latter means anything."""

    peer: bytes
    owner: str
    version: int
    capabilities: frozenset[str]
    seen: float
    id: str = field(factory=lambda: uuid.uuid4().hex)
    subscribed: frozenset[str] | None = None  # None: to nothing; empty: to all of the owner's jobs

    def wants(self, message: EventMessage) -> bool:
        if isinstance(message, ModelChanged):
            return self.subscribed == frozenset()
        if isinstance(message, Preview):
            job_id, able = message.job_id, PREVIEWS in self.capabilities
        else:
            job_id, able = message.job.job_id, True
        return able and self.subscribed is not None and (not self.subscribed or job_id in self.subscribed)


class Sessions:
    """The sessions of the control socket."""

    def __init__(self) -> None:
        self._by_peer: dict[bytes, Session] = {}

    def open(self, peer: bytes, owner: str, hello: Hello, now: float) -> Session:
        """Starts a session. Raises SecondUnitError(VERSION_MISMATCH)."""
        version = agree(hello.min_version, hello.max_version, hello.client)
        shared = frozenset(hello.capabilities) & frozenset(CAPABILITIES)
        session = self._by_peer[peer] = Session(peer, owner, version, shared, now)
        return session

    def find(self, peer: bytes, owner: str, now: float) -> Session:
        """The session of a message. Raises SecondUnitError(NO_SESSION)."""
        session = self._by_peer.get(peer)
        if session is None or session.owner != owner:
            raise SecondUnitError(ErrorCode.NO_SESSION, "The daemon does not know this session")
        session.seen = now
        return session

    def listening(self, owner: str | None, message: EventMessage) -> Iterator[Session]:
        """The owner's sessions that want an event; None: everybody's."""
        for session in list(self._by_peer.values()):
            if owner in (None, session.owner) and session.wants(message):
                yield session

    def forget(self, peer: bytes) -> None:
        self._by_peer.pop(peer, None)

    def forget_idle(self, now: float) -> None:
        for session in list(self._by_peer.values()):
            if now - session.seen > IDLE_S:
                self.forget(session.peer)


def agree(lowest: int, highest: int, client: str) -> int:
    """The highest version that both sides speak. Raises SecondUnitError(VERSION_MISMATCH)."""
    version = min(highest, PROTOCOL_VERSION)
    if version < max(lowest, MIN_PROTOCOL_VERSION):
        older = "the daemon" if lowest > PROTOCOL_VERSION else "the client"
        raise SecondUnitError(
            ErrorCode.VERSION_MISMATCH,
            f"{client[:100]} speaks protocol {lowest} to {highest}, this daemon {MIN_PROTOCOL_VERSION} to "
            f"{PROTOCOL_VERSION}: {older} is too old",
        )
    return version
