# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection file: how a client of this user reaches the running daemon, and with which key."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from .disk import write_private
from .errors import ErrorCode, SecondUnitError
from .late import asdict, field, fields_dict, frozen, instance_of, matches_re

Z85_KEY = re.compile(r"[0-9A-Za-z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}")  # 32 bytes as ZeroMQ's RFC 32 writes them
_EVERY_ADDRESS = ("0.0.0.0", "[::]", "*")
_ENDPOINT = re.compile(r"tcp://\S+:\d{1,5}")


@frozen
class Connection:
    """Keys are CURVE keys in Z85. ``client_secret`` is why the file is readable by its owner alone."""

    endpoint: str = field(validator=matches_re(_ENDPOINT))
    server_public: str = field(validator=matches_re(Z85_KEY))
    client_public: str = field(validator=matches_re(Z85_KEY))
    client_secret: str = field(validator=matches_re(Z85_KEY), repr=False)
    daemon_version: str = field(validator=instance_of(str))
    pid: int = field(validator=instance_of(int))


def reachable(endpoint: str, host: str) -> str:
    """An endpoint that a client can connect to: one bound to every address is reached at ``host``."""
    place, _, port = endpoint.removeprefix("tcp://").rpartition(":")
    return f"tcp://{host}:{port}" if place in _EVERY_ADDRESS else endpoint


def host_of(endpoint: str) -> str:
    """The host part of an endpoint, with the brackets of an IPv6 address."""
    return endpoint.removeprefix("tcp://").rpartition(":")[0]


def save(connection: Connection, path: Path) -> None:
    """Writes the connection file, readable by its owner alone. Raises SecondUnitError."""
    write_private(path, json.dumps(asdict(connection), indent=2).encode())


def load(path: Path) -> Connection:
    """Reads a connection file.

    Raises SecondUnitError: NO_DAEMON where there is none, BAD_MESSAGE where it is not one.
    """
    try:
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict):
            raise ValueError("not a table")
        facts: dict[str, Any] = {name: content.get(name) for name in fields_dict(Connection)}
        return Connection(**facts)
    except FileNotFoundError as error:
        raise SecondUnitError(ErrorCode.NO_DAEMON, f"No daemon is running (there is no {path})") from error
    except OSError as error:
        cause = f"The connection file {path} cannot be read ({error.strerror})"
        raise SecondUnitError(ErrorCode.NO_DAEMON, cause) from error
    except (ValueError, TypeError) as error:
        remedy = "Delete the file and start the daemon again: second-unit serve"
        cause = f"The connection file {path} is damaged"
        raise SecondUnitError(ErrorCode.BAD_MESSAGE, cause, remedy=remedy) from error
