# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to render on."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path

import psutil
from second_unit_protocol.results import DeviceInfo


def cpu() -> DeviceInfo:
    """The processor, with the machine's memory as it is now."""
    memory = psutil.virtual_memory()
    return DeviceInfo(_processor_name(), "cpu", memory.total, memory.available)


@cache
def _processor_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
