# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to render on. torch is never imported: the daemon's own process asks."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psutil
from second_unit_protocol.results import DeviceInfo

MEBIBYTE = 1 << 20
TOOL_TIMEOUT_S = 20
_VARIABLE = "SECOND_UNIT_DEVICE"


def best() -> DeviceInfo:
    """The first card that the installed torch can use, else the processor."""
    return next(iter(cards()), None) or cpu() if torch_uses_cards() else cpu()


def asked_for() -> DeviceInfo:
    """What a request that a command puts together is planned for: this machine's best, or what ``_VARIABLE`` names.

    Blender sets that for a daemon on another machine.
    """
    try:
        told = json.loads(os.environ.get(_VARIABLE, ""))
        return DeviceInfo(str(told["name"]), str(told["kind"]), int(told["total_bytes"]), int(told["free_bytes"]))
    except (ValueError, KeyError, TypeError):
        return best()


def fresh(device: DeviceInfo) -> DeviceInfo:
    """The same device, with its memory as it is now."""
    if device.kind == "cuda":
        return next((card for card in cards() if card.name == device.name), device)
    return cpu()


def cpu() -> DeviceInfo:
    """The processor, with the machine's memory as it is now."""
    memory = psutil.virtual_memory()
    return DeviceInfo(_processor_name(), "cpu", memory.total, memory.available)


def cards() -> list[DeviceInfo]:
    """NVIDIA cards, by the driver's own tool; empty where there is no driver. What our own workers hold is free."""
    ours = _held_by_us()
    found = []
    for index, line in enumerate(_ask("--query-gpu=name,memory.total,memory.free")):
        name, *sizes = (part.strip() for part in line.rsplit(",", 2))
        if len(sizes) == 2 and all(size.isdigit() for size in sizes):
            total, free = sizes
            held = ours if index == 0 else 0  # workers use the first card
            available = min(int(free) * MEBIBYTE + held, int(total) * MEBIBYTE)
            found.append(DeviceInfo(name, "cuda", int(total) * MEBIBYTE, available))
    return found


def torch_uses_cards() -> bool:
    """Whether the installed torch was built for CUDA, read from its version file."""
    try:
        spec = find_spec("torch")
        text = Path(spec.origin).with_name("version.py").read_text("utf-8") if spec and spec.origin else ""
    except (OSError, ValueError):
        return False
    built = re.search(r"^cuda\b[^=\n]*= *(.+)$", text, flags=re.MULTILINE)
    return bool(built) and built[1].strip() != "None"


def _held_by_us() -> int:
    """Bytes on the card that this daemon's worker processes hold; 0 where the driver does not tell."""
    pids = {child.pid for child in psutil.Process().children(recursive=True)}  # we ourselves never import torch
    if not pids:
        return 0
    held = 0
    for line in _ask("--query-compute-apps=pid,used_memory"):
        pid, _, used = (part.strip() for part in line.partition(","))
        if pid.isdigit() and used.isdigit() and int(pid) in pids:
            held += int(used) * MEBIBYTE
    return held


def _ask(query: str) -> list[str]:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    try:
        answer = subprocess.run(
            [tool, query, "--format=csv,noheader,nounits"],
            capture_output=True, text=True, timeout=TOOL_TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line.strip() for line in answer.stdout.splitlines() if line.strip()] if answer.returncode == 0 else []


@cache
def _processor_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
