# SPDX-License-Identifier: GPL-3.0-or-later
"""RIFE from a file of the user's: a network of three nodes stands in for it, which mixes both frames by the time."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from second_unit_daemon.post import catalogue
from second_unit_daemon.post.chain import Chain
from second_unit_protocol.errors import SecondUnitError

from tests.bench.bench_in_between import Mix
from tests.post.clips import pan, stream_of
from tests.support import tiny_onnx

has_runtime = importlib.util.find_spec("onnxruntime") is not None
needs_runtime = pytest.mark.skipif(not has_runtime, reason="the extra style, with onnxruntime, is not installed")


def made_by(model, frames, rate="96", method="rife"):
    chain = Chain([catalogue.parse(f"interpolate:{rate},method={method},model={model}")])
    return list(chain.run(iter(frames), stream_of(len(frames), frames[0].shape[1], frames[0].shape[0]))), chain


@needs_runtime
@pytest.mark.parametrize(
    "write",
    [
        tiny_onnx.mixing_in_one,
        tiny_onnx.mixing_in_three,
        lambda path: tiny_onnx.mixing_in_three(path, (1, 1, 1, 1)),
        lambda path: tiny_onnx.mixing_in_three(path, (1, 1, "h", "w")),
        lambda path: tiny_onnx.mixing_in_three(path, (1,), (1, 3, 128, 128)),
    ],
    ids=["seven channels", "time a value", "time a pixel", "time a plane", "fixed size"],
)
def test_frames_in_between_are_the_networks(write, tmp_path):
    """The sizes are no multiples of what it takes; a quarter of the way is a quarter of the way."""
    frames = list(pan(3, 90, 70))
    made, chain = made_by(write(tmp_path / "a.onnx"), frames)
    mix = Mix()
    mix.begin(0, frames[0], frames[1])
    assert made[1].shape == (70, 90, 3)
    assert np.abs(made[1].astype(int) - mix.at(0.25)).max() <= 1
    np.testing.assert_array_equal(made[4], frames[1])
    assert chain.facts()[0]["method"] == "rife" and "a.onnx" in chain.facts()[0]["estimator"]


@needs_runtime
def test_a_cut_is_not_given_to_the_network(tmp_path):
    frames = [*pan(3, 96, 64), *pan(3, 96, 64, seed=5)]
    made, _ = made_by(tiny_onnx.mixing_in_one(tmp_path / "a.onnx"), frames, "48")
    assert any(np.array_equal(made[5], frame) for frame in frames[2:4])


@needs_runtime
def test_alpha_goes_through_it_too(tmp_path):
    frames = [np.dstack((f, np.full(f.shape[:2], 80 * i, np.uint8))) for i, f in enumerate(pan(2, 96, 64))]
    made, _ = made_by(tiny_onnx.mixing_in_one(tmp_path / "a.onnx"), frames, "48")
    assert int(made[1][20, 20, 3]) == 40


@needs_runtime
def test_it_is_used_unnamed_where_it_lies_in_its_place(tmp_path, monkeypatch):
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path))
    frames = list(pan(2, 96, 64))
    assert made_by("", frames, "48", "auto")[1].facts()[0]["method"] == "flow"
    tiny_onnx.mixing_in_one(tmp_path / "rife.onnx")
    assert made_by("", frames, "48", "auto")[1].facts()[0]["method"] == "rife"
    assert made_by("", frames, "48", "flow")[1].facts()[0]["method"] == "flow"


@needs_runtime
@pytest.mark.parametrize(
    ("write", "words"),
    [
        (tiny_onnx.sharpening, "takes picture .* and the time"),
        (lambda path: tiny_onnx.mixing_in_three(path, (1,), (1, 3, 32, 32)), "made for 32 × 32"),
        (lambda path: (path.write_bytes(b"no network"), path)[1], "no network that ONNX Runtime reads"),
    ],
    ids=["another network", "too small", "nonsense"],
)
def test_what_cannot_be_used_is_said(write, words, tmp_path):
    with pytest.raises(SecondUnitError, match=words):
        made_by(write(tmp_path / "a.onnx"), list(pan(2, 96, 64)))


def test_weights_that_are_not_there_are_said(tmp_path, monkeypatch):
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path))
    with pytest.raises(SecondUnitError, match=r"no rife\.onnx"):
        made_by("", list(pan(2, 96, 64)))
    with pytest.raises(SecondUnitError, match="is not there"):
        made_by(tmp_path / "b.onnx", list(pan(2, 96, 64)))
