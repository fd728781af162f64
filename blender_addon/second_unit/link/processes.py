# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a process of this machine lives, and the name of a run of Blender that can be asked for later."""

from __future__ import annotations

import os
import sys
import uuid


def alive(pid: int) -> bool:
    """Whether a process of that number runs. On doubt (another user's process) it does."""
    if pid <= 0:
        return False
    if sys.platform == "win32":
        return _alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def new_session() -> str:
    """A name for this run with the file that is open now; it carries the process's number."""
    return f"{os.getpid()}-{uuid.uuid4().hex[:12]}"


def session_alive(session: str) -> bool:
    """Whether the Blender that wrote as ``session`` may still be running: another process that lives."""
    pid = session.partition("-")[0]
    return pid.isdigit() and int(pid) != os.getpid() and alive(int(pid))


def _alive_on_windows(pid: int) -> bool:
    import ctypes

    query_limited_information, still_active = 0x1000, 259
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined]
    handle = kernel.OpenProcess(query_limited_information, False, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return code.value == still_active
