# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist asks of the finishing, as steps and as words of the daemon's program; a test compares."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ..protocol.grid import Rate
from ..protocol.late import evolve, frozen
from ..protocol.shot import PostStep, Scalar

SUFFIXES = {"MP4": ".mp4", "PRORES": ".mov", "FFV1": ".mkv"}


@frozen
class Finish:
    """Steps as a panel has them; 0, empty and False are off. ``between``: in-betweens, see ``BETWEEN``."""

    upscale: str = ""  # "2", "4" or "1920x1080"
    upscale_model: str = ""
    between: str = ""
    stabilise: bool = False
    deflicker: bool = False
    denoise: float = 0.0
    shutter: float = 0.0  # degrees
    sharpen: float = 0.0
    match: str = ""  # a file
    match_part: str = ""  # FIRST:COUNT of it
    match_references: bool = False
    grain: float = 0.0
    sound: bool = False
    sound_prompt: str = ""
    sound_seed: int = 0


LEAST_SHUTTER_DEG = 1.0  # what the daemon calls a shutter
OF_SHOT = "SHOT"  # in-betweens of a shot that is still to be made: its job knows the scene's rate
BETWEEN = {"FILL": 1, "SLOW2": 2, "SLOW4": 4}  # how much longer the clip gets


def steps(asked: Finish, played: Rate, scene: Rate) -> tuple[PostStep, ...]:
    """Steps in the order that serves the picture: repairs first, what is looked at closely last.

    Args:
        played: rate at which the clip is played; ``scene``: the scene's.
    """
    made: list[PostStep] = []

    def step(name: str, **options: Scalar) -> None:
        made.append(PostStep(name, {key: value for key, value in options.items() if value != ""}))

    if asked.stabilise:
        step("stabilise")
    if asked.deflicker:
        step("deflicker")
    if asked.denoise:
        step("denoise", strength=_plain(asked.denoise))
    if asked.between:
        rate = between_rate(asked, played, scene)
        told = "" if asked.between == OF_SHOT else f"{rate.num}/{rate.den}"
        step("interpolate", rate=told)
    if asked.shutter >= LEAST_SHUTTER_DEG:
        step("shutter", angle=_plain(asked.shutter))
    if asked.upscale:
        step("upscale", size=asked.upscale, model=asked.upscale_model)
    if asked.sharpen:
        step("sharpen", strength=_plain(asked.sharpen))
    if asked.match_references or asked.match:
        step("match", to=asked.match, part=asked.match_part)
    if asked.grain:
        step("grain", strength=_plain(asked.grain))
    if asked.sound:
        step("sound", prompt=asked.sound_prompt.strip(), seed=asked.sound_seed)
    return tuple(made)


def of_shot(asked: Finish, scene: Rate) -> tuple[PostStep, ...]:
    """The steps that go with a shot to its job."""
    between = OF_SHOT if asked.between else ""
    return steps(evolve(asked, between=between), scene, scene)


def words(step: PostStep) -> str:
    """A step as the program reads it: NAME:VALUE,option=value …; VALUE is what the step is mostly about."""
    parts = []
    for name, value in step.options.items():
        text = f"{value:g}" if isinstance(value, float) else str(value).replace(",", _COMMA)
        parts.append(text if name in _MAIN else f"{name}={text}")
    return f"{step.step}:{','.join(parts)}" if parts else step.step


def told(steps: tuple[PostStep, ...], width: int, height: int) -> str:
    """What will be done to a clip of that size, as a sentence of the panel; empty where nothing will be."""
    said = []
    for step in steps:
        words = _SAID[step.step]
        if step.step == "upscale":
            size = str(step.options["size"])
            grown = size.split("x") if "x" in size else [str(int(size) * side) for side in (width, height)]
            words += " to " + " × ".join(grown)
        elif strength := step.options.get("strength"):
            words += f" {strength:g}"
        elif angle := step.options.get("angle"):
            words += f" {angle:g}°"
        said.append(words)
    return f"Then: {', '.join(said)}" if said else ""


_COMMA = "\\,"  # inside a value; others part the options
_MAIN = ("size", "rate", "angle", "strength")
_SAID = {
    "stabilise": "stabilised onto its camera",
    "deflicker": "deflickered",
    "denoise": "denoised",
    "interpolate": "frames in between",
    "shutter": "motion blur",
    "upscale": "enlarged",
    "sharpen": "sharpened",
    "match": "coloured as the references",
    "grain": "grain",
    "sound": "sound",
}


def _plain(value: float) -> float:
    """A property's single-precision number as it was typed."""
    return float(f"{value:.6g}")


def between_rate(asked: Finish, played: Rate, scene: Rate) -> Rate:
    """Rate of the finished file."""
    if not asked.between:
        return played
    if asked.between in ("FILL", OF_SHOT):
        return scene
    faster = played.fraction * BETWEEN[asked.between]
    return Rate(faster.numerator, faster.denominator)


def shown_rate(asked: Finish, played: Rate, scene: Rate) -> Rate:
    """Rate at which the finished file is played: slow motion has more frames and keeps the pace of the old ones."""
    return scene if asked.between == "FILL" else played


def needs_shot(asked: Finish) -> bool:
    """A step needs the captured shot, or makes better use of the clip with it."""
    return asked.stabilise or bool(asked.between) or asked.shutter >= LEAST_SHUTTER_DEG


def clip_words(file: Path, first: int, count: int, whole: bool, played: Rate) -> list[str]:
    """How a part of a file, played at a rate, is named to the program."""
    words = [str(file), "--fps", f"{played.num}/{played.den}"]
    return words if whole else [*words, "--part", f"{first}:{count}"]


def free_path(folder: Path, stem: str, suffix: str, taken: Collection[Path] = ()) -> Path:
    """A file in ``folder`` that is not there yet, nor ``taken``: STEM.mp4, STEM_2.mp4 …"""
    place, number = folder / f"{stem}{suffix}", 2
    while place in taken or place.exists():
        place, number = folder / f"{stem}_{number}{suffix}", number + 1
    return place
