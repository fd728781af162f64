# SPDX-License-Identifier: GPL-3.0-or-later
"""The sound of a delivery: whose it is, from where, how loud; and written down so that it can be laid again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ..encode.sound import SAMPLE_RATE, Sound, fitted, read_sound, sample_count
from .clip import SourceClip
from .sound.loudness import levelled


@frozen
class Heard:
    """What a delivery was told of its sound. ``file``: None for the clip's own; ``begin_s`` into that file."""

    file: Path | None = None
    begin_s: float = 0.0
    volume: float = 1.0
    lufs: float | None = None

    def of(self, source: SourceClip) -> Sound | None:
        """As long as the clip; None where it has none. Raises SecondUnitError where there is none to level."""
        if self.file is None:
            sound = source.sound()
        else:
            begun = read_sound(self.file)[round(self.begin_s * SAMPLE_RATE) :]
            sound = fitted(begun, sample_count(source.stream.frames, source.stream.rate))
        if sound is not None and self.volume != 1:
            sound = (sound * self.volume).clip(-1, 1)
        return sound if self.lufs is None else heard_at(sound, self.lufs)

    def notes(self) -> dict[str, Any]:
        """For the provenance; nothing for the clip's own sound as it is."""
        notes: dict[str, Any] = {}
        if self.file is not None:
            notes |= {"sound": str(self.file.resolve()), "sound_sha256": _digest(self.file)}
        if self.begin_s:
            notes["sound_from"] = self.begin_s
        if self.volume != 1:
            notes["volume"] = self.volume
        if self.lufs is not None:
            notes["lufs"] = self.lufs
        return notes


def heard_at(sound: Sound | None, lufs: float) -> Sound:
    """Sound at a loudness; silence stays silent. Raises SecondUnitError where there is none, or nothing measures it."""
    if sound is None:
        remedy = "Give it sound, or leave its loudness as it is"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, "The clip has no sound to level", remedy=remedy)
    return levelled(sound, lufs)


def heard_before(delivered: Mapping[str, Any]) -> tuple[Heard, str]:
    """(the sound that a delivery wrote down, why it cannot be laid again or nothing)."""
    lufs = delivered.get("lufs")
    told = Heard(
        file=Path(str(delivered["sound"])) if delivered.get("sound") else None,
        begin_s=float(delivered.get("sound_from", 0)),
        volume=float(delivered.get("volume", 1)),
        lufs=None if lufs is None else float(lufs),
    )
    if told.file is None:
        return told, ""
    if not told.file.is_file():
        return told, f"{told.file} is not there any more"
    if _digest(told.file) != delivered.get("sound_sha256"):
        return told, f"{told.file} is another one now"
    return told, ""


def own_sound(told: Heard, source: SourceClip) -> Heard:
    """Without the loudness where the clip has no sound of its own that could have one."""
    silent = told.lufs is not None and told.file is None and source.sound() is None
    return evolve(told, lufs=None) if silent else told


def how_to_add(told: Heard, out: Path, preset: str) -> str:
    """The command that lays it under the file that was made without it."""
    words = ["second-unit deliver", str(out), f"--preset {preset}", "--sound FILE"]
    words += [f"--sound-from {told.begin_s:g}"] if told.begin_s else []
    words += [f"--volume {told.volume:g}"] if told.volume != 1 else []
    words += [f"--lufs {told.lufs:g}"] if told.lufs is not None else []
    return " ".join([*words, "--out NEW"])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
