# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a result is to lie: what cannot be is said before hours of work."""

from __future__ import annotations

import tempfile
from pathlib import Path

from second_unit_protocol.errors import ErrorCode, SecondUnitError


def check_target(out: Path, suffix: str, what: str) -> None:
    """``suffix``: of files that hold ``what``, "" for a folder of pictures.

    Raises SecondUnitError: BAD_REQUEST for what it cannot be, NOT_WRITABLE for a folder that takes no files.
    """
    if not suffix:
        if out.is_file():
            raise _refused(f"{out} is a file, and {what} need a folder", "Name a folder")
        _check_writable(next(above for above in (out, *out.absolute().parents) if above.is_dir()))
        return
    if out.is_dir():
        raise _refused(f"{out} is a folder", f"Name a file in it, such as {out / f'clip{suffix}'}")
    if out.suffix.lower() != suffix:
        cause = f"{out.name} does not end with {suffix}, and {what} is kept in such files"
        raise _refused(cause, f"Name it {out.stem}{suffix}")
    if not out.parent.is_dir():
        raise _refused(f"The folder {out.parent} is not there", "Make it, or name another one")
    _check_writable(out.parent)


def _check_writable(folder: Path) -> None:
    """By a file without a name: rights alone do not tell, as of folders that the system makes up."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        cause = f"No file can be made in {folder} ({error.strerror})"
        remedy = "Choose a folder that you may write to with --out"
        raise SecondUnitError(ErrorCode.NOT_WRITABLE, cause, remedy=remedy) from error


def _refused(cause: str, remedy: str) -> SecondUnitError:
    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
