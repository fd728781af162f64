# SPDX-License-Identifier: GPL-3.0-or-later
"""A real server on loopback in a thread, and clients of it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zmq
from attrs import evolve
from second_unit_daemon.blobs.store import BlobStore
from second_unit_daemon.server.keys import Keys
from second_unit_daemon.server.server import Server
from second_unit_protocol.client import Client
from second_unit_protocol.codec import decode, encode, header_of
from second_unit_protocol.connection import Connection, save
from second_unit_protocol.events import Event, LinkState, LinkStatus, Reply
from second_unit_protocol.keypair import KeyPair
from second_unit_protocol.messages import Header, Hello

from tests.protocol.fakes import FakeService

PATIENCE_S = 30.0


class Daemon:
    """A server that can be stopped and started again, on another port, with the same keys and blobs."""

    def __init__(self, folder: Path):
        stranger = KeyPair.new()
        keys = Keys.load(folder / "keys")
        self.keys = evolve(keys, allowed=keys.allowed | {stranger.public})
        self.second_owner = stranger
        self.store = BlobStore(folder / "blobs")
        self.service = FakeService()
        self.connection_file = folder / "connection.json"
        self.start()

    def start(self) -> None:
        self.server = Server(self.service, self.store, self.keys)
        self.connection = self.server.connection(os.getpid())
        save(self.connection, self.connection_file)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        if self.thread.is_alive():
            self.server.stop()
            self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()

    def connection_of(self, pair: KeyPair) -> Connection:
        return evolve(self.connection, client_public=pair.public, client_secret=pair.secret)


class RawClient:
    """A bare socket with the right keys, for saying what no proper client says."""

    def __init__(self, connection: Connection, endpoint: str | None = None, **options: object):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        for name, value in options.items():
            setattr(self.socket, name, value)
        self.socket.curve_serverkey = connection.server_public.encode()
        self.socket.curve_publickey = connection.client_public.encode()
        self.socket.curve_secretkey = connection.client_secret.encode()
        self.socket.connect(endpoint or connection.endpoint)

    def send(self, message: object, id: str = "1", payload: bytes | None = None, **more: object) -> None:
        self.socket.send_multipart(encode(header_of(message, id, **more), message, payload))

    def receive(self) -> tuple[Header, object]:
        assert self.socket.poll(PATIENCE_S * 1000), "no reply came"
        header, message, _ = decode(self.socket.recv_multipart())
        return header, message

    def ask(self, message: object, id: str = "1", **more: object) -> object:
        self.send(message, id, **more)
        header, reply = self.receive()
        assert header.parent == id
        return reply

    def hello(self) -> object:
        return self.ask(Hello(1, 1, "raw"), "hello")

    def close(self) -> None:
        self.context.destroy(0)


class Watcher:
    """Polls a client and keeps everything that it told."""

    def __init__(self, client: Client):
        self.client = client
        self.seen: list[Event] = []
        self._unread: list[Event] = []

    def until(self, wanted: Callable[[Event], bool]) -> Event:
        """The first event that is wanted, after the one that was returned last."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            while self._unread:
                event = self._unread.pop(0)
                if wanted(event):
                    return event
            self.client.wait(0.2)
            events = self.client.poll()
            self.seen += events
            self._unread += events
        raise AssertionError(f"what was waited for did not happen; this did: {self.seen}")

    def ready(self) -> Event:
        return self.until(lambda e: isinstance(e, LinkState) and e.status is LinkStatus.READY)

    def lost(self) -> Event:
        return self.until(lambda e: isinstance(e, LinkState) and e.status is LinkStatus.LOST)

    def reply(self, request_id: str) -> object:
        return self.until(lambda e: isinstance(e, Reply) and e.request_id == request_id).message


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    running = Daemon(tmp_path)
    yield running
    running.stop()


@pytest.fixture
def watch() -> Iterator[Callable[..., Watcher]]:
    """Makes opened clients, and closes them at the end."""
    opened: list[Client] = []

    def start(connection: Connection | Path, **options: object) -> Watcher:
        client = Client(connection, "test", **options)
        opened.append(client)
        client.open()
        return Watcher(client)

    yield start
    for client in opened:
        client.close()


@pytest.fixture
def raw() -> Iterator[Callable[..., RawClient]]:
    opened: list[RawClient] = []

    def start(connection: Connection, endpoint: str | None = None, **options: object) -> RawClient:
        opened.append(RawClient(connection, endpoint, **options))
        return opened[-1]

    yield start
    for client in opened:
        client.close()
