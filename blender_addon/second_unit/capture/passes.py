# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads depth and the numbers of objects and materials from the multilayer EXR that Blender writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..protocol.errors import ErrorCode, SecondUnitError

# 5.x calls the second one by its whole name; where it writes a part per pass, the last letter differs too.
_DEPTH = (".Depth.Z", ".Depth.V")
_INDEX = (".IndexOB.X", ".IndexOB.V", ".Object Index.X", ".Object Index.V")
_MATERIAL = (".IndexMA.X", ".IndexMA.V", ".Material Index.X", ".Material Index.V")
Pass = NDArray[np.float32]


def read_passes(path: Path, materials: bool) -> tuple[Pass, Pass, Pass | None]:
    """(depth, object numbers, material numbers), each (H, W). Raises SecondUnitError(CAPTURE_FAILED)."""
    import OpenEXR  # a capture's first frame waits for it, not Blender's start

    try:
        with OpenEXR.File(str(path), separate_channels=True) as file:
            channels = {name: channel for part in file.parts for name, channel in _named(part)}
            depth, index = _pick(channels, _DEPTH), _pick(channels, _INDEX)
            material = _pick(channels, _MATERIAL) if materials else None
    except (OSError, RuntimeError, LookupError) as error:
        raise SecondUnitError(
            ErrorCode.CAPTURE_FAILED, f"The passes that Cycles wrote cannot be read ({error})"
        ) from error
    return depth, index, material


def _named(part):
    prefix = part.name() or ""
    for name, channel in part.channels.items():
        yield f"{prefix}.{name}", channel.pixels


def _pick(channels: dict[str, NDArray], endings: tuple[str, ...]) -> NDArray[np.float32]:
    for name, pixels in channels.items():
        if name.endswith(endings):
            return np.array(pixels, np.float32)  # a copy: the file's own memory ends with it
    raise LookupError(f"none of {endings} is among {sorted(channels)}")
