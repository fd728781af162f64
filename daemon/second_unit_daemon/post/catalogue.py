# SPDX-License-Identifier: GPL-3.0-or-later
"""Which steps there are and what each can be told. Light: the daemon checks a request with it before it is a job."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.shot import PostStep, Scalar

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData
    from .step import Step


@frozen
class Option:
    """One setting of a step. ``low`` and ``high`` bound numbers; a text's ``choices`` are all it may be."""

    default: Scalar
    help: str
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()


@frozen
class StepInfo:
    """A step by its name on the command line. ``main`` is the option that a bare value after the colon sets."""

    name: str
    help: str
    implementation: str  # module:class, below post
    main: str = ""
    options: Mapping[str, Option] = field(factory=dict)


STEPS = {
    info.name: info
    for info in (
        StepInfo(
            "upscale",
            "larger, with a network that draws edges sharp",
            "upscale.step:Upscale",
            "size",
            {
                "size": Option(
                    "2", "2 or 4 times, or a size such as 1920x1080, which the middle fills where the aspect differs"
                ),
                "model": Option(
                    "",
                    "your own model: a .safetensors file that spandrel knows, or the folder of LTX's latent upsampler "
                    "or of Kandinsky's SR; empty for the built-in one",
                ),
            },
        ),
        StepInfo(
            "interpolate",
            "frames in between, at any rate; cuts are never blended",
            "interpolate.step:Interpolate",
            "rate",
            {
                "rate": Option("", "frames per second, such as 48 or 24000/1001; empty for the scene's in a shot"),
                "method": Option(
                    "auto",
                    "exact needs the shot's depth, rife a network of yours; auto takes the best there is",
                    choices=("auto", "exact", "rife", "flow"),
                ),
                "model": Option(
                    "", "your own RIFE, an .onnx file; empty for rife.onnx in your user folder, if it is there"
                ),
            },
        ),
        StepInfo(
            "stabilise",
            "onto the camera that was asked for, by the shot's depth",
            "stabilise:Stabilise",
            "most",
            {"most": Option(2.0, "per cent of the width; a frame that is farther off is left alone", 0.1, 10.0)},
        ),
        StepInfo(
            "shutter",
            "motion blur: each frame is the light of several moments while the shutter is open",
            "shutter:Shutter",
            "angle",
            {
                "angle": Option(180.0, "degrees that the shutter is open; 360 is the whole frame", 1.0, 360.0),
                "samples": Option(8, "moments a frame", 2, 64),
            },
        ),
        StepInfo(
            "deflicker",
            "brightness that jumps from frame to frame made even",
            "deflicker:Deflicker",
            "window",
            {"window": Option(9, "frames that are averaged over, before and after", 3, 31)},
        ),
        StepInfo(
            "denoise",
            "less noise, by averaging along motion",
            "denoise:Denoise",
            "strength",
            {"strength": Option(0.5, "0 nothing, 1 most", 0.0, 1.0)},
        ),
        StepInfo(
            "sharpen",
            "crisper detail, without halos",
            "sharpen:Sharpen",
            "strength",
            {
                "strength": Option(0.5, "0 nothing, 1 much", 0.0, 2.0),
                "radius": Option(1.0, "pixels", 0.3, 5.0),
            },
        ),
        StepInfo(
            "grain",
            "film grain, the same for the same seed",
            "grain:Grain",
            "strength",
            {
                "strength": Option(0.3, "0 nothing, 1 coarse stock", 0.0, 1.0),
                "size": Option(1.3, "of a grain, in pixels", 0.5, 6.0),
                "seed": Option(0, "which grain", 0, 2**31 - 1),
            },
        ),
        StepInfo(
            "match",
            "colours of a reference picture or of a neighbouring clip",
            "match:Match",
            "to",
            {
                "to": Option("", "a picture or a clip; empty for the shot's references"),
                "part": Option("", "of the clip: its first frame and how many, such as 12:48"),
                "strength": Option(1.0, "0 nothing, 1 all the way", 0.0, 1.0),
            },
        ),
    )
}

SOUND = "sound"  # runs beside the frames of a shot, not as a step of the stream
SOUND_OPTIONS = {
    "prompt": Option("", "what is heard; empty for the shot's own prompt and what moves in it"),
    "model": Option("", "a folder with a Stable Audio model; empty for synthesis"),
    "lufs": Option(-16.0, "loudness, in LUFS", -40.0, -6.0),
    "seed": Option(0, "which of the possible sounds", 0, 2**31 - 1),
}


def parse(text: str) -> PostStep:
    """``NAME[:VALUE][,option=value …]`` as on the command line; a comma in a value is written ``\\,``.

    Raises SecondUnitError(BAD_REQUEST).
    """
    name, _, rest = text.partition(":")
    info = _info(name.strip())
    options: dict[str, Scalar] = {}
    for place, part in enumerate(p.replace("\\,", ",") for p in re.split(r"(?<!\\),", rest) if p):
        key, equals, value = part.partition("=")
        if not equals:
            if place or not info.main:
                raise _refused(f"the step {name} cannot read {part!r}: write option=value")
            key, value = info.main, part
        options[key.strip()] = _read(info, key.strip(), value.strip())
    step = PostStep(info.name, options)
    settings(step)
    return step


def settings(step: PostStep) -> dict[str, Scalar]:
    """All options of a step, defaults filled in. Raises SecondUnitError(BAD_REQUEST) for one that does not exist or
    whose value does not fit."""
    given = SOUND_OPTIONS if step.step == SOUND else _info(step.step).options
    for name, value in step.options.items():
        if name not in given:
            raise _refused(f"the step {step.step} has no option {name}; it has {', '.join(given)}")
        _check(step.step, name, value, given[name])
    return {name: step.options.get(name, option.default) for name, option in given.items()}


def check(steps: Iterable[PostStep]) -> None:
    """Raises SecondUnitError(BAD_REQUEST) for the first step that cannot be."""
    for step in steps:
        settings(step)


def make(step: PostStep, shot: ShotData | None = None) -> Step:
    """The step, ready to run. Raises SecondUnitError for options that do not fit or a part that is not installed."""
    info = _info(step.step)
    module, _, name = info.implementation.partition(":")
    made = getattr(importlib.import_module(f".{module}", __package__), name)
    return made(settings(step), shot)


def _info(name: str) -> StepInfo:
    if name == SOUND:
        raise _refused("sound is made beside the frames, by second-unit sound, or by a job whose shot asks for it")
    if name not in STEPS:
        raise _refused(f"there is no step {name!r}; there are {', '.join(STEPS)}")
    return STEPS[name]


def _read(info: StepInfo, name: str, text: str) -> Scalar:
    """Text from the command line as the type of the option's default."""
    option = info.options.get(name)
    if option is None:
        raise _refused(f"the step {info.name} has no option {name}; it has {', '.join(info.options)}")
    try:
        return type(option.default)(text)
    except ValueError:
        raise _refused(f"{name} of {info.name} must be a number, not {text!r}") from None


def _check(step: str, name: str, value: Scalar, option: Option) -> None:
    if isinstance(option.default, str):
        if not isinstance(value, str) or (option.choices and value not in option.choices):
            allowed = f"one of {', '.join(option.choices)}" if option.choices else "text"
            raise _refused(f"{name} of {step} must be {allowed}, not {value!r}")
    elif isinstance(value, (str, bool)) or not option.low <= value <= option.high:
        raise _refused(f"{name} of {step} must be a number from {option.low:g} to {option.high:g}, not {value!r}")


def _refused(cause: str) -> SecondUnitError:
    return SecondUnitError(
        ErrorCode.BAD_REQUEST,
        cause[0].upper() + cause[1:],
        remedy="Change the step; they are listed by: second-unit finish --help",
    )
