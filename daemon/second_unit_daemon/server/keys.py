# SPDX-License-Identifier: GPL-3.0-or-later
"""CURVE keys: the daemon's own, its owner's, and those of further clients that the owner lets in.

In the keys folder (0700) ``server.json`` and ``owner.json`` (0600) hold a key pair each; every ``clients/NAME.key``
holds the public key of one more client, in Z85.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import zmq
from attrs import asdict, field, frozen
from second_unit_protocol.connection import Z85_KEY, Connection
from second_unit_protocol.disk import disk_errors, write_private
from second_unit_protocol.errors import ErrorCode, SecondUnitError


@frozen
class KeyPair:
    """A CURVE key pair in Z85."""

    public: str
    secret: str = field(repr=False)

    @classmethod
    def new(cls) -> KeyPair:
        public, secret = zmq.curve_keypair()
        return cls(public.decode(), secret.decode())


@frozen
class Keys:
    """``allowed`` are the public keys of all clients that may connect, the owner's among them."""

    server: KeyPair
    owner: KeyPair
    allowed: frozenset[str]

    @classmethod
    def new(cls) -> Keys:
        """Fresh keys that are kept nowhere."""
        owner = KeyPair.new()
        return cls(KeyPair.new(), owner, frozenset({owner.public}))

    @classmethod
    def load(cls, folder: Path) -> Keys:
        """Reads the keys, making those that are missing. Raises SecondUnitError."""
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
        server, owner = _load_pair(folder / "server.json"), _load_pair(folder / "owner.json")
        return cls(server, owner, frozenset({owner.public, *_client_keys(folder / "clients")}))

    def connection(self, endpoint: str, daemon_version: str, pid: int) -> Connection:
        """What the owner's clients need to know to connect."""
        return Connection(
            endpoint, self.server.public, self.owner.public, self.owner.secret, daemon_version=daemon_version, pid=pid
        )


def _load_pair(path: Path) -> KeyPair:
    if not path.exists():
        write_private(path, json.dumps(asdict(KeyPair.new())).encode())
    with disk_errors(path):
        content = path.read_bytes()
    try:
        pair = KeyPair(**json.loads(content))
        if zmq.curve_public(pair.secret.encode()).decode() != pair.public:
            raise ValueError("the keys do not belong together")
    except (ValueError, TypeError, AttributeError, zmq.ZMQError) as error:
        remedy = "Delete the file; the daemon makes new keys when it starts"
        raise SecondUnitError(ErrorCode.INTERNAL, f"The key file {path} is damaged", remedy=remedy) from error
    return pair


def _client_keys(folder: Path) -> list[str]:
    found = []
    for path in sorted(folder.glob("*.key")):
        with disk_errors(path):
            text = path.read_text("ascii", "replace").strip()
        if not re.fullmatch(Z85_KEY, text):
            raise SecondUnitError(ErrorCode.INTERNAL, f"{path} does not hold a public key", remedy="Delete the file")
        found.append(text)
    return found
