# SPDX-License-Identifier: GPL-3.0-or-later
"""One encrypted connection to a daemon's socket, and what its handshake says about why there is none."""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterator, Sequence

import zmq

from .codec import Buffer
from .connection import Connection
from .errors import ErrorCode, ErrorInfo, SecondUnitError
from .late import frozen
from .messages import CHUNK_BYTES, MAX_MESSAGE_BYTES

HANDSHAKE_MS = 4000
# What a monitor's socket says, by zmq_socket_monitor(3). pyzmq's own reader would have asyncio imported.
_EVENT = struct.Struct("=Hi")


@frozen
class Up:
    """The handshake succeeded: the daemon has the right key, and knows ours."""


@frozen
class Down:
    """There is no connection, or there is none any more. The link is finished; open another one."""

    error: ErrorInfo


class Link:
    """A DEALER socket with CURVE. Belongs to one thread; never waits."""

    def __init__(self, context: zmq.Context, endpoint: str, connection: Connection, high_water: int = 1000):
        """Starts to connect. Raises SecondUnitError(WRONG_KEY) where ZeroMQ refuses the keys themselves."""
        self.endpoint = endpoint
        self._connected = self._ready = False
        self.socket = context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.reconnect_ivl = -1  # a lost link is replaced, so that nothing stale is ever read from it
        self.socket.immediate = True
        self.socket.handshake_ivl = HANDSHAKE_MS
        self.socket.maxmsgsize = MAX_MESSAGE_BYTES + CHUNK_BYTES
        self.socket.sndhwm = self.socket.rcvhwm = high_water
        self.monitor = self.socket.get_monitor_socket()
        try:
            self.socket.curve_serverkey = connection.server_public.encode()
            self.socket.curve_publickey = connection.client_public.encode()
            self.socket.curve_secretkey = connection.client_secret.encode()
            self.socket.connect(endpoint)
        except zmq.ZMQError as error:
            self.close()
            cause = f"The connection file has an address or keys that do not work ({error})"
            raise SecondUnitError(ErrorCode.WRONG_KEY, cause) from error

    def changes(self) -> Iterator[Up | Down]:
        """What happened to the connection since the last call."""
        while self.monitor.poll(0):
            event, value = _EVENT.unpack(self.monitor.recv_multipart()[0])
            if event == zmq.EVENT_CONNECTED:
                self._connected = True
            elif event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self._ready = True
                yield Up()
            elif event in _FAILED:
                yield Down(self._reason(event, value))
                return

    def receive(self) -> Iterator[list[zmq.Frame]]:
        """Messages that have arrived."""
        while True:
            try:
                yield self.socket.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return

    def send(self, frames: Sequence[Buffer]) -> bool:
        """Sends one message; False where the connection is busy or not up."""
        try:
            self.socket.send_multipart(frames, zmq.NOBLOCK, copy=len(frames) < 3)
        except zmq.Again:
            return False
        return True

    def close(self) -> None:
        self.socket.disable_monitor()
        self.monitor.close(0)
        self.socket.close(0)

    def _reason(self, event: int, value: int) -> ErrorInfo:
        """``value`` is the event's own: where a handshake failed without detail, an errno."""
        hung_up = event == zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL and value in _HUNG_UP
        if event == zmq.EVENT_HANDSHAKE_FAILED_AUTH or hung_up:
            cause = f"The daemon at {self.endpoint} does not accept the key in the connection file"
            return SecondUnitError(ErrorCode.WRONG_KEY, cause).info
        if self._ready:
            return SecondUnitError(ErrorCode.DAEMON_GONE, "The daemon has stopped or closed the connection").info
        if self._connected:
            return SecondUnitError(ErrorCode.NO_DAEMON, f"What listens at {self.endpoint} is not the daemon").info
        return SecondUnitError(ErrorCode.NO_DAEMON, f"No daemon answers at {self.endpoint}").info


_HUNG_UP = {errno.EPIPE, errno.ECONNRESET, errno.ECONNABORTED}  # what a daemon does to whom has another's key for it
_FAILED = {
    zmq.EVENT_CLOSED,
    zmq.EVENT_DISCONNECTED,
    zmq.EVENT_HANDSHAKE_FAILED_AUTH,
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
}
