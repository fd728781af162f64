# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip delivered: shape, format, poster, contact sheet, sidecar; then read back and compared with what went in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray
from second_unit_protocol.disk import disk_errors
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ..encode.delivery import SEQUENCE_NAME, DeliveryWriter, over_black
from ..encode.formats import PRESETS, Format, Preset
from ..encode.jpeg import jpeg
from ..encode.measure import psnr
from ..encode.read import probe, read_frames
from ..encode.sound import Sound
from .claim import manifest, source_type
from .clip import SourceClip, open_clip
from .finish import Told, carried_on
from .shape import Framing, framing_for
from .sound.loudness import loudness_lufs
from .stream import Stream
from .target import check_target

if TYPE_CHECKING:
    from .stream import Picture

SHEET_COLUMNS, SHEET_ROWS, SHEET_WIDTH = 4, 3, 320
JPEG_QUALITY = 92


@frozen
class Delivered:
    """What was written, and what reading it back showed."""

    path: Path
    stream: Stream
    bytes: int
    psnr_db: float  # the worst of the frames compared; inf where nothing was lost
    facts: dict[str, Any] = field(repr=False)
    lost_alpha: bool = False  # something was transparent; it lies over black now
    lost_sound: bool = False  # there was sound, and the format holds none


def deliver(
    source: SourceClip,
    out: Path,
    preset: Preset,
    framing: Framing | None = None,
    sound: Sound | None = None,
    told: Told = lambda done, total: None,
    notes: Mapping[str, Any] | None = None,
) -> Delivered:
    """Writes ``out`` and beside it OUT.json, OUT.poster.jpg and OUT.sheet.jpg. Raises SecondUnitError.

    Args:
        framing: what is kept of each frame; default: what the preset says, from the middle. Never squeezed.
        sound: (samples, 2) at 48 kHz; None for the clip's own.
        notes: more for the provenance, such as what the crop was laid around.
    """
    if out.resolve() == source.path.resolve():
        raise SecondUnitError(ErrorCode.BAD_REQUEST, f"{out.name} is the clip itself", remedy="Name another file")
    form = preset.form
    check_target(out, form.suffix, form.what)
    framing = framing or framing_for(source.stream, preset.aspect, size=preset.size)
    stream = evolve(source.stream, width=framing.size[0], height=framing.size[1])
    heard = source.sound() if sound is None else sound
    steps = [{"step": "deliver", "preset": preset.name, "format": form.name, **(notes or {})}]
    provenance = carried_on(source, steps)
    kept = _Kept(stream.frames)
    writer = DeliveryWriter(
        out, form, stream.width, stream.height, stream.rate, provenance, alpha=stream.alpha, sound=heard
    )
    frames = source.frames()
    with closing(frames), writer:  # type: ignore[type-var]
        for index, frame in enumerate(frames):
            cut = framing.of(frame, index)
            writer.write(cut)
            kept.add(index, cut)
            told(index + 1, stream.frames)
    worst = _read_back(out, form, stream, kept)
    _companions(out, kept)
    size = sum(p.stat().st_size for p in out.iterdir()) if form.sequence else out.stat().st_size
    facts = _sidecar(out, form, stream, provenance, worst, size, heard)
    return Delivered(out, stream, size, worst, facts, writer.lost_alpha, heard is not None and not form.sound)


def named_preset(name: str) -> Preset:
    """Raises SecondUnitError(BAD_REQUEST) for a preset that there is not."""
    if name not in PRESETS:
        cause = f"There is no preset {name}"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=f"Choose one of {', '.join(PRESETS)}")
    return PRESETS[name]


class _Kept:
    """Frames to compare with, and a contact sheet: as many, however long the clip."""

    def __init__(self, frames: int):
        self.compared: dict[int, Picture] = {}
        self.sheet: dict[int, Picture] = {}
        self._compare = {0, frames // 2, frames - 1}
        self.poster = frames // 2
        count = min(SHEET_COLUMNS * SHEET_ROWS, frames)
        self._show = {round(i * (frames - 1) / max(count - 1, 1)) for i in range(count)}

    def add(self, index: int, frame: Picture) -> None:
        if index in self._compare:
            self.compared[index] = frame.copy()
        if index in self._show:
            height = max(1, round(SHEET_WIDTH * frame.shape[0] / frame.shape[1]))
            small = cv2.resize(over_black(frame), (SHEET_WIDTH, height), interpolation=cv2.INTER_AREA)
            self.sheet[index] = np.asarray(small, np.uint8)


def _read_back(out: Path, form: Format, stream: Stream, kept: _Kept) -> float:
    """PSNR of the worst frame compared. Raises SecondUnitError(ENGINE_FAILED) where the file is not what was meant."""
    count, found = 0, []
    for index, frame in enumerate(_decoded(out, form, stream)):
        count += 1
        if index in kept.compared:
            wanted = kept.compared[index]
            if frame.shape[:2] != wanted.shape[:2]:
                raise _bad(out, f"its pictures are {frame.shape[1]} × {frame.shape[0]}")
            found += _alike(frame, wanted, form)
    if count != stream.frames:
        raise _bad(out, f"it holds {count} of {stream.frames} frames")
    if form.tagged:
        colour = probe(out).colour
        if colour != (1, 1, 1, 1):
            raise _bad(out, f"its colours are tagged {colour}")
    worst = min(found)
    if worst < form.least_db:
        raise _bad(out, f"a frame is only {worst:.1f} dB like the clip's, where {form.least_db:.0f} is expected")
    return worst


def _alike(frame: NDArray[np.uint8], wanted: NDArray[np.uint8], form: Format) -> list[float]:
    """PSNR of what is seen over black, as colours beneath transparency may be anything; and of alpha by itself where
    both have it (FFmpeg's decoder of VP9 shows none: the clip's own is laid over its colours)."""
    if wanted.shape[2] == 3:
        return [psnr(frame[..., :3], wanted)]
    if frame.shape[2] == 4:
        return [psnr(over_black(frame), over_black(wanted)), psnr(frame[..., 3], wanted[..., 3])]
    seen = np.dstack((frame, wanted[..., 3])) if form.alpha_pixels else frame
    return [psnr(over_black(seen), over_black(wanted))]


def _decoded(out: Path, form: Format, stream: Stream) -> Iterator[NDArray[np.uint8]]:
    if form.name == "png":
        yield from open_clip(out).frames()
    elif form.name == "exr":
        yield from _linear_pictures(out)
    elif form.name == "webp":
        yield from _animation(out, stream)
    else:
        yield from read_frames(out, alpha=stream.alpha and bool(form.alpha_pixels))


def _linear_pictures(folder: Path) -> Iterator[NDArray[np.uint8]]:
    import av

    from ..encode.delivery import srgb_of

    with av.open(str(folder / f"{SEQUENCE_NAME}.exr"), options={"start_number": "1"}) as container:
        for frame in container.decode(video=0):
            green, blue, red, *alpha = (_half_plane(plane, frame.width) for plane in frame.planes)
            rgb = np.stack((red, green, blue), -1)
            if not alpha:
                yield srgb_of(rgb)
                continue
            straight = srgb_of(rgb / np.maximum(alpha[0], 1e-4)[..., None])
            yield np.dstack((straight, np.round(255 * alpha[0].clip(0, 1)).astype(np.uint8)))


def _half_plane(plane: Any, width: int) -> NDArray[np.float32]:
    """(H, W) of a plane of half floats, which PyAV does not make an array of."""
    rows = np.frombuffer(memoryview(plane), np.float16).reshape(plane.height, plane.line_size // 2)
    return rows[:, :width].astype(np.float32)


def _animation(path: Path, stream: Stream) -> Iterator[NDArray[np.uint8]]:
    """FFmpeg writes animated WebP but does not read it; OpenCV does. Frames that are the same lie there once, and the
    last one has no length that could be trusted: it is shown to the end."""
    _, animation = cv2.imreadanimation(str(path))
    shown_ms, place, count = 0, 0, len(animation.frames)
    for number, (frame, lasts_ms) in enumerate(zip(animation.frames, animation.durations, strict=True), 1):
        shown_ms += int(lasts_ms)
        end = stream.frames if number == count else round(shown_ms * stream.rate.fraction / 1000)
        order = cv2.COLOR_BGRA2RGBA if frame.shape[2] == 4 else cv2.COLOR_BGR2RGB
        picture = np.asarray(cv2.cvtColor(frame, order), np.uint8)
        yield from (picture for _ in range(place, end))
        place = end


def _bad(out: Path, what: str) -> SecondUnitError:
    return SecondUnitError(
        ErrorCode.ENGINE_FAILED, f"{out.name} was written, but read back {what}", remedy="Deliver it in another format"
    )


def _companions(out: Path, kept: _Kept) -> None:
    poster = kept.compared[kept.poster]
    _write(out.with_name(out.name + ".poster.jpg"), jpeg(np.ascontiguousarray(over_black(poster)), None, JPEG_QUALITY))
    tiles = [kept.sheet[i] for i in sorted(kept.sheet)]
    blank = np.full_like(tiles[0], 24)
    tiles += [blank] * (-len(tiles) % SHEET_COLUMNS)
    rows = [np.hstack(tiles[i : i + SHEET_COLUMNS]) for i in range(0, len(tiles), SHEET_COLUMNS)]
    _write(out.with_name(out.name + ".sheet.jpg"), jpeg(np.vstack(rows), None, JPEG_QUALITY))


def _sidecar(
    out: Path, form: Format, stream: Stream, provenance: dict[str, Any], worst: float, size: int, sound: Sound | None
) -> dict[str, Any]:
    """Provenance in full, and what of it a C2PA manifest says."""
    facts = {
        "title": out.name,
        "format": form.name,
        "frames": stream.frames,
        "width": stream.width,
        "height": stream.height,
        "rate": f"{stream.rate.num}/{stream.rate.den}",
        "sound": bool(form.sound) and sound is not None,
        "bytes": size,
        "read_back_psnr_db": None if worst == float("inf") else round(worst, 2),
        "loudness_lufs": None if sound is None or not form.sound else _loudness(sound),
        "claim_generator": provenance.get("made_by", ""),
        "digital_source_type": source_type(provenance),
        "c2pa": manifest(out.name, out.suffix.lower(), provenance),
        "provenance": provenance,
    }
    text = json.dumps(facts, indent=2, ensure_ascii=False, default=str)
    _write(out.with_name(out.name + ".json"), (text + "\n").encode())
    return facts


def _loudness(sound: Sound) -> float | None:
    """LUFS; None for silence, or where nothing measures it."""
    try:
        found = loudness_lufs(sound)
    except SecondUnitError:  # its package is not installed, and a delivery does not need it
        return None
    return round(found, 2) if np.isfinite(found) else None


def _write(path: Path, data: bytes) -> None:
    with disk_errors(path):
        try:
            path.write_bytes(data)
        except OSError:  # half of it is worse than none
            path.unlink(missing_ok=True)
            raise
