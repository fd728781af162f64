# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows that were made, kept on disk under the address of everything that went into them.

A job that failed in its fourth window finds the first three here when it is tried again, and a take that is made again
with other finishing finds them all. The oldest go when room is needed.
"""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from attrs import fields, frozen, has
from numpy.typing import NDArray
from PIL import Image

from ... import versions
from .running import Made

log = logging.getLogger(__name__)

ROOM_BYTES = 4 << 30


@frozen(eq=False)
class KeptWindow:
    """``state``: the generator's after the run, so that what follows is the same as without the keeping."""

    made: Made
    state: torch.Tensor


class Windows:
    """A folder of kept windows."""

    def __init__(self, folder: Path, room_bytes: int = ROOM_BYTES):
        self._folder = folder
        self._room = room_bytes

    def find(self, address: str) -> KeptWindow | None:
        path = self._path(address)
        try:
            with np.load(path, allow_pickle=False) as file:
                sound = (file["sound"], int(file["sound_rate"])) if "sound" in file else None
                kept = KeptWindow(Made(file["frames"], sound), torch.from_numpy(file["state"]))
            os.utime(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError):  # cut short by a crash: it is made again
            log.warning("a kept window cannot be read: %s", path.name)
            path.unlink(missing_ok=True)
            return None
        return kept

    def keep(self, address: str, made: Made, state: torch.Tensor) -> None:
        """Keeping is a convenience: a full disk is no reason to fail."""
        parts: dict[str, NDArray] = {"frames": made.frames, "state": state.numpy()}
        if made.sound:
            parts |= {"sound": made.sound[0], "sound_rate": np.array(made.sound[1])}
        path = self._path(address)
        half = path.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with half.open("wb") as file:
                np.savez(file, **parts)
            os.replace(half, path)
            self._make_room()
        except OSError as error:
            log.warning("a window could not be kept: %s", error)
            half.unlink(missing_ok=True)

    def _path(self, address: str) -> Path:
        return self._folder / f"{address}.npz"

    def _make_room(self) -> None:
        found = sorted(((p.stat().st_mtime, p.stat().st_size, p) for p in self._folder.glob("*.npz")), reverse=True)
        total = 0
        for _, size, path in found:
            total += size
            if total > self._room:
                path.unlink(missing_ok=True)


def address_of(*parts: Any) -> str | None:
    """SHA-256 of values: numbers, text, arrays, pictures, attrs objects, lists and maps of them, and the versions of
    what computes with them. None where one of them cannot be told."""
    whole = hashlib.sha256()
    try:
        for part in (versions.packages(), *parts):
            _feed(whole, part)
    except TypeError:
        return None
    return whole.hexdigest()


def _feed(whole: Any, value: Any) -> None:
    whole.update(type(value).__name__.encode() + b"\0")
    if value is None or isinstance(value, bool | int | float | str | Path):
        whole.update(repr(value).encode() + b"\0")
    elif isinstance(value, np.ndarray | torch.Tensor):
        array = value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else value
        whole.update(f"{array.dtype}{array.shape}".encode())
        whole.update(np.ascontiguousarray(array).tobytes())
    elif isinstance(value, Image.Image):
        whole.update(f"{value.mode}{value.size}".encode() + value.tobytes())
    elif isinstance(value, dict):
        for name in sorted(value):
            _feed(whole, name)
            _feed(whole, value[name])
    elif isinstance(value, list | tuple):
        for item in value:
            _feed(whole, item)
    elif has(type(value)):
        for field in fields(type(value)):
            _feed(whole, getattr(value, field.name))
    else:
        raise TypeError(f"{type(value).__name__} has no address")
