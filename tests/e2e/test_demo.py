# SPDX-License-Identifier: GPL-3.0-or-later
"""``second-unit demo``: scene to strip in real processes, and every file it leaves is what it says it is.

Small and short, so the figures are those of few pixels: their full-size bounds are measured by tests/bench. What holds
at any size is asserted here.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from second_unit_daemon import __version__
from second_unit_daemon.encode.read import probe, read_frames

from tests.blender.environments import bpy_python

FRAMES, WIDTH, HEIGHT = 13, 320, 184
BLENDER = "5.0.1"
SECONDS = 600

# Run by a Blender that has never heard of the extension: what the file shows without it.
LOOK_AT_BLEND = """
import bpy, json, sys
bpy.ops.wm.open_mainfile(filepath=sys.argv[1])
scene = bpy.context.scene
strips = [
    dict(type=s.type, channel=s.channel, first=s.frame_final_start, length=s.frame_final_duration,
         path=bpy.path.abspath(s.filepath), raw=s.filepath)
    for s in scene.sequence_editor.strips
]
print("FOUND " + json.dumps(dict(first=scene.frame_start, last=scene.frame_end, strips=strips)))
"""


@pytest.fixture(scope="module")
def blender() -> Path:
    python = bpy_python(BLENDER)
    assert python is not None, "the demo's Blender needs this very Python version"
    return python


@pytest.fixture(scope="module")
def made(blender, tmp_path_factory) -> Path:
    """The demo's folder; it replaces an older demo in it and leaves other files alone."""
    out = tmp_path_factory.mktemp("demo")
    (out / "shot.mp4").write_text("of another day")
    (out / "notes.txt").write_text("mine")
    size = f"{WIDTH}x{HEIGHT}"
    done = second_unit("demo", "--out", out, "--blender", blender, "--frames", FRAMES, "--size", size)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (out / "notes.txt").read_text() == "mine"
    return out


def second_unit(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "second_unit_daemon.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)


@pytest.fixture(scope="module")
def report(made) -> dict:
    return json.loads((made / "report.json").read_text())


def test_the_report_holds_every_figure(report):
    assert (report["frames"], report["fps"], report["size"]) == (FRAMES, 24.0, [WIDTH, HEIGHT])
    assert report["blender"].startswith("5.0")
    assert 25 < report["psnr_known_db"] < 60
    assert 0 <= report["wrongly_visible"] <= 0.01
    assert 0 < report["hole_fraction"] < 0.2
    assert 0 < report["rot_err_rad"] < 0.03
    assert 0 < report["trans_err_m"] < 0.5
    assert report["verdict"].startswith("Keeps to its camera")
    assert {"build", "references", "capture", "job.engine", "job.adherence", "sheet", "total"} <= set(report["seconds"])
    assert all(spent >= 0 for spent in report["seconds"].values())


def test_the_clip_is_the_shot(made):
    facts = probe(made / "shot.mp4")
    assert (facts.frames, facts.width, facts.height) == (FRAMES, WIDTH, HEIGHT)
    assert facts.provenance["engine"] == "projection"
    assert facts.provenance["facts"]["addon_version"] == __version__
    frames = [frame.astype(int) for frame in read_frames(made / "shot.mp4")]
    assert len(frames) == FRAMES
    steps = [np.abs(after - before).mean() for before, after in itertools.pairwise(frames)]
    assert min(steps) > 0.5, "the camera moves in every frame"
    assert max(steps) < 40, "and never jumps"


def test_the_strip_lies_in_the_blend_and_finds_its_clip(made, blender, tmp_path):
    script = tmp_path / "look.py"
    script.write_text(LOOK_AT_BLEND)
    done = subprocess.run(
        [blender, script, made / "demo.blend"], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    found = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("FOUND"))[6:])
    (strip,) = found["strips"]
    assert strip["type"] == "MOVIE"
    assert (strip["first"], strip["length"]) == (found["first"], FRAMES)
    assert found["last"] - found["first"] + 1 == FRAMES
    assert strip["raw"].startswith("//"), "the folder can be moved"
    assert Path(strip["path"]).is_relative_to(made)
    assert Path(strip["path"]).read_bytes() == (made / "shot.mp4").read_bytes()


def test_the_contact_sheet_is_a_picture_with_every_part_drawn(made):
    sheet = cv2.imread(str(made / "contact_sheet.png"), cv2.IMREAD_COLOR_RGB)
    assert sheet is not None
    height, width = sheet.shape[:2]
    assert width == 2000 and height > 1500
    bands = np.array_split(sheet.astype(int), 8)
    assert min(band.std() for band in bands) > 5, "a part of the page is empty"
    holes = (sheet == (255, 45, 140)).all(axis=2)
    assert holes.sum() > 18 * 18, "holes are marked in the pictures, not in the legend only"


@pytest.mark.parametrize("size", ["832", "832x", "64x64", "9000x480", "ten x ten"])
def test_a_size_that_is_none_is_said(size, tmp_path):
    done = second_unit("demo", "--out", tmp_path / "out", "--size", size)
    assert done.returncode == 1
    assert size in done.stderr and "832x480" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_said(blender, tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = second_unit("demo", "--out", tmp_path / "file" / "out", "--blender", blender)
    assert done.returncode == 1
    assert "cannot be written" in done.stderr and "Traceback" not in done.stderr


def test_a_blender_that_is_none_is_said(tmp_path):
    done = second_unit("demo", "--out", tmp_path / "out", "--blender", tmp_path / "no_blender")
    assert done.returncode == 1
    assert "no_blender" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
