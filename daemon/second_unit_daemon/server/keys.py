# SPDX-License-Identifier: GPL-3.0-or-later
"""CURVE keys: the daemon's own, its owner's, and those of further clients that the owner lets in.

In the keys folder (0700) ``server.json`` and ``owner.json`` (0600) hold a key pair each; every ``clients/NAME.key``
holds the public key of one more client, in Z85.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

from attrs import frozen
from second_unit_protocol.connection import Z85_KEY, Connection
from second_unit_protocol.disk import disk_errors, write_private
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.keypair import KeyPair

log = logging.getLogger(__name__)


@frozen
class Keys:
    """``allowed`` are the public keys of the clients that could connect when they were read, the owner's among them."""

    server: KeyPair
    owner: KeyPair
    allowed: frozenset[str]
    folder: Path | None = None

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
        server, owner = KeyPair.kept(folder / "server.json"), KeyPair.kept(folder / "owner.json")
        return cls(server, owner, frozenset({owner.public, *_client_keys(folder / "clients")}), folder)

    def lets_in(self, public: str) -> bool:
        """Whether a client may connect; those that were let in since the daemon started may, too."""
        if public in self.allowed or self.folder is None:
            return public in self.allowed
        try:
            return public in _client_keys(self.folder / "clients")
        except SecondUnitError as error:
            log.warning("%s", error.info.sentence())
            return False

    def connection(self, endpoint: str, daemon_version: str, pid: int) -> Connection:
        """What the owner's clients need to know to connect."""
        return Connection(
            endpoint, self.server.public, self.owner.public, self.owner.secret, daemon_version=daemon_version, pid=pid
        )


def let_in(folder: Path, name: str, public: str) -> Path:
    """Writes the key of one more client. Raises SecondUnitError."""
    if not re.fullmatch(r"[\w.-]{1,64}", name) or not re.fullmatch(Z85_KEY, public.strip()):
        cause = "A client has a name of letters and digits, and a key of 40 characters"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Copy the key from Blender's preferences, in quotes")
    path = folder / "clients" / f"{name}.key"
    write_private(path, public.strip().encode())
    return path


def _client_keys(folder: Path) -> list[str]:
    found = []
    for path in sorted(folder.glob("*.key")):
        with disk_errors(path):
            text = path.read_text("ascii", "replace").strip()
        if not re.fullmatch(Z85_KEY, text):
            raise SecondUnitError(ErrorCode.INTERNAL, f"{path} does not hold a public key", remedy="Delete the file")
        found.append(text)
    return found
