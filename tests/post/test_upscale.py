# SPDX-License-Identifier: GPL-3.0-or-later
"""Upscaling: better than bicubic, without seams, steady, alpha kept, with a model of one's own too."""

from __future__ import annotations

import importlib.util
import itertools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from second_unit_daemon.encode.measure import psnr
from second_unit_daemon.post import catalogue
from second_unit_daemon.post.clip import open_clip
from second_unit_daemon.post.finish import PARTS, finish
from second_unit_daemon.post.upscale.tiles import tiled
from second_unit_daemon.post.upscale.user_model import torchvision_stood_in_for
from second_unit_daemon.post.upscale.waifu2x import Waifu2x
from second_unit_protocol.errors import SecondUnitError

from blender_addon.packaging.cache import cache_folder
from tests.post.clips import grace_hopper, pan, stream_of, write

BICUBIC = cv2.INTER_CUBIC


@pytest.fixture(scope="module")
def doubled():
    return catalogue.make(catalogue.parse("upscale:2"))


def bicubic(picture, size):
    return cv2.resize(picture, size, interpolation=BICUBIC)


def test_a_photograph_comes_back_better_than_by_bicubic(doubled):
    whole = grace_hopper()[40:360, 100:420]
    small = cv2.resize(whole, (160, 160), interpolation=cv2.INTER_AREA)
    gain = psnr(doubled.enlarged(small, (320, 320)), whole) - psnr(bicubic(small, (320, 320)), whole)
    assert gain > 1.5


def test_tiles_give_what_the_whole_picture_gives():
    network = Waifu2x()
    picture = np.random.default_rng(0).random((3, 70, 90), np.float32)
    whole = tiled(picture, network, 2, network.context, 200, crops=True)
    parts = tiled(picture, network, 2, network.context, 32, crops=True)
    assert whole.shape == parts.shape == (3, 140, 180)
    np.testing.assert_allclose(parts, whole, atol=2e-3)


def test_it_tells_of_every_tile_how_far_it_is(tmp_path, monkeypatch):
    """Then there is a time left before the first frame is done, which may take long."""
    monkeypatch.setattr(Waifu2x, "tile", 40)
    told: list[tuple[int, int]] = []
    clip = open_clip(write(tmp_path / "a.mp4", pan(2)))
    steps = [catalogue.parse(text) for text in ("deflicker:9", "upscale:4")]
    finish(clip, steps, tmp_path / "b.mkv", told=lambda *stand: told.append(stand))
    tiles = 3 * 2 + 5 * 4  # of 96 × 64, then of 192 × 128
    assert told == sorted(told) and told[-1] == (2 * PARTS, 2 * PARTS)
    assert len([done for done, _ in told if 0 < done < PARTS]) == tiles - 1


def test_a_smooth_ramp_has_no_steps_where_tiles_meet(doubled, monkeypatch):
    ramp = np.repeat(np.round(np.linspace(40, 200, 120)).astype(np.uint8)[None, :, None], 50, 0).repeat(3, 2)
    ramp = np.ascontiguousarray(ramp)
    whole = doubled.enlarged(ramp, (240, 100)).astype(int)
    monkeypatch.setattr(doubled._network, "tile", 40, raising=False)
    large = doubled.enlarged(ramp, (240, 100)).astype(int)
    assert np.abs(large - whole).max() <= 1
    steps = np.diff(large[20:-20, 12:-12].mean(axis=(0, 2)))
    assert steps.max() <= 2 and steps.min() >= 0, "no more than the source's own, of 1 and 2 levels"


def test_text_is_the_same_on_a_seam_as_away_from_it(doubled, monkeypatch):
    page = np.full((60, 120, 3), 255, np.uint8)
    for x in (10, 45, 80):
        cv2.putText(page, "Shot", (x, 36), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0), 1, cv2.LINE_AA)
    whole = doubled.enlarged(page, (240, 120))
    monkeypatch.setattr(doubled._network, "tile", 30, raising=False)
    assert np.abs(doubled.enlarged(page, (240, 120)).astype(int) - whole).max() <= 1


def test_a_still_picture_with_noise_flickers_no_more_than_its_source(doubled):
    """Flicker: the mean change from frame to frame where nothing moves."""
    random = np.random.default_rng(3)
    still = cv2.resize(grace_hopper()[40:360, 100:420], (80, 80), interpolation=cv2.INTER_AREA).astype(float)
    noisy = [np.clip(still + random.normal(0, 3, still.shape), 0, 255).astype(np.uint8) for _ in range(3)]

    def flicker(frames):
        return np.mean([np.abs(a.astype(int) - b).mean() for a, b in itertools.pairwise(frames)])

    assert flicker([doubled.enlarged(f, (160, 160)) for f in noisy]) < 1.25 * flicker(noisy)


def test_alpha_is_kept_and_clear_colours_do_not_bleed(doubled):
    frame = np.zeros((40, 40, 4), np.uint8)
    frame[..., :3] = (0, 255, 0)  # what a keyer leaves under clear pixels
    frame[10:30, 10:30] = (200, 40, 40, 255)
    large = doubled.enlarged(frame, (80, 80))
    assert large.shape == (80, 80, 4)
    assert (large[30:50, 30:50, 3] == 255).all() and (large[:12, :12, 3] == 0).all()
    rim = large[(large[..., 3] > 0)]
    assert rim[:, 1].max() < 90, "no green in the edge"


@pytest.mark.parametrize(("asked", "size"), [("4", (384, 256)), ("150x100", (150, 100)), ("2x", (192, 128))])
def test_any_size_is_met(asked, size):
    step = catalogue.make(catalogue.parse(f"upscale:{asked}"))
    stream = step.shape(stream_of(1))
    (frame,) = step.run(pan(1), stream_of(1))
    assert (stream.width, stream.height) == size == frame.shape[1::-1]


def test_of_a_size_with_another_aspect_the_middle_fills_all():
    """Twice the height of 96 × 64 is 128: a square of that shows the middle two thirds, undistorted."""
    frame = np.zeros((64, 96, 3), np.uint8)
    frame[16:48, 32:64] = 255
    (made,) = catalogue.make(catalogue.parse("upscale:128x128")).run(iter([frame]), stream_of(1))
    rows, columns = (np.flatnonzero(made[..., 1].max(axis) > 127) for axis in (1, 0))
    assert made.shape == (128, 128, 3) and abs(len(rows) - 64) <= 2 and abs(len(columns) - 64) <= 2
    assert abs(rows.mean() - 63.5) < 1 and abs(columns.mean() - 63.5) < 1


@pytest.mark.parametrize("asked", ["3", "10x10", "wide", "2,model=/nowhere/a.safetensors", "2,model=a.pth"])
def test_what_cannot_be_is_said(asked):
    with pytest.raises(SecondUnitError):
        catalogue.make(catalogue.parse(f"upscale:{asked}")).shape(stream_of(1))


@pytest.fixture(scope="module")
def spandrel():
    """spandrel, installed or fetched into the cache: an extra would bring its torchvision, and that another torch."""
    pytest.importorskip("torch")
    if importlib.util.find_spec("spandrel") is not None:
        yield
        return
    folder = cache_folder("spandrel") / "0.4.2"
    if not folder.is_dir():
        made = Path(tempfile.mkdtemp(dir=folder.parent))
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(made)]
        done = subprocess.run([*pip, "spandrel==0.4.2", "einops==0.8.2"], capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(made)
            pytest.skip(f"spandrel is not installed and cannot be fetched: {done.stderr.strip()[-200:]}")
        made.rename(folder)
    sys.path.append(str(folder))
    yield
    sys.path.remove(str(folder))


def test_a_model_of_ones_own(spandrel, tmp_path):
    import torch
    from safetensors.torch import save_file

    with torchvision_stood_in_for():
        from spandrel.architectures.Compact import Compact

    torch.manual_seed(0)
    network = Compact(num_in_ch=3, num_out_ch=3, num_feat=8, num_conv=2, upscale=2)
    save_file(network.state_dict(), tmp_path / "tiny.safetensors")
    step = catalogue.make(catalogue.parse(f"upscale:2,model={tmp_path / 'tiny.safetensors'}"))
    (frame,) = step.run(pan(1), stream_of(1))
    assert frame.shape == (128, 192, 3) and "Compact" in step.facts()["network"]
    picture = next(pan(1)).transpose(2, 0, 1).astype(np.float32) / 255
    with torch.inference_mode():
        truth = network.eval()(torch.from_numpy(picture)[None])[0].clip(0, 1).numpy()
    got = frame.transpose(2, 0, 1) / 255
    shrunk = [cv2.resize(p.transpose(1, 2, 0), (96, 64), interpolation=cv2.INTER_AREA) for p in (got, truth)]
    assert (
        np.abs(shrunk[0] - picture.transpose(1, 2, 0)).mean() <= np.abs(shrunk[1] - picture.transpose(1, 2, 0)).mean()
    )
    assert "torchvision" not in sys.modules


@pytest.fixture(scope="module")
def latent(tmp_path_factory):
    """A latent upsampler of LTX in a folder of the user's."""
    pytest.importorskip("diffusers")
    from tests.support.tiny_models import tiny_model
    from tests.support.tiny_models.ltx_upsampler import ltx_upsampler

    return tiny_model(ltx_upsampler)


def test_a_latent_upsampler_takes_stretches_of_frames_and_never_a_cut(latent, monkeypatch):
    from second_unit_daemon.post.upscale import video_model

    monkeypatch.setattr(video_model, "WINDOW", 9)
    monkeypatch.setattr(video_model, "OVERLAP", 3)
    step = catalogue.make(catalogue.parse(f"upscale:2,model={latent}"))
    seen = []
    pipeline = step._network._pipeline

    def watched(**call):
        seen.append([np.asarray(picture)[:64, :96] for picture in call["video"]])
        return pipeline(**call)

    monkeypatch.setattr(step._network, "_pipeline", watched)
    frames = [*pan(11), *pan(2, seed=3)]
    made = list(step.run(iter(frames), stream_of(13)))
    assert [f.shape for f in made] == [(128, 192, 3)] * 13
    assert [len(window) % 8 for window in seen] == [1, 1, 1]
    for number, window in zip((0, 6, 11), seen, strict=True):
        np.testing.assert_array_equal(window[0], frames[number])
    np.testing.assert_array_equal(seen[1][4], frames[10])
    np.testing.assert_array_equal(seen[1][5], frames[10])  # filled up, not with the next shot
    assert step.facts()["network"].startswith(latent.name)


def test_alpha_goes_beside_a_latent_upsampler(latent):
    step = catalogue.make(catalogue.parse(f"upscale:128x96,model={latent}"))
    frames = [np.dstack((f, np.full(f.shape[:2], 40 * i, np.uint8))) for i, f in enumerate(pan(2, 64, 48))]
    made = list(step.run(iter(frames), stream_of(2, 64, 48, alpha=True)))
    assert [f.shape for f in made] == [(96, 128, 4)] * 2
    assert [int(f[50, 60, 3]) for f in made] == [0, 40]


def test_a_folder_that_is_no_upscaler_is_said(tmp_path):
    (tmp_path / "model_index.json").write_text('{"_class_name": "WanPipeline"}')
    with pytest.raises(SecondUnitError, match="WanPipeline, no upscaler of video"):
        catalogue.make(catalogue.parse(f"upscale:2,model={tmp_path}"))
    (tmp_path / "model_index.json").unlink()
    with pytest.raises(SecondUnitError, match="no model of diffusers"):
        catalogue.make(catalogue.parse(f"upscale:2,model={tmp_path}"))


def test_kandinskys_super_resolution_takes_a_clip_that_is_smaller_than_its_tile():
    pytest.importorskip("diffusers")
    from tests.support.tiny_models import tiny_model
    from tests.support.tiny_models.kandinsky_sr import kandinsky_sr

    step = catalogue.make(catalogue.parse(f"upscale:2,model={tiny_model(kandinsky_sr)}"))
    made = list(step.run(pan(3, 72, 40), stream_of(3, 72, 40)))
    assert [frame.shape for frame in made] == [(80, 144, 3)] * 3
    assert "Kandinsky6SRPipeline" in step.facts()["network"] and made[0].std() > 1
