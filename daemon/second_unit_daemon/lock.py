# SPDX-License-Identifier: GPL-3.0-or-later
"""One daemon per home folder: a lock that the system lets go of when its holder dies, however it dies."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from second_unit_protocol.disk import disk_errors, private_folder
from second_unit_protocol.errors import ErrorCode, SecondUnitError

FILE = "daemon.lock"


class HomeLock:
    """A context; entering raises SecondUnitError(WRONG_STATE) where another daemon has the home folder."""

    def __init__(self, home: Path):
        self._home = home
        self._handle = -1

    def __enter__(self) -> Self:
        path = self._home / FILE
        with disk_errors(path):
            private_folder(self._home)
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            lock(self._handle)
        except OSError as error:
            holder = os.pread(self._handle, 20, 0).decode("ascii", "replace").strip() if hasattr(os, "pread") else ""
            os.close(self._handle)
            raise SecondUnitError(
                ErrorCode.WRONG_STATE,
                f"A daemon{f' (process {holder})' if holder else ''} already runs on {self._home}",
                remedy="Use that one, or stop it first: second-unit stop",
            ) from error
        os.truncate(self._handle, 0)
        os.write(self._handle, f"{os.getpid()}\n".encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)


if os.name == "nt":
    import msvcrt

    def lock(handle: int) -> None:
        """Holds the file until it is closed; raises OSError where another process holds it."""
        os.lseek(handle, 1 << 20, os.SEEK_SET)  # beyond the content, so that others can read who holds it
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        os.lseek(handle, 0, os.SEEK_SET)

else:
    import fcntl

    def lock(handle: int) -> None:
        """Holds the file until it is closed; raises OSError where another process holds it."""
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
