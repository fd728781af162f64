# SPDX-License-Identifier: GPL-3.0-or-later
"""A CURVE key pair, kept in a file that its owner alone can read."""

from __future__ import annotations

import json
from pathlib import Path

from .disk import disk_errors, write_private
from .errors import ErrorCode, SecondUnitError
from .late import asdict, field, frozen


@frozen
class KeyPair:
    """A CURVE key pair in Z85."""

    public: str
    secret: str = field(repr=False)

    @classmethod
    def new(cls) -> KeyPair:
        import zmq  # the add-on reads keys' files before it talks to anybody

        public, secret = zmq.curve_keypair()
        return cls(public.decode(), secret.decode())

    @classmethod
    def kept(cls, path: Path) -> KeyPair:
        """The pair in a file, which is made with a new one where it is not there. Raises SecondUnitError."""
        import zmq

        if not path.exists():
            write_private(path, json.dumps(asdict(cls.new())).encode())
        with disk_errors(path):
            content = path.read_bytes()
        try:
            pair = cls(**json.loads(content))
            if zmq.curve_public(pair.secret.encode()).decode() != pair.public:
                raise ValueError("the keys do not belong together")
        except (ValueError, TypeError, AttributeError, zmq.ZMQError) as error:
            remedy = "Delete the file; new keys are made then"
            raise SecondUnitError(ErrorCode.INTERNAL, f"The key file {path} is damaged", remedy=remedy) from error
        return pair
