# SPDX-License-Identifier: GPL-3.0-or-later
"""The delivered clip: exact times, true colours, quick to scrub, its provenance inside, never half a file."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from second_unit_daemon.encode.clip import GOP_FRAMES, ClipWriter
from second_unit_daemon.encode.measure import psnr
from second_unit_daemon.encode.read import probe, read_frames, read_provenance
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate

FILM = Rate(24)
COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 120, 60), (128, 128, 128), (255, 255, 255), (0, 0, 0)]
# A broken or BT.601 conversion is out by 10 to 30 levels; rounding to 8-bit YCbCr is out by 1 or 2.
COLOUR_LEVELS = 2


def moving_edge(count: int, width: int, height: int) -> list[np.ndarray]:
    """White grows over black from the left by four columns a frame."""
    frames = np.zeros((count, height, width, 3), np.uint8)
    for i in range(count):
        frames[i, :, : 4 * (i + 1)] = 255
    return list(frames)


def write(path: Path, frames: list[np.ndarray], rate: Rate = FILM, provenance: dict | None = None, **options) -> Path:
    height, width = frames[0].shape[:2]
    with ClipWriter(path, width, height, rate, provenance or {}, **options) as clip:
        for frame in frames:
            clip.write(frame)
    return path


def bt709(colour: tuple[int, int, int]) -> np.ndarray:
    """8-bit limited-range Y, Cb, Cr (ITU-R BT.709-6, items 3.3 and 3.4)."""
    r, g, b = np.array(colour) / 255
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return np.array([16 + 219 * y, 128 + 224 * (b - y) / 1.8556, 128 + 224 * (r - y) / 1.5748])


@pytest.mark.parametrize("colour", COLOURS)
def test_stored_samples_are_bt709_limited_range_by_the_book(tmp_path, colour):
    path = write(tmp_path / "flat.mp4", [np.full((64, 96, 3), colour, np.uint8)] * 3, crf=1)
    with av.open(str(path)) as container:
        stored = next(container.decode(video=0)).to_ndarray()
    y, cb, cr = stored[32, 48], stored[64 + 8, 24], stored[64 + 16 + 8, 24]
    assert np.abs(np.array([y, cb, cr]) - bt709(colour)).max() < 1.5


@pytest.mark.parametrize("colour", COLOURS)
def test_colours_come_back_within_two_levels(tmp_path, colour):
    path = write(tmp_path / "flat.mp4", [np.full((64, 96, 3), colour, np.uint8)] * 3)
    for frame in read_frames(path):
        assert np.abs(frame.astype(int) - colour).max() <= COLOUR_LEVELS


def test_colour_tags_say_bt709(tmp_path):
    facts = probe(write(tmp_path / "a.mp4", moving_edge(3, 96, 64)))
    assert facts.colour == (1, 1, 1, 1)
    assert (facts.codec, facts.pixel_format) == ("h264", "yuv420p")


@pytest.mark.parametrize(
    "rate", [Rate(24), Rate(24000, 1001), Rate(25), Rate(30000, 1001), Rate(16), Rate(60), Rate(8)]
)
def test_every_frame_lies_exactly_at_its_time(tmp_path, rate):
    path = write(tmp_path / "a.mp4", moving_edge(17, 96, 64), rate)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times = [frame.pts * stream.time_base for frame in container.decode(stream)]
        assert stream.average_rate == rate.fraction
        assert stream.frames == 17
        assert stream.duration * stream.time_base == 17 / rate.fraction
    assert times == [Fraction(i) / rate.fraction for i in range(17)]


def test_frames_stay_in_order_and_whole(tmp_path):
    frames = moving_edge(20, 96, 64)
    back = list(read_frames(write(tmp_path / "edge.mp4", frames)))
    assert [int((frame[32, :, 1] > 127).sum()) for frame in back] == [4 * (i + 1) for i in range(20)]


def test_scrubbing_decodes_few_frames(tmp_path):
    path = write(tmp_path / "a.mp4", moving_edge(40, 96, 64))
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(video=0) if p.size]
    assert [p.pts for p in packets] == [p.dts for p in packets], "B-frames would decode out of order"
    keys = [i for i, p in enumerate(packets) if p.is_keyframe]
    assert keys[0] == 0
    assert max(np.diff([*keys, len(packets)])) <= GOP_FRAMES


def test_the_index_lies_before_the_pictures(tmp_path):
    data = write(tmp_path / "a.mp4", moving_edge(5, 96, 64)).read_bytes()
    place, atoms = 0, []
    while place < len(data):
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        atoms.append(kind)
        place += size
    assert atoms.index(b"moov") < atoms.index(b"mdat")


def test_provenance_comes_back_and_players_see_it(tmp_path):
    provenance = {"engine": "projection", "seed": 2**62, "takes": ["camera", "depth"], "shot": "Straße №1 — „dawn“"}
    path = write(tmp_path / "a.mp4", moving_edge(3, 96, 64), provenance=provenance)
    assert read_provenance(path) == provenance
    with av.open(str(path)) as container:
        assert container.metadata["second_unit_engine"] == "projection"
        assert container.metadata["second_unit_shot"] == provenance["shot"]
        assert "projection" in container.metadata["comment"]


@pytest.mark.parametrize(("width", "height"), [(97, 65), (96, 65), (97, 64)])
def test_odd_sizes_are_padded_and_cut_back(tmp_path, width, height):
    y, x = np.mgrid[0:height, 0:width]
    picture = np.stack([2 * x + 20, 255 - 3 * y, x + y], -1).astype(np.uint8)  # brightest at the padded sides
    path = write(tmp_path / "odd.mp4", [picture] * 4)
    facts = probe(path)
    assert (facts.width, facts.height) == (width, height)
    assert (facts.stored_width % 2, facts.stored_height % 2) == (0, 0)
    back = list(read_frames(path))
    assert all(frame.shape == picture.shape for frame in back)
    assert psnr(back[0], picture) > 42
    assert psnr(back[0][-1], picture[-1]) > 36
    assert psnr(back[0][:, -1], picture[:, -1]) > 36


def smooth_frames(count: int = 12) -> list[np.ndarray]:
    y, x = np.mgrid[0:120, 0:160]
    return [
        np.stack([(128 + 100 * np.sin((x + 3 * i) / 17)), 128 + 90 * np.cos(y / 13), 100 + 0.4 * x], -1).astype(
            np.uint8
        )
        for i in range(count)
    ]


def mean_shift(frames: list[np.ndarray], back: list[np.ndarray]) -> np.ndarray:
    return np.mean([b.astype(float) - a for a, b in zip(frames, back, strict=True)], axis=(0, 1, 2))


def test_compression_is_near_invisible(tmp_path):
    frames = smooth_frames()
    back = list(read_frames(write(tmp_path / "smooth.mp4", frames)))
    assert min(psnr(a, b) for a, b in zip(frames, back, strict=True)) > 41
    assert np.abs(mean_shift(frames, back)).max() < 1


def test_converting_there_and_back_shifts_no_colour(tmp_path):
    """Without x264's rounding (CRF 0 is lossless): a scaler on a fast path darkens by one or two levels,
    and chroma that is read half a pixel beside where it was written shifts every gradient."""
    frames, path = smooth_frames(), tmp_path / "fine.mp4"
    with ClipWriter(path, 160, 120, Rate(24), {}, crf=0) as clip:
        for frame in frames:
            clip.write(frame)
    assert np.abs(mean_shift(frames, list(read_frames(path)))).max() < 0.1


@pytest.mark.parametrize("bad", [np.zeros((64, 95, 3), np.uint8), np.zeros((64, 96), np.uint8), np.zeros((64, 96, 3))])
def test_a_frame_of_another_shape_is_refused_and_nothing_is_left(tmp_path, bad):
    path = tmp_path / "a.mp4"
    with pytest.raises(ValueError, match="64×96×3"), ClipWriter(path, 96, 64, Rate(24), {}) as clip:
        clip.write(moving_edge(1, 96, 64)[0])
        clip.write(bad)
    assert not path.exists()


def test_a_failure_midway_leaves_no_file(tmp_path):
    path = tmp_path / "a.mp4"
    with pytest.raises(RuntimeError, match="engine"), ClipWriter(path, 96, 64, Rate(24), {}) as clip:
        for frame in moving_edge(30, 96, 64):
            clip.write(frame)
        raise RuntimeError("the engine died")
    assert not path.exists()


def test_a_clip_of_no_frames_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no frames"), ClipWriter(tmp_path / "a.mp4", 96, 64, Rate(24), {}):
        pass
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("count", [3, 200])
def test_a_full_disk_is_said_and_nothing_is_left(tmp_path, count):
    path = tmp_path / "shot.mp4"
    path.symlink_to("/dev/full")
    random = np.random.default_rng(0)
    with pytest.raises(SecondUnitError) as caught, ClipWriter(path, 96, 64, Rate(24), {}) as clip:
        for _ in range(count):
            clip.write(random.integers(0, 256, (64, 96, 3), dtype=np.uint8))
    assert caught.value.code is ErrorCode.DISK_FULL
    assert "shot.mp4" in caught.value.info.cause
    assert not path.is_symlink()


def test_reading_what_is_not_there_or_not_a_video_is_said(tmp_path):
    with pytest.raises(SecondUnitError) as caught:
        probe(tmp_path / "gone.mp4")
    assert caught.value.code is ErrorCode.FILE_GONE
    for name in ("text.mp4", "text.png"):  # of the second its ending alone makes a video without a size
        (tmp_path / name).write_text("not a film")
        for read in (probe, lambda path: list(read_frames(path))):
            with pytest.raises(SecondUnitError, match="Check the file") as caught:
                read(tmp_path / name)
            assert caught.value.code is ErrorCode.BLOB_CORRUPT
