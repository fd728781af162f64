# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a command's options name: what is wrong with one is said of it, not of a take or a disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def named(path: Path, what: str) -> Iterator[None]:
    """For a file that is read. ``what`` it must be, for the remedy. Raises SecondUnitError(FILE_GONE) without it."""
    from second_unit_protocol.errors import ErrorCode, SecondUnitError

    remedy = f"Name {what}"
    if not path.exists():
        raise SecondUnitError(ErrorCode.FILE_GONE, f"{path} is not there", remedy=remedy)
    try:
        yield
    except SecondUnitError as error:
        if error.info.code not in (ErrorCode.FILE_GONE, ErrorCode.BLOB_CORRUPT):
            raise
        raise SecondUnitError(error.info.code, error.info.cause, remedy=remedy) from error
