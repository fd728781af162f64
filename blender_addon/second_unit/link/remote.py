# SPDX-License-Identifier: GPL-3.0-or-later
"""A daemon on another machine: its address and public key, as they were pasted, and this user's own key. Pure."""

from __future__ import annotations

import re

from ..protocol import paths
from ..protocol.connection import Z85_KEY, Connection
from ..protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from ..protocol.keypair import KeyPair
from ..protocol.late import evolve, frozen

_ADDRESS = re.compile(r"(tcp://)?(?P<host>\[[0-9A-Fa-f:.%\w]+\]|[^\s:/\[\]]+):(?P<port>\d{1,5})/?")
_PORTS = 65535


@frozen
class Remote:
    """As the preferences have it."""

    address: str
    key: str

    @property
    def place(self) -> str:
        """Host and port, for people."""
        return self.address.strip().removeprefix("tcp://").rstrip("/")

    def connection(self) -> Connection:
        """How to reach it. Raises SecondUnitError that says which of the two is not right."""
        found = _ADDRESS.fullmatch(self.address.strip())
        if found is None or not 0 < int(found["port"]) <= _PORTS:
            given = self.address.strip()
            cause = f"{given} is no address of a daemon" if given else "The daemon's address is missing"
            raise _wrong(cause, "Write its host and port in the preferences, such as render-box:7755")
        if not Z85_KEY.fullmatch(self.key.strip()):
            raise _wrong("The daemon's key has 40 characters", "Paste what `second-unit key` prints on its machine")
        own = own_keys()
        endpoint = f"tcp://{found['host']}:{found['port']}"
        return Connection(endpoint, self.key.strip(), own.public, own.secret, daemon_version="", pid=0)

    def explained(self, error: ErrorInfo) -> ErrorInfo:
        """An error of the connection with what helps where the daemon is another machine's."""
        if error.code is ErrorCode.WRONG_KEY:
            cause = f"The daemon at {self.place} does not know this Blender's key, or has another one than was pasted"
            remedy = f"There run: {allow_command()}"
            return evolve(error, cause=cause, remedy=remedy)
        if error.code is ErrorCode.NO_DAEMON:
            _, _, port = self.place.rpartition(":")
            return evolve(error, remedy=f"There run: second-unit serve --host 0.0.0.0 --port {port}")
        return error


def own_keys() -> KeyPair:
    """This user's keys for daemons of other machines, made when they are first wanted. Raises SecondUnitError."""
    return KeyPair.kept(paths.home() / "keys" / "client.json")


def allow_command() -> str:
    """What lets this user in, to be run on the daemon's machine. Keys hold signs that shells know, but no quotes."""
    return f"second-unit allow NAME '{own_keys().public}'"


def _wrong(cause: str, remedy: str) -> SecondUnitError:
    return SecondUnitError(ErrorCode.NO_DAEMON, cause, remedy=remedy)
