# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may connect: CURVE on every socket, and the ZAP handler (RFC 27) that knows the clients' keys."""

from __future__ import annotations

from typing import cast

import zmq
from second_unit_protocol.messages import CHUNK_BYTES, MAX_MESSAGE_BYTES
from zmq.utils import z85

from .keys import Keys

ZAP_ENDPOINT = "inproc://zeromq.zap.01"
DOMAIN = b"second-unit"


def make_router(context: zmq.Context, keys: Keys, high_water: int) -> zmq.Socket:
    """A ROUTER socket that only clients with an allowed key can reach. ``high_water`` is in messages a client."""
    socket = context.socket(zmq.ROUTER)
    socket.linger = 0
    socket.curve_server = True
    socket.curve_publickey = keys.server.public.encode()
    socket.curve_secretkey = keys.server.secret.encode()
    socket.zap_domain = DOMAIN
    socket.router_mandatory = True
    socket.maxmsgsize = MAX_MESSAGE_BYTES + CHUNK_BYTES
    socket.sndhwm = socket.rcvhwm = high_water
    socket.handshake_ivl = 5000
    socket.heartbeat_ivl = 5000  # notices a client whose machine has gone without a word
    socket.heartbeat_timeout = 30_000
    return socket


def owner_of(frame: zmq.Frame) -> str:
    """The public key of the client that sent a frame, as the handshake proved it."""
    owner = cast("str | bytes", frame.get("User-Id"))
    return owner if isinstance(owner, str) else owner.decode()


class ZapHandler:
    """Answers libzmq's question whether a client may come in. Its context serves this one handler."""

    def __init__(self, context: zmq.Context, keys: Keys):
        self._keys = keys
        self.socket = context.socket(zmq.REP)
        self.socket.linger = 0
        self.socket.bind(ZAP_ENDPOINT)

    def answer(self) -> None:
        """Answers one waiting question."""
        version, request_id, domain, _address, _identity, mechanism, *credentials = self.socket.recv_multipart()
        owner = z85.encode(credentials[0]).decode() if mechanism == b"CURVE" and len(credentials) == 1 else ""
        if domain == DOMAIN and self._keys.lets_in(owner):
            verdict = [b"200", b"OK", owner.encode(), b""]
        else:
            verdict = [b"400", b"No access", b"", b""]
        self.socket.send_multipart([version, request_id, *verdict])

    def close(self) -> None:
        self.socket.close(0)
