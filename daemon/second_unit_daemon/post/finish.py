# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip through a chain into a file: one pass, flat memory, its provenance carried on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.shot import PostStep

from .. import __version__
from ..encode.delivery import DeliveryWriter
from ..encode.formats import FORMATS, Format
from .chain import Chain
from .clip import SourceClip
from .stream import Stream
from .target import check_target

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData

Told = Callable[[int, int], None]  # how much is done, how much there is in all
PARTS = 100  # of a frame, for those who are told

BY_SUFFIX = {
    ".mp4": "h264",
    ".mov": "prores4444",
    ".mkv": "ffv1",
    ".webm": "webm",
    ".gif": "gif",
    ".webp": "webp",
    "": "png",
}


@frozen
class Finished:
    """What was made: the stream in ``path``, and its provenance with what every step did and found."""

    path: Path
    stream: Stream
    provenance: dict[str, Any]
    lost_alpha: bool = False  # something was transparent; it lies over black now
    lost_sound: bool = False  # there was sound, and the format holds none


def format_of(path: Path) -> Format:
    """The format that a file's name asks for. Raises SecondUnitError(BAD_REQUEST) for a suffix that means none."""
    name = BY_SUFFIX.get(path.suffix.lower())
    if name is None:
        known = ", ".join(suffix or "no suffix (a folder of PNG)" for suffix in BY_SUFFIX)
        cause = f"Nothing is known of files that end with {path.suffix}"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=f"Name it with one of {known}")
    return FORMATS[name]


def finish(
    source: SourceClip,
    steps: Sequence[PostStep],
    out: Path,
    shot: ShotData | None = None,
    told: Told = lambda done, total: None,
) -> Finished:
    """Runs ``steps`` over a clip. ``shot``: what the clip was shot from, for the steps that know more with it.

    Raises SecondUnitError where a step cannot run, the clip cannot be read or ``out`` not be written.
    """
    if out.resolve() == source.path.resolve():
        raise SecondUnitError(ErrorCode.BAD_REQUEST, f"{out.name} is the clip itself", remedy="Name another file")
    form = format_of(out)
    check_target(out, form.suffix, form.what)
    chain = Chain(steps, shot)
    stream = chain.shape(source.stream)
    heard, frames = source.sound(), source.frames()
    made = chain.run(frames, source.stream)  # nothing flows yet, but each step knows by which way it goes
    writer = DeliveryWriter(
        out,
        form,
        stream.width,
        stream.height,
        stream.rate,
        carried_on(source, chain.facts()),
        alpha=stream.alpha,
        sound=heard,
    )
    so_far = _SoFar(told, PARTS * stream.frames)
    chain.tell(so_far.within)
    with closing(frames), writer:  # type: ignore[type-var]
        for frame in made:
            writer.write(frame)
            so_far.frame()
    return Finished(
        out, stream, carried_on(source, chain.facts()), writer.lost_alpha, heard is not None and not form.sound
    )


class _SoFar:
    """Tells what is done in parts of a frame; never less than before, where a step looks at frames ahead."""

    def __init__(self, told: Told, total: int):
        self._told, self._total = told, total
        self._frames, self._most = 0, 0

    def frame(self) -> None:
        self._frames += 1
        self.within(0.0)

    def within(self, share: float) -> None:
        self._most = max(self._most, min(PARTS * self._frames + int(PARTS * share), self._total))
        self._told(self._most, self._total)


def carried_on(source: SourceClip, finishing: list[dict[str, Any]]) -> dict[str, Any]:
    """The clip's provenance with what was done to it since, so that a finished file still tells how it was shot."""
    facts = dict(source.provenance)
    facts.pop("picture_size", None)
    facts.setdefault("made_by", f"Second Unit {__version__}")
    before = facts.get("finishing")
    done = [*(before if isinstance(before, list) else []), *source.taken(), *finishing]
    if done:
        facts["finishing"] = done
    facts["source"] = {"file": source.path.name, "sha256": source.digest()}
    return facts
