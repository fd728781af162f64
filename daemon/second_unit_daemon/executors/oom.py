# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the system has been killing processes for want of memory: tells that SIGKILL from anybody else's."""

from __future__ import annotations

from pathlib import Path

COUNTERS = ((Path("/proc/vmstat"), "oom_kill"), (Path("/sys/fs/cgroup/memory.events"), "oom_kill"))


def kills() -> int:
    """How many processes the kernel has killed for memory so far, by its own counters; 0 where it has none."""
    return sum(_counter(path, name) for path, name in COUNTERS)


def _counter(path: Path, name: str) -> int:
    try:
        lines = path.read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(words[1]) for line in lines if len(words := line.split()) == 2 and words[0] == name), 0)
