# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist asks of the finishing, as the words of the daemon's program. A test holds them against it."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from ..protocol.grid import Rate

SUFFIXES = {"MP4": ".mp4", "PRORES": ".mov", "FFV1": ".mkv"}


@frozen
class Finish:
    """Steps as the panel has them; 0, empty and False are off. ``between``: in-betweens, see ``BETWEEN``."""

    upscale: str = ""  # "2", "4" or "1920x1080"
    upscale_model: str = ""
    between: str = ""
    stabilise: bool = False
    deflicker: bool = False
    denoise: float = 0.0
    sharpen: float = 0.0
    match: str = ""  # a file
    match_part: str = ""  # FIRST:COUNT of it
    grain: float = 0.0


BETWEEN = {"FILL": 1, "SLOW2": 2, "SLOW4": 4}  # how much longer the clip gets


def steps(asked: Finish, played: Rate, scene: Rate) -> list[str]:
    """Steps in the order that serves the picture: repairs first, what is looked at closely last.

    Args:
        played: rate at which the clip is played; ``scene``: the scene's.
    """
    made = []
    if asked.stabilise:
        made.append("stabilise")
    if asked.deflicker:
        made.append("deflicker")
    if asked.denoise:
        made.append(f"denoise:{asked.denoise:g}")
    if asked.between:
        rate = between_rate(asked, played, scene)
        made.append(f"interpolate:{rate.num}/{rate.den}")
    if asked.upscale:
        model = f",model={escaped(asked.upscale_model)}" if asked.upscale_model else ""
        made.append(f"upscale:{asked.upscale}{model}")
    if asked.sharpen:
        made.append(f"sharpen:{asked.sharpen:g}")
    if asked.match:
        part = f",part={asked.match_part}" if asked.match_part else ""
        made.append(f"match:{escaped(asked.match)}{part}")
    if asked.grain:
        made.append(f"grain:{asked.grain:g}")
    return made


def between_rate(asked: Finish, played: Rate, scene: Rate) -> Rate:
    """Rate of the finished file."""
    if not asked.between:
        return played
    if asked.between == "FILL":
        return scene
    faster = played.fraction * BETWEEN[asked.between]
    return Rate(faster.numerator, faster.denominator)


def shown_rate(asked: Finish, played: Rate, scene: Rate) -> Rate:
    """Rate at which the finished file is played: slow motion has more frames and keeps the pace of the old ones."""
    return scene if asked.between == "FILL" else played


def needs_shot(asked: Finish) -> bool:
    """A step needs the captured shot, or makes better use of the clip with it."""
    return asked.stabilise or bool(asked.between)


def clip_words(file: Path, first: int, count: int, whole: bool, played: Rate) -> list[str]:
    """How a part of a file, played at a rate, is named to the program."""
    words = [str(file), "--fps", f"{played.num}/{played.den}"]
    return words if whole else [*words, "--part", f"{first}:{count}"]


def escaped(path: str) -> str:
    """A path inside a step's words, where commas part the options."""
    return path.replace(",", "\\,")


def free_path(folder: Path, stem: str, suffix: str) -> Path:
    """A file in ``folder`` that is not there yet: STEM.mp4, STEM_2.mp4 …"""
    place, number = folder / f"{stem}{suffix}", 2
    while place.exists():
        place, number = folder / f"{stem}_{number}{suffix}", number + 1
    return place
