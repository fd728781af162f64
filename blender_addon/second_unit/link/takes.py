# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of takes on disk: <folder>/<shot>/take_001.mp4 and its companions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from ..protocol.results import ShotResult
from ..protocol.shot import BlobRef

_SUFFIX = {"clip": ".mp4", "master": ".mkv", "holes": "_holes.mkv", "poster": ".jpg", "sound": ".wav",
           "still": ".png"}  # fmt: skip
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)  # Windows keeps these names for itself
_TAKE = re.compile(r"take_(\d+)")


def shot_folder(folder: Path, shot_name: str) -> Path:
    """The folder of a shot's takes: its name with what file systems refuse replaced."""
    name = re.sub(r"[^\w\-. ]+", "_", shot_name).strip(" .")[:80] or "shot"
    return folder / (f"{name}_" if _RESERVED.match(name) else name)


def next_take(folder: Path, shot_name: str, reserved: Iterable[int]) -> int:
    """The number after the highest take on disk and of ``reserved`` (takes of this shot still to come)."""
    try:
        names = [path.name for path in shot_folder(folder, shot_name).iterdir()]
    except OSError:
        names = []
    on_disk = [int(match[1]) for name in names if (match := _TAKE.match(name))]
    return max([0, *on_disk, *reserved]) + 1


def free_stem(folder: Path, take: int, job_id: str, own: Collection[Path]) -> Path:
    """Where the take's files go, without their suffix. Files of another job (of a .blend in the same folder whose shot
    has the same name) are never written over; those in ``own`` may be."""
    stem = folder / f"take_{take:03d}"
    clip = _with(stem, "clip")
    return stem if clip in own or not clip.exists() else stem.with_name(f"{stem.name}_{job_id[:8]}")


def take_files(stem: Path, result: ShotResult) -> dict[str, tuple[BlobRef, Path]]:
    """Where each file of a result goes."""
    blobs = {
        "clip": result.clip,
        "master": result.master,
        "holes": result.holes,
        "poster": result.poster,
        "sound": result.sound,
        "still": result.still,
    }
    return {name: (blob, _with(stem, name)) for name, blob in blobs.items() if blob is not None}


def _with(stem: Path, name: str) -> Path:
    return stem.with_name(stem.name + _SUFFIX[name])
