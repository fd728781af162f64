# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads depth and object numbers from the multilayer EXR that Blender writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from ..protocol.errors import ErrorCode, SecondUnitError

# 5.x calls the second one by its whole name; where it writes a part per pass, the last letter differs too.
_DEPTH = (".Depth.Z", ".Depth.V")
_INDEX = (".IndexOB.X", ".IndexOB.V", ".Object Index.X", ".Object Index.V")


def read_passes(path: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(depth, object numbers), each (H, W) float32. Raises SecondUnitError(CAPTURE_FAILED)."""
    try:
        with OpenEXR.File(str(path), separate_channels=True) as file:
            channels = {name: channel for part in file.parts for name, channel in _named(part)}
            depth, index = _pick(channels, _DEPTH), _pick(channels, _INDEX)
    except (OSError, RuntimeError, LookupError) as error:
        raise SecondUnitError(
            ErrorCode.CAPTURE_FAILED, f"The passes that Cycles wrote cannot be read ({error})"
        ) from error
    return depth, index


def _named(part):
    prefix = part.name() or ""
    for name, channel in part.channels.items():
        yield f"{prefix}.{name}", channel.pixels


def _pick(channels: dict[str, NDArray], endings: tuple[str, ...]) -> NDArray[np.float32]:
    for name, pixels in channels.items():
        if name.endswith(endings):
            return np.array(pixels, np.float32)  # a copy: the file's own memory ends with it
    raise LookupError(f"none of {endings} is among {sorted(channels)}")
