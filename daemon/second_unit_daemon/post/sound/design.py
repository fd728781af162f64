# SPDX-License-Identifier: GPL-3.0-or-later
"""The sound of a clip: what is heard, layered, ducked, placed, levelled, exactly as long as the clip."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from attrs import field, frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ...encode.sound import SAMPLE_RATE, Sound
from .choose import MOST, Choice, choose
from .cues import Placed, Rush, placed_sounds, rushes
from .loudness import levelled
from .model import generated
from .noise import Mono, band, shaped
from .place import lead, placed, smooth
from .synth import SYNTHESISERS
from .vocabulary import SOURCES

if TYPE_CHECKING:
    from ...conditioning.shot_data import ShotData

FADE_S = 0.012  # at both ends, so that neither clicks
LOOP_S = 0.5  # the end goes over into the beginning in that time
DUCK_DB = -7.0
ENVELOPE_HZ = 100
LONGEST_S = 1800.0


@frozen(eq=False)
class Layer:
    """One of the sounds that were mixed, for the provenance."""

    source: str
    why: str
    level_db: float
    synthesised: bool = True


@frozen(eq=False)
class Designed:
    sound: Sound = field(repr=False)  # (N, 2) at 48 kHz
    layers: tuple[Layer, ...]


def design(
    prompt: str,
    samples: int,
    seed: int = 0,
    lufs: float = -16.0,
    shot: ShotData | None = None,
    loop: bool = False,
    model: Path | None = None,
) -> Designed:
    """Sound for ``samples`` at 48 kHz. With a shot, its moving things and its camera are heard too, where they are.

    Args:
        loop: its end goes over into its beginning, so that it can be repeated; else both ends are silent.
        model: a folder with a model that makes sound of the words, in place of the synthesis of what they name.


    Raises SecondUnitError(BAD_REQUEST) where nothing that is said or moves has a sound.
    """
    if not 1 <= samples <= LONGEST_S * SAMPLE_RATE:
        raise SecondUnitError(ErrorCode.BAD_REQUEST, f"Sound can last up to {LONGEST_S:.0f} s, and not nothing")
    asked = samples
    over = min(round(LOOP_S * SAMPLE_RATE), samples // 2) if loop else 0
    samples += over  # what comes after the end is laid under the beginning
    things, air = (placed_sounds(shot), rushes(shot)) if shot is not None else ([], [])
    carried = {thing.source for thing in things}
    chosen = (
        []
        if model
        else [choice for choice in choose(prompt) if choice.source not in carried][: MOST - min(len(things), MOST - 1)]
    )
    if not chosen and not things and not air and not (model and prompt.strip()):
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST,
            f"No sound is known for {prompt!r}" if prompt.strip() else "Nothing was said of the sound",
            remedy=f"Name one of {', '.join(SOURCES)}",
        )
    beds = [_bed(choice, samples, seed) for choice in chosen if not SOURCES[choice.source].event]
    events = [_bed(choice, samples, seed) for choice in chosen if SOURCES[choice.source].event]
    if shot is not None:
        rate = float(shot.request.grid.clip_rate)
        events += [_thing(thing, number, samples, rate, seed) for number, thing in enumerate(things)]
        events += [_rush(rush, number, samples, rate, seed) for number, rush in enumerate(air)]
    layers = [Layer(c.source, c.why, c.level_db) for c in chosen]
    if model is not None and prompt.strip():
        made, name = generated(model, prompt, samples, seed)
        beds.append(_evenly(made.astype(np.float64)))
        layers.append(Layer(name, prompt, 0.0, synthesised=False))
    mixed = np.zeros((samples, 2))
    loud = sum(events, np.zeros((samples, 2)))
    mixed += sum(beds, np.zeros((samples, 2))) * (_ducking(loud) if beds and events else 1.0)
    mixed += loud
    layers += [Layer(t.source, t.why, t.level_db) for t in things] + [Layer("air", r.why, 0.0) for r in air]
    if loop:
        return Designed(levelled(_closed(mixed, asked).astype(np.float32), lufs), tuple(layers))
    return Designed(_faded(levelled(mixed.astype(np.float32), lufs)), tuple(layers))


def _bed(choice: Choice, samples: int, seed: int) -> np.ndarray:
    """(N, 2): two takes that share their middle, so that it is wide and still holds together."""
    make, gain = SYNTHESISERS[choice.source], 10 ** (choice.level_db / 20)
    if SOURCES[choice.source].event or choice.source in ("engine", "siren", "hum", "train", "helicopter"):
        middle = _even(make(samples, _random(choice.source, seed, 0)))
        return gain * np.column_stack((middle, middle)) * np.sqrt(0.5)
    middle, left, right = (_even(make(samples, _random(choice.source, seed, part))) for part in range(3))
    return gain * np.column_stack((0.6 * middle + 0.5 * left, 0.6 * middle + 0.5 * right))


def _thing(thing: Placed, number: int, samples: int, rate: float, seed: int) -> np.ndarray:
    made = SYNTHESISERS[thing.source](samples + lead(thing.path_m), _random(thing.source, seed, 10 + number))
    return placed(_even(made), thing.path_m, rate) * 10 ** (thing.level_db / 20)


def _rush(rush: Rush, number: int, samples: int, rate: float, seed: int) -> np.ndarray:
    random = _random("air", seed, number)
    at = np.arange(len(rush.strength)) / rate
    strength = np.clip(smooth(np.arange(samples) / SAMPLE_RATE, at, rush.strength), 0, 1)
    low, high = (shaped(samples, random, band(*edges, 1)) for edges in ((120, 700), (700, 3500)))
    made = 0.25 * strength * (low + strength * high)
    return np.column_stack((made, made))


def _even(mono: Mono) -> Mono:
    """At the same loudness while it sounds, whatever it is: measured over its louder half-seconds."""
    return mono * _gain(mono)


def _evenly(stereo: np.ndarray) -> np.ndarray:
    """The same for (N, 2), whose sides keep their balance."""
    return stereo * _gain(stereo.mean(axis=1))


def _gain(mono: Mono) -> float:
    size = min(len(mono), SAMPLE_RATE // 2)
    blocks = mono[: len(mono) // size * size].reshape(-1, size)
    power = np.sqrt(np.mean(blocks**2, axis=1))
    return 0.1 / max(float(np.percentile(power, 90)), 1e-6)


def _ducking(loud: np.ndarray) -> np.ndarray:
    """(N, 1) gain that makes room where events are loud, moving within a tenth of a second."""
    step = SAMPLE_RATE // ENVELOPE_HZ
    count = -(-len(loud) // step)
    padded = np.pad(np.abs(loud).max(axis=1), (0, count * step - len(loud)))
    level = padded.reshape(count, step).max(axis=1).astype(np.float32)
    level = cv2.GaussianBlur(cv2.dilate(level[None], np.ones((1, 9), np.uint8)), (0, 0), 5.0)[0]
    reduction = DUCK_DB * np.clip(level / 0.25, 0, 1)
    curve = np.interp(np.arange(len(loud)), np.arange(count) * step, reduction)
    return 10 ** (curve[:, None] / 20)


def _closed(mixed: np.ndarray, samples: int) -> np.ndarray:
    """(samples, 2): what sounds beyond the end fades out under the beginning, at equal power."""
    over = len(mixed) - samples
    rising = np.sin(np.linspace(0, np.pi / 2, over))[:, None]
    closed = mixed[:samples].copy()
    closed[:over] = closed[:over] * rising + mixed[samples:] * rising[::-1]
    return closed


def _faded(sound: Sound) -> Sound:
    fade = min(round(FADE_S * SAMPLE_RATE), len(sound) // 2)
    ramp = (0.5 - 0.5 * np.cos(np.pi * np.arange(fade) / max(fade, 1))).astype(np.float32)[:, None]
    sound[:fade] *= ramp
    sound[len(sound) - fade :] *= ramp[::-1]
    return sound


def _random(source: str, seed: int, part: int) -> np.random.Generator:
    return np.random.default_rng((seed, zlib.crc32(source.encode()), part))
