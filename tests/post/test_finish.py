# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps in a row over a clip: what comes out, what is written down, in how much memory."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.commands.clips import open_part
from second_unit_daemon.commands.project import clip_writer
from second_unit_daemon.encode.delivery import DeliveryWriter
from second_unit_daemon.encode.formats import FORMATS
from second_unit_daemon.encode.read import probe, read_frames
from second_unit_daemon.encode.sound import read_sound
from second_unit_daemon.post import catalogue
from second_unit_daemon.post.chain import Chain
from second_unit_daemon.post.clip import open_clip
from second_unit_daemon.post.cuts import CutFinder
from second_unit_daemon.post.finish import finish
from second_unit_daemon.post.target import check_target
from second_unit_daemon.style.clips import restyle
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate

from tests.post.clips import pan, stream_of, write


def command(*words: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "second_unit_daemon.cli", *words]
    return subprocess.run(program, capture_output=True, text=True, timeout=300, check=False)


def test_the_command_finishes_a_clip_and_tells_what_it_did(tmp_path):
    clip = write(tmp_path / "clip.mp4", pan(6), provenance={"seed": 7, "engine": "projection"})
    out = tmp_path / "fine.mkv"
    done = command("finish", str(clip), "--step", "interpolate:48", "--step", "upscale:2", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "12 frames, 192 x 128, 48 fps" in done.stdout
    facts = probe(out)
    assert (facts.frames, facts.width, facts.height, facts.rate) == (12, 192, 128, Rate(48))
    assert facts.provenance["seed"] == 7 and facts.provenance["source"]["file"] == "clip.mp4"
    assert [step["step"] for step in facts.provenance["finishing"]] == ["interpolate", "upscale"]
    assert facts.provenance["finishing"][0]["method"] == "flow", "what was used, not auto"
    assert "waifu2x" in facts.provenance["finishing"][1]["network"]


@pytest.mark.parametrize(
    "step", ["upsale:2", "upscale:2,colour=red", "grain:9", "grain:much", "interpolate", "match:x,y"]
)
def test_nonsense_is_one_line(tmp_path, step):
    clip = write(tmp_path / "clip.mp4", pan(2))
    done = command("finish", str(clip), "--step", step, "--out", str(tmp_path / "a.mp4"))
    assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "a.mp4").exists()


def test_a_clip_is_never_written_over_itself(tmp_path):
    clip = write(tmp_path / "clip.mp4", pan(2))
    with pytest.raises(SecondUnitError) as caught:
        finish(open_clip(clip), [catalogue.parse("grain")], clip)
    assert caught.value.code is ErrorCode.BAD_REQUEST and probe(clip).frames == 2


def test_a_thousand_frames_need_no_more_memory_than_a_hundred(tmp_path):
    program = (
        "import resource, sys\n"
        "from tests.post.clips import pan, stream_of\n"
        "from second_unit_daemon.post import catalogue\n"
        "from second_unit_daemon.post.chain import Chain\n"
        "steps = 'interpolate:26 denoise sharpen grain'.split()\n"
        "chain = Chain([catalogue.parse(s) for s in steps])\n"
        "count, peaks = 0, []\n"
        "for frame in chain.run(pan(1000, 96, 64), stream_of(1000)):\n"
        "    count += 1\n"
        "    if count in (108, 1083): peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)\n"
        "print(count, *peaks)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    count, early, late = (float(word) for word in done.stdout.split())
    assert count == 1083
    assert late - early < 8, "megabytes; a thousand such frames are 18"


def test_sound_and_alpha_go_with_the_picture(tmp_path):
    clip = tmp_path / "clip.mkv"
    tone = np.sin(np.arange(24_000) * 0.05)[:, None].repeat(2, 1).astype(np.float32) * 0.3
    with DeliveryWriter(clip, FORMATS["ffv1"], 96, 64, Rate(24), {}, alpha=True, sound=tone) as writer:
        for frame in pan(12):
            writer.write(np.dstack((frame, frame[..., 0])))
    done = finish(open_clip(clip), [catalogue.parse("sharpen")], tmp_path / "fine.mov")
    assert done.stream.alpha
    np.testing.assert_allclose(read_sound(tmp_path / "fine.mov"), tone, atol=1e-3)
    source = list(read_frames(clip, alpha=True))
    fine = list(read_frames(tmp_path / "fine.mov", alpha=True))
    assert fine[0].shape == (64, 96, 4)
    assert np.abs(fine[5][..., 3].astype(int) - source[5][..., 3]).mean() < 1.5


def test_a_folder_of_pictures_is_a_clip_too(tmp_path):
    with DeliveryWriter(tmp_path / "frames", FORMATS["png"], 96, 64, Rate(24), {}) as writer:
        for frame in pan(11):
            writer.write(frame)
    source = open_clip(tmp_path / "frames", Rate(12))
    assert source.stream == evolve(stream_of(11, rate=12), of=11)
    for read, made in zip(source.frames(), pan(11), strict=True):
        np.testing.assert_array_equal(read, made)


def test_cuts_are_found_and_nothing_else_is_taken_for_one():
    shots = [list(pan(9, 128, 80, step, seed)) for seed, step in ((1, 0.0), (2, 3.0), (3, 10.0), (4, 1.0))]
    shots[1][4] = np.clip(shots[1][4].astype(int) + 80, 0, 255).astype(np.uint8)  # a flash
    finder = CutFinder()
    assert [i for i, frame in enumerate(itertools.chain(*shots)) if finder.is_cut(frame)] == [9, 18, 27]


def test_nothing_is_blended_across_a_cut():
    frames = [*pan(5, seed=1), *pan(5, seed=2)]
    chain = Chain([catalogue.parse("interpolate:72"), catalogue.parse("denoise:1")])
    made = list(chain.run(iter(frames), stream_of(10)))
    ends = frames[4].astype(float), frames[5].astype(float)
    nearest = [min(np.abs(made[i] - end).mean() for end in ends) for i in (13, 14)]
    assert max(nearest) < 6, "each is one of the two, not a mixture"
    assert np.abs(ends[0] - ends[1]).mean() > 30


def test_a_part_of_a_clip_at_the_rate_that_it_is_played_at(tmp_path, monkeypatch):
    clip = write(tmp_path / "clip.mp4", pan(10))
    out = tmp_path / "part.mkv"
    words = ("finish", str(clip), "--step", "sharpen:0", "--out", str(out))
    monkeypatch.setenv("SECOND_UNIT_PROGRESS", "1")
    done = command(*words, "--part", "3:4", "--fps", "30")
    assert done.returncode == 0 and done.stderr.splitlines()[-1] == "progress 400 400"
    facts = probe(out)
    assert (facts.frames, float(facts.rate)) == (4, 30.0)
    for got, wanted in zip(read_frames(out), list(read_frames(clip))[3:7], strict=True):
        np.testing.assert_array_equal(got, wanted)
    for wrong in (("--part", "8:4"), ("--part", "two"), ("--fps", "fast")):
        refused = command(*words, *wrong)
        assert refused.returncode == 1 and refused.stderr.startswith("second-unit: ")


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("gone/a.mkv", r"The folder .*gone is not there. Make it, or name another one"),
        ("", r"is a folder. Name a file in it, such as .*clip\.mkv"),
        ("a.mp4", r"a\.mp4 does not end with \.mkv, and .*FFV1 is kept in such files. Name it a\.mkv"),
    ],
)
def test_where_it_cannot_lie_is_said_before_the_work(out, words, tmp_path):
    with pytest.raises(SecondUnitError) as told:
        check_target(tmp_path / out if out else tmp_path, ".mkv", FORMATS["ffv1"].what)
    assert re.search(words, told.value.info.sentence())


@pytest.mark.skipif(sys.platform != "linux", reason="a folder that takes no files, whoever asks")
@pytest.mark.parametrize(("out", "suffix"), [("/proc/o.mkv", ".mkv"), ("/proc/pictures/new", "")])
def test_a_folder_that_takes_no_files_has_the_command_lines_remedy(out, suffix):
    with pytest.raises(SecondUnitError) as told:
        check_target(Path(out), suffix, "it")
    assert told.value.info.remedy == "Choose a folder that you may write to with --out"


@pytest.mark.skipif(sys.platform != "linux", reason="a folder that takes no files, whoever asks")
def test_restyle_project_and_stitch_say_the_same(tmp_path):
    clip, gone = open_clip(write(tmp_path / "clip.mp4", pan(2))), Path("/proc/a.mkv")
    for write_there in (
        lambda: restyle(clip, None, 1.0, gone),  # refused before the look is looked at
        lambda: clip_writer(gone, 64, 64, Rate(24), {}),
    ):
        with pytest.raises(SecondUnitError) as told:
            write_there()
        assert told.value.info.remedy == "Choose a folder that you may write to with --out"


@pytest.mark.parametrize("content", [None, b"", b"words, and no video"])
def test_what_is_no_clip_is_said_of_the_file_that_was_named(content, tmp_path):
    if content is not None:
        (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(SecondUnitError) as told:
        open_part(tmp_path / "a.mp4")
    assert "a.mp4" in told.value.info.cause and told.value.info.remedy.startswith("Name a video")
