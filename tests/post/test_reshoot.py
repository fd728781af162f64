# SPDX-License-Identifier: GPL-3.0-or-later
"""A delivered file tells how it was shot, and is shot again: the same frames come out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.encode.read import probe, read_frames
from second_unit_daemon.encode.sound import read_sound, write_wav
from second_unit_daemon.post.clip import SourceClip
from second_unit_daemon.post.heard import heard_before, how_to_add, own_sound
from second_unit_daemon.post.origin import origin_of, recipe, since_shot
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.grid import Rate
from second_unit_protocol.shot import PostStep, SceneFacts

from tests.post.clips import pan, stream_of, write
from tests.support.daemon import DaemonProcess, painted, submit, wait_for


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    with DaemonProcess(tmp_path_factory.mktemp("home")) as process:
        yield process


@pytest.fixture(scope="module")
def delivered(daemon, tmp_path_factory):
    """A take that was sharpened with its shot, grained and cropped for a square afterwards; (the folder, its seed)."""
    folder = tmp_path_factory.mktemp("delivered")
    shot = painted(6, name="Alley")
    facts = SceneFacts(blend_file="/films/alley.blend", scene="Night", camera="Crane")
    asked = evolve(shot.request, seed=41, post=(PostStep("sharpen", {"strength": 0.3}),), facts=facts)
    with daemon.client() as client:
        job = wait_for(client, submit(client, evolve(shot, request=asked), folder / "blobs"))
        client.download(job.result.clip, folder / "take.mp4")
        other = evolve(asked, seed=7)
        wait_for(client, submit(client, evolve(shot, request=other), folder / "blobs"))
    take, fine = str(folder / "take.mp4"), str(folder / "fine.mkv")
    daemon.command("finish", take, "--step", "grain:0.4,seed=3", "--out", fine)
    daemon.command(
        "deliver", fine, "--preset", "ffv1", "--aspect", "3:4", "--focus", "0.2", "--out", str(folder / "a.mkv")
    )
    return folder


def test_a_file_and_its_sidecar_tell_the_same(delivered):
    for name in ("a.mkv", "a.mkv.json", "take.mp4"):
        told = recipe(origin_of(delivered / name))
        assert (told["file"], told["scene"], told["camera"]) == ("/films/alley.blend", "Night", "Crane")
        assert (told["shot"], told["engine"].split()[0], told["seed"]) == ("Alley", "paint", "41")
    assert recipe(origin_of(delivered / "a.mkv"))["finishing"] == "sharpen, grain, deliver"


def test_it_is_shot_again_to_the_same_frames(daemon, delivered):
    done = daemon.command("reshoot", str(delivered / "a.mkv"), "--out", str(delivered / "again.mkv"))
    assert "Alley" in done.stdout and "succeeded" in done.stdout
    pairs = zip(read_frames(delivered / "again.mkv"), read_frames(delivered / "a.mkv"), strict=True)
    for again, first in pairs:
        np.testing.assert_array_equal(again, first)
    told, before = (json.loads((delivered / name).read_text("utf-8")) for name in ("again.mkv.json", "a.mkv.json"))
    assert told["provenance"]["inputs"] == before["provenance"]["inputs"]
    assert [s["step"] for s in told["provenance"]["finishing"]] == ["sharpen", "grain", "deliver"]


def test_sound_part_and_rate_come_again(daemon, delivered):
    """And where the sound is gone, the shot is made without and the command that adds it is told."""
    tone, first, again = (delivered / name for name in ("tone.wav", "b.mkv", "b_again.mkv"))
    write_wav(tone, np.sin(np.arange(24_000) * 0.05)[:, None].repeat(2, 1) * 0.3)
    words = [
        "--preset",
        "ffv1",
        "--sound",
        tone,
        "--sound-from",
        "0.1",
        "--volume",
        "0.5",
        "--part",
        "1:3",
        "--fps",
        "12",
    ]
    daemon.command("deliver", str(delivered / "take.mp4"), *map(str, words), "--out", str(first))
    daemon.command("reshoot", str(first), "--out", str(again))
    for one, other in zip(read_frames(again), read_frames(first), strict=True):
        np.testing.assert_array_equal(one, other)
    assert probe(again).rate == probe(first).rate == Rate(12)
    np.testing.assert_array_equal(read_sound(again), read_sound(first))
    told, before = (origin_of(path)["finishing"] for path in (again, first))
    assert told == before and before[-2] == {"step": "part", "part": "1:3", "fps": "12"}
    tone.unlink()
    done = daemon.command("reshoot", str(first), "--out", str(again))
    assert "tone.wav is not there" in done.stdout and "--sound FILE --sound-from 0.1 --volume 0.5" in done.stdout
    assert done.stdout.index("left out") < done.stdout.index("job ")


def test_steps_are_run_again_on_the_parts_that_they_were_run_on():
    """And what no step can do again by itself is named."""
    names = [{"step": "sharpen"}, {"step": "grain"}, {"step": "part", "part": "2:3"}, {"step": "restyle"}]
    names += [{"step": "deliver", "preset": "gif"}, {"step": "denoise"}, {"step": "deliver", "preset": "ffv1"}]
    since = since_shot({"finishing": names}, with_shot=1)
    assert [(stage.part, [step.step for step in stage.steps]) for stage in since.stages] == [
        ("", ["grain"]),
        ("2:3", ["denoise"]),
    ]
    assert since.delivered["preset"] == "ffv1" and since.left_out == ["restyle", "deliver"]


def test_a_target_that_cannot_be_is_said_before_it_is_shot(daemon, delivered):
    refused = daemon.command("reshoot", str(delivered / "a.mkv"), "--out", str(delivered / "x.mp4"), check=False)
    assert refused.returncode == 1 and "does not end with .mkv" in refused.stderr and "job " not in refused.stdout


def test_loudness_of_a_take_without_sound_is_left_out():
    silent = SourceClip(Path("take.mp4"), stream_of(2), {}, Rate(12))  # played at another rate: it has none
    told, gone = heard_before({"step": "deliver", "lufs": -14})
    assert not gone and own_sound(told, silent).of(silent) is None
    assert "--lufs -14" in how_to_add(told, Path("a.mp4"), "h264")


def test_only_telling_needs_no_daemon(delivered, tmp_path):
    silent = DaemonProcess(tmp_path / "nobody")
    assert "alley.blend" in silent.command("reshoot", str(delivered / "a.mkv"), "--tell").stdout
    refused = silent.command("reshoot", str(delivered / "a.mkv"), check=False)
    assert refused.returncode == 1 and "alley.blend" in refused.stdout


def test_where_the_capture_is_gone_the_blend_is_named(delivered, tmp_path):
    with DaemonProcess(tmp_path / "another") as other:
        refused = other.command("reshoot", str(delivered / "a.mkv.json"), check=False)
    assert refused.returncode == 1
    assert "Alley" in refused.stderr and "Open /films/alley.blend and press Shoot" in refused.stderr


def test_a_file_of_another_program_is_refused(tmp_path):
    with pytest.raises(SecondUnitError, match="does not say how it was shot"):
        origin_of(write(tmp_path / "clip.mp4", pan(2)))
    with pytest.raises(SecondUnitError, match="not there"):
        origin_of(tmp_path / "gone.mp4")
