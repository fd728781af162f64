# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips as people have them: what can be edited is read frame by frame, the rest is refused with a sentence."""

from __future__ import annotations

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from second_unit_daemon.edits.footage import open_footage
from second_unit_daemon.post.clip import open_clip
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate

from tests.edits.numbered import number_of, numbered

SIZE = 96, 64


def write(path, frames, *, codec="libx264", pixels="yuv420p", rate=25, times=None, colour=None, turned=0):
    """A video with its frames at ``times`` (in frames), or one after the other."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixels
        if turned:
            stream.set_display_rotation(turned)
        stream.codec_context.time_base = Fraction(1, rate * 4)
        if colour:
            stream.codec_context.color_trc = colour
        for place, picture in enumerate(frames):
            kind = "rgba" if picture.shape[2] == 4 else "rgb24"
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), kind).reformat(format=pixels)
            frame.pts = round(4 * (times[place] if times else place))
            frame.time_base = Fraction(1, rate * 4)
            if colour:
                frame.color_trc = colour
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def seen(path, **options) -> list[int]:
    footage, _ = open_footage(path, **options)
    return [number_of(frame) for frame in footage.frames()]


def test_trimmed_and_backwards_it_is_read_as_it_is_seen(tmp_path):
    clip = write(tmp_path / "a.mp4", numbered(range(20), *SIZE))
    assert seen(clip) == list(range(20))
    assert seen(clip, first=5, count=6) == [5, 6, 7, 8, 9, 10]
    assert seen(clip, first=5, count=6, backwards=True) == [10, 9, 8, 7, 6, 5]
    footage, rate = open_footage(clip, Rate(24), first=5, count=6, start=Fraction(101), rate=Rate(48))
    assert rate == Rate(24) and footage.step == Fraction(1, 2) and footage.last_time == Fraction(207, 2)
    back, _ = open_footage(clip, first=5, count=6, backwards=True)
    assert [number_of(f) for f in back.part(1, 2).frames()] == [9, 8]


@pytest.mark.parametrize("turned", [90, -90, 180])
def test_a_phones_footage_is_read_as_players_turn_it(tmp_path, turned):
    """OpenCV's reader turns by the display matrix, too, and is asked what is right."""
    clip = write(tmp_path / "phone.mp4", numbered(range(4), *SIZE), turned=turned)
    footage, _ = open_footage(clip)
    player = cv2.VideoCapture(str(clip))
    player.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
    expected = [cv2.cvtColor(player.read()[1], cv2.COLOR_BGR2RGB) for _ in range(4)]
    assert (footage.height, footage.width) == expected[0].shape[:2] == (SIZE if turned % 180 else SIZE[::-1])
    for frame, picture in zip(footage.frames(), expected, strict=True):
        assert np.abs(frame.astype(int) - picture).mean() < 3
    assert number_of(np.rot90(next(iter(footage.part(2, 1).frames())), -turned // 90)) == 2


def test_uneven_frames_are_read_at_the_mean_rate_and_that_is_said(tmp_path):
    times = [0, 1, 2, 3, 4, 9, 10, 11, 12, 13]  # between 4 and 9 the picture stands still
    clip = write(tmp_path / "v.mkv", numbered(range(10), *SIZE), times=times)
    footage, _ = open_footage(clip)
    assert "unevenly spaced" in footage.notes[0]
    shown = [number_of(frame) for frame in footage.frames()]
    rate = footage.steady.fraction
    for place, number in enumerate(shown):
        moment = place / rate * 25
        on_screen = max(n for n, time in enumerate(times) if time <= moment + Fraction(25, 2) / rate)
        assert abs(number - on_screen) <= 1 and times[number] <= moment + 25 / rate, (place, number)
    assert shown == sorted(shown) and shown.count(4) >= 2


def test_odd_sizes_are_kept_and_alpha_is_left_out_and_said(tmp_path):
    odd = write(tmp_path / "odd.mkv", numbered(range(4), 97, 65), codec="ffv1", pixels="bgr0")
    footage, _ = open_footage(odd)
    assert (footage.width, footage.height) == (97, 65) and seen(odd) == [0, 1, 2, 3]
    clear = [np.dstack([f, np.full(f.shape[:2], 128, np.uint8)]) for f in numbered(range(4), *SIZE)]
    alpha = write(tmp_path / "alpha.mkv", clear, codec="ffv1", pixels="bgra")
    footage, _ = open_footage(alpha)
    assert "alpha" in footage.notes[0] and [number_of(f) for f in footage.frames()] == [0, 1, 2, 3]
    assert next(footage.frames()).shape[2] == 3


def refused(path, **options) -> SecondUnitError:
    with pytest.raises(SecondUnitError) as caught:
        open_footage(path, **options)
    assert caught.value.info.remedy
    return caught.value


def test_what_cannot_be_edited_says_why_and_what_to_do(tmp_path):
    assert refused(tmp_path / "nowhere.mp4").code is ErrorCode.FILE_GONE
    (tmp_path / "text.mp4").write_text("no video")
    assert "cannot be read as a video" in str(refused(tmp_path / "text.mp4"))
    for curve, name in ((16, "PQ"), (18, "HLG")):
        file = tmp_path / f"{name}.mp4"
        hdr = write(file, numbered(range(3), *SIZE), codec="libx265", pixels="yuv420p10le", colour=curve)
        error = refused(hdr)
        assert f"HDR ({name})" in str(error) and "Rec.709" in error.info.remedy
        with pytest.raises(SecondUnitError, match="is HDR"):  # in another look, finished or delivered neither
            next(open_clip(hdr).frames())
    with av.open(str(tmp_path / "sound.mka"), "w", format="matroska") as container:
        stream = container.add_stream("pcm_s16le", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.int16), "s16", "mono")
        frame.sample_rate = 48000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert "holds no moving picture" in str(refused(tmp_path / "sound.mka"))
    small = write(tmp_path / "small.mkv", [np.zeros((32, 32, 3), np.uint8)] * 2, codec="ffv1", pixels="bgr0")
    assert refused(small).code is ErrorCode.BAD_SIZE
    clip = write(tmp_path / "a.mp4", numbered(range(5), *SIZE))
    assert "frame 9 is not among them" in str(refused(clip, first=9))
