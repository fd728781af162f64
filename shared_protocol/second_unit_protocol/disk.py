# SPDX-License-Identifier: GPL-3.0-or-later
"""Disk trouble in a person's words, and files that are whole or not there at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import ErrorCode, SecondUnitError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG}


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turns an OSError about ``path`` into DISK_FULL, NOT_WRITABLE, FILE_GONE or INTERNAL."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, path) from error


def disk_error(error: OSError, path: Path) -> SecondUnitError:
    """The error that a person reads for an OSError about ``path``."""
    if error.errno in _FULL:
        return SecondUnitError(ErrorCode.DISK_FULL, f"The disk that holds {path.parent} is full")
    if error.errno == errno.ENOENT:
        return SecondUnitError(ErrorCode.FILE_GONE, f"{path} is not there")
    if error.errno in _REFUSED:
        return SecondUnitError(ErrorCode.NOT_WRITABLE, f"{path} cannot be used ({error.strerror})")
    return SecondUnitError(ErrorCode.INTERNAL, f"{path} cannot be used ({error.strerror or error})")


def private_folder(folder: Path) -> None:
    """Makes a folder, and those above it that are missing, for their owner alone (0700). Raises OSError.

    ``Path.mkdir`` with a mode gives it to the last folder only.
    """
    for missing in [*reversed([above for above in folder.parents if not above.exists()]), folder]:
        missing.mkdir(mode=0o700, exist_ok=True)


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner can read (0600), in one step: readers see the old file or the new one.

    Raises SecondUnitError (DISK_FULL, NOT_WRITABLE …).
    """
    with disk_errors(path):
        private_folder(path.parent)
        handle, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)  # mkstemp makes it 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except OSError:
            with suppress(OSError):
                os.unlink(name)
            raise
