# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever goes wrong while a shot is rendered, as an error for people."""

from __future__ import annotations

import errno

from attrs import evolve
from second_unit_protocol.errors import ErrorCode, ErrorInfo, SecondUnitError

MEMORY_ERRORS = ("MemoryError", "OutOfMemoryError", "_ArrayMemoryError")  # the second is torch's, the third numpy's


def error_of(error: BaseException, shot_name: str) -> ErrorInfo:
    """The error that the job ends with; the log has the traceback."""
    if isinstance(error, SecondUnitError):
        return error.info if error.info.shot else evolve(error.info, shot=shot_name)
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if type(error).__name__ in MEMORY_ERRORS or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return SecondUnitError(ErrorCode.OUT_OF_MEMORY, f"There was not enough memory ({text})", shot=shot_name).info
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        cause = f"The disk was full while the clip was written ({text})"
        return SecondUnitError(ErrorCode.DISK_FULL, cause, shot=shot_name).info
    return SecondUnitError(ErrorCode.ENGINE_FAILED, f"Rendering failed ({text[:500]})", shot=shot_name).info
