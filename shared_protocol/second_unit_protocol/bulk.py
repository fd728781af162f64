# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests on the bulk socket and the replies that belong to them. Lives on the transfer thread."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable

import zmq

from .codec import Buffer, DecodeError, decode, encode, header_of
from .connection import Connection
from .errors import SecondUnitError
from .link import Down, Link, Up
from .messages import PutCredit

log = logging.getLogger(__name__)

HIGH_WATER = 8  # chunks that wait inside ZeroMQ; few, so that a cancelled transfer stops at once

Answer = Callable[[object, Buffer | None], None]


class Asker:
    """Who asks on a bulk link. ``failure`` is what an answer turned out to be."""

    failure: SecondUnitError | None = None


class BulkLink:
    """The client's bulk connection. ``up`` once the handshake is done, ``down`` when it has ended."""

    def __init__(self, context: zmq.Context, endpoint: str, connection: Connection):
        """Raises SecondUnitError where the keys or the address cannot be used."""
        self.up = self.down = False
        self._link = Link(context, endpoint, connection, HIGH_WATER)
        self._routes: dict[str, tuple[Asker, Answer]] = {}
        self._ids = itertools.count(1)

    @property
    def sockets(self) -> tuple[zmq.Socket, zmq.Socket]:
        """The data socket and the monitor, to be polled."""
        return self._link.socket, self._link.monitor

    def ask(self, asker: Asker, message: object, answer: Answer) -> bool:
        """Sends a request; ``answer`` gets its reply (and its PutCredits before that). False: busy, try again.

        A SecondUnitError that ``answer`` raises becomes the asker's ``failure``.
        """
        number = f"t{next(self._ids)}"
        if not self._link.send(encode(header_of(message, number), message)):
            return False
        self._routes[number] = (asker, answer)
        return True

    def tell(self, message: object, payload: Buffer) -> bool:
        """Sends a chunk, which has no reply of its own. False: busy, try again."""
        return self._link.send(encode(header_of(message, f"t{next(self._ids)}"), message, payload))

    def dispatch(self) -> None:
        """Notices what happened to the link and hands each reply that has arrived to its asker."""
        for frames in self._link.receive():
            try:
                header, message, payload = decode([frame.buffer for frame in frames])
            except DecodeError as error:
                log.warning("The daemon sent something unreadable: %s", error.info.cause)
                continue
            kept = isinstance(message, PutCredit)
            route = self._routes.get(header.parent) if kept else self._routes.pop(header.parent, None)
            if route is not None:
                asker, answer = route
                try:
                    answer(message, payload)
                except SecondUnitError as error:
                    asker.failure = error
        for change in self._link.changes():
            self.up = isinstance(change, Up)
            self.down = isinstance(change, Down)

    def close(self) -> None:
        self._link.close()
