# SPDX-License-Identifier: GPL-3.0-or-later
"""Every delivery format, decoded back: frames, sizes, rates, colours, tags, sound, alpha, provenance."""

from __future__ import annotations

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
from second_unit_daemon.encode.delivery import DeliveryWriter
from second_unit_daemon.encode.formats import FORMATS, PRESETS
from second_unit_daemon.encode.read import probe, read_frames
from second_unit_daemon.encode.sound import read_sound
from second_unit_daemon.post.claim import manifest, source_type
from second_unit_daemon.post.clip import open_clip
from second_unit_daemon.post.delivering import deliver
from second_unit_daemon.post.shape import Crop, crop_for, framing_for
from second_unit_daemon.post.subject import find_subject
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.grid import Rate

from tests.post.clips import pan, stream_of, write
from tests.support.room import room_shot

COUNT = 9
VIDEO = [name for name, form in FORMATS.items() if name not in ("png", "exr", "webp", "gif")]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A lossless clip of an odd size with alpha and a tone."""
    path = tmp_path_factory.mktemp("clip") / "clip.mkv"
    tone = np.sin(np.arange(18_000) * 0.05)[:, None].repeat(2, 1).astype(np.float32) * 0.3
    with DeliveryWriter(path, FORMATS["ffv1"], 257, 129, Rate(24), {"seed": 5}, alpha=True, sound=tone) as writer:
        for frame in pan(COUNT, 257, 129):
            writer.write(np.dstack((frame, np.full((129, 257), 255, np.uint8))))
    return path


@pytest.mark.parametrize("name", list(FORMATS))
def test_each_format_gives_the_clip_back(name, clip, tmp_path):
    form = FORMATS[name]
    done = deliver(open_clip(clip), tmp_path / f"out{form.suffix}", PRESETS[name])
    assert done.psnr_db >= form.least_db
    sidecar = json.loads((tmp_path / f"out{form.suffix}.json").read_text("utf-8"))
    assert (sidecar["frames"], sidecar["width"], sidecar["height"]) == (COUNT, 257, 129)
    assert sidecar["provenance"]["seed"] == 5
    for picture in (".poster.jpg", ".sheet.jpg"):
        assert cv2.imread(str(tmp_path / f"out{form.suffix}{picture}")) is not None


@pytest.mark.parametrize("name", VIDEO)
def test_videos_have_their_rate_tags_sound_and_provenance(name, clip, tmp_path):
    form = FORMATS[name]
    out = tmp_path / f"out{form.suffix}"
    deliver(open_clip(clip), out, PRESETS[name])
    facts = probe(out)
    assert (facts.frames, facts.rate, facts.width, facts.height) == (COUNT, Rate(24), 257, 129)
    assert facts.provenance["seed"] == 5
    if form.name != "ffv1":
        assert facts.colour == (1, 1, 1, 1)
    sound = read_sound(out)
    assert abs(len(sound) - 18_000) < 2500 and 0.25 < np.abs(sound).max() < 0.4


@pytest.mark.parametrize("name", ["prores4444", "ffv1"])
def test_alpha_is_kept_where_the_format_has_it(name, tmp_path):
    form = FORMATS[name]
    keyed = []
    for frame in pan(3):
        alpha = np.zeros(frame.shape[:2], np.uint8)
        alpha[16:48, 24:72] = 255
        keyed.append(np.dstack((frame, alpha)))
    with DeliveryWriter(tmp_path / f"a{form.suffix}", form, 96, 64, Rate(24), {}, alpha=True) as writer:
        for frame in keyed:
            writer.write(frame)
    for read, made in zip(read_frames(tmp_path / f"a{form.suffix}", alpha=True), keyed, strict=True):
        assert np.abs(read[..., 3].astype(int) - made[..., 3]).mean() < 0.5


@pytest.fixture(scope="module")
def soft(tmp_path_factory):
    """A clip whose alpha fades from left to right; what it hides is bright."""
    path = tmp_path_factory.mktemp("soft") / "soft.mkv"
    with DeliveryWriter(path, FORMATS["ffv1"], 256, 128, Rate(24), {}, alpha=True) as writer:
        for frame in pan(3, 256, 128):
            alpha = np.tile(np.linspace(0, 255, 256).round().astype(np.uint8), (128, 1))
            hidden = np.where(alpha[..., None] < 40, np.uint8(255), frame)
            writer.write(np.dstack((hidden, alpha)))
    return path


@pytest.mark.parametrize("name", list(FORMATS))
def test_soft_alpha_is_kept_or_the_clip_lies_over_black_and_that_is_told(name, soft, tmp_path):
    form = FORMATS[name]
    out = tmp_path / f"soft{form.suffix}"
    done = deliver(open_clip(soft), out, PRESETS[name])
    assert done.psnr_db >= form.least_db and done.lost_alpha == (not form.alpha_pixels)
    poster = cv2.imread(f"{out}.poster.jpg")
    assert poster is not None and poster[:, :8].max() < 24, "what is hidden is not seen"
    if done.lost_alpha:
        assert next(read_frames(out))[:, :8].max() < 24


def test_what_is_hidden_may_change_but_what_is_seen_and_alpha_may_not():
    from second_unit_daemon.post.delivering import _alike

    wanted = np.full((8, 8, 4), 200, np.uint8)
    wanted[:4, :, 3] = 0
    hidden, seen, solid = wanted.copy(), wanted.copy(), wanted.copy()
    hidden[:4, :, :3], seen[4:, :, :3], solid[4:, :, 3] = 0, 0, 255
    least = [min(_alike(read, wanted, FORMATS["webp"])) for read in (hidden, seen, solid)]
    assert least[0] == float("inf") and max(least[1:]) < 20
    assert _alike(wanted[..., :3], wanted, FORMATS["h264"])[0] < 15, "hidden colours shown are found"


def test_the_command_says_that_transparency_is_lost(soft, tmp_path):
    words = [sys.executable, "-m", "second_unit_daemon.cli", "deliver", str(soft), "--preset", "gif"]
    done = subprocess.run([*words, "--out", str(tmp_path / "a.gif")], capture_output=True, text=True, check=False)
    assert (
        "note: GIF holds no transparency" in done.stderr and "prores4444, ffv1, webm, webp, png and exr" in done.stderr
    )


def test_a_vertical_cut_lies_where_the_subject_is(tmp_path):
    clip = write(tmp_path / "clip.mp4", pan(3, 160, 90))
    framing = framing_for(open_clip(clip).stream, "9:16", 1.0)
    done = deliver(open_clip(clip), tmp_path / "tall.mp4", PRESETS["h264"], framing)
    assert (done.stream.width, done.stream.height) == (50, 90)
    source, tall = next(open_clip(clip).frames()), next(read_frames(tmp_path / "tall.mp4"))
    assert np.abs(tall.astype(int) - source[:, 110:]).mean() < 4


def ball(count: int, travel: float, width: int = 192, height: int = 108):
    """A red ball that goes across a grey texture, ``travel`` of the width; (frames, its middle in pixels)."""
    frames, middles = [], np.linspace(0.5 - travel / 2, 0.5 + travel / 2, count) * width
    for x in middles:
        grey = cv2.cvtColor(cv2.cvtColor(next(pan(1, width, height)), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        frames.append(cv2.circle(grey // 2 + 40, (round(x), height // 2), 8, (230, 30, 30), -1))
    return frames, middles


@pytest.mark.parametrize(("travel", "still"), [(0.12, True), (0.8, False)])
def test_a_crop_stays_around_its_subject_and_moves_only_if_it_must(travel, still, tmp_path):
    frames, middles = ball(48, travel)
    source = open_clip(write(tmp_path / "ball.mp4", frames))
    subject = find_subject(source)
    framing = framing_for(source.stream, "9:16", boxes=subject.boxes, size=(108, 192))
    assert (len(framing.crops) == 1) == still
    crops = framing.crops if len(framing.crops) > 1 else framing.crops * 48
    for crop, middle in zip(crops, middles, strict=True):
        assert crop.left + 4 < middle < crop.left + crop.width - 4
    assert np.abs(np.diff([c.left for c in crops], 2)).max() <= 3, "it follows like a camera"
    assert framing.of(frames[0], 0).shape == (192, 108, 3) and framing.enlarged


def test_the_subject_of_a_shot_is_what_moves_in_it(tmp_path):
    drawn = room_shot(9, 160, 90)
    shot = drawn.open(tmp_path / "room")
    subject = find_subject(open_clip(write(tmp_path / "room.mp4", drawn.truth)), shot)
    assert subject.what == "board"
    for number in (0, 4, 8):
        rows, columns = np.nonzero(shot.index(number) == 1)
        if len(rows):
            left, top, right, bottom = subject.boxes[number] * (160, 90, 160, 90)
            assert (left, right) == (pytest.approx(columns.min(), abs=1), pytest.approx(columns.max() + 1, abs=1))
            assert (top, bottom) == (pytest.approx(rows.min(), abs=1), pytest.approx(rows.max() + 1, abs=1))


def test_a_vertical_preset_has_its_own_size(tmp_path):
    frames, _ = ball(4, 0.1)
    clip = write(tmp_path / "ball.mp4", frames)
    words = [sys.executable, "-m", "second_unit_daemon.cli", "deliver", str(clip), "--preset", "vertical"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "cropped to 9:16 around what stands out" in done.stdout and "enlarged from 60 x 108" in done.stdout
    facts = probe(tmp_path / "ball_vertical.mp4")
    assert (facts.width, facts.height) == (1080, 1920)
    told = json.loads((tmp_path / "ball_vertical.mp4.json").read_text("utf-8"))
    assert told["provenance"]["finishing"][0]["around"] == "what stands out"


@pytest.mark.parametrize(
    ("aspect", "crop"), [("", Crop(0, 0, 96, 64)), ("1:1", Crop(16, 0, 64, 64)), ("2.4:1", Crop(0, 12, 96, 40))]
)
def test_a_crop_is_the_largest_that_fits(aspect, crop):
    assert crop_for(stream_of(1), aspect) == crop


def test_a_failure_leaves_nothing_half_written(tmp_path):
    for form in (FORMATS["h264"], FORMATS["png"]):
        with (
            pytest.raises(ZeroDivisionError),
            DeliveryWriter(tmp_path / f"a{form.suffix}", form, 96, 64, Rate(24), {}) as w,
        ):
            w.write(next(pan(1)))
            raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


def test_the_command_says_what_it_made(tmp_path):
    clip = write(tmp_path / "clip.mp4", pan(4))
    words = [sys.executable, "-m", "second_unit_daemon.cli", "deliver", str(clip), "--preset"]
    done = subprocess.run([*words, "prores422"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "4 frames, 96 x 64, 24 fps" in done.stdout and "dB like the clip" in done.stdout
    assert probe(tmp_path / "clip_prores422.mov").codec == "prores"
    wrong = subprocess.run([*words, "vhs"], capture_output=True, text=True, timeout=120, check=False)
    assert wrong.returncode == 1 and "h264" in wrong.stderr


def test_sound_is_levelled_and_turned_down(clip, tmp_path):
    from second_unit_daemon.post.heard import heard_at
    from second_unit_daemon.post.sound.loudness import loudness_lufs

    levelled = heard_at(open_clip(clip).sound(), -20.0)
    done = deliver(open_clip(clip), tmp_path / "a.mov", PRESETS["prores422"], sound=levelled)
    assert done.facts["loudness_lufs"] == pytest.approx(-20, abs=0.1)
    assert loudness_lufs(read_sound(tmp_path / "a.mov")) == pytest.approx(-20, abs=0.1)
    assert not done.lost_sound
    assert deliver(open_clip(clip), tmp_path / "a.gif", PRESETS["gif"], sound=levelled).lost_sound
    with pytest.raises(SecondUnitError, match="no sound to level"):
        heard_at(None, -14.0)


def test_what_the_manifest_claims_is_what_is_known():
    """What c2pa 0.91 signs and validates: an opened clip names what it was opened from, a created one how."""
    foreign = manifest("a.mp4", ".mp4", {"source": {"file": "holiday.mp4"}, "finishing": [{"step": "grain"}]})
    opened, grained = foreign["assertions"][0]["data"]["actions"]
    (source,) = foreign["ingredients"]
    assert opened == {"action": "c2pa.opened", "parameters": {"ingredientIds": [source["label"]]}}
    assert (source["title"], source["relationship"], grained["action"]) == ("holiday.mp4", "parentOf", "c2pa.edited")
    kinds = [
        source_type(p)
        for p in ({"engine": "projection"}, {"engine": "projection", "style": "oil"}, {}, {"engine": "x"})
    ]
    assert [kind.rpartition("/")[2] for kind in kinds] == [
        "digitalCreation",
        "compositeWithTrainedAlgorithmicMedia",
        "",
        "compositeWithTrainedAlgorithmicMedia",
    ]
    cut = {"step": "deliver", "format": "h264", "aspect": "9:16"}
    made = manifest("a.mp4", ".mp4", {"engine": "projection", "finishing": [{"step": "upscale"}, cut]})
    actions = [action["action"] for action in made["assertions"][0]["data"]["actions"]]
    assert actions == ["c2pa.created", "c2pa.resized", "c2pa.cropped", "c2pa.transcoded"]


def test_a_picture_that_a_codec_cannot_take_is_said(tmp_path):
    with pytest.raises(SecondUnitError, match="256 × 120"):
        DeliveryWriter(tmp_path / "a.mov", FORMATS["dnxhr"], 96, 64, Rate(24), {})


def test_an_aspect_that_is_none_is_said():
    with pytest.raises(SecondUnitError):
        crop_for(stream_of(1), "tall")


@pytest.mark.parametrize("name", ["webp", "gif"])
def test_a_still_clip_keeps_its_frames(name, tmp_path):
    """Encoders of animations lay frames that are the same down once."""
    frames = [next(pan(1))] * 5
    clip = write(tmp_path / "still.mp4", frames)
    done = deliver(open_clip(clip), tmp_path / f"still.{name}", PRESETS[name])
    assert done.stream.frames == 5
