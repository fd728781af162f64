# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench of models tells an engine that keeps to its camera from one that does not, for every engine alike."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest
from second_unit_daemon import devices
from second_unit_daemon.bench.moves import MOVES
from second_unit_daemon.bench.run import bench
from second_unit_daemon.cli import app
from second_unit_protocol.errors import SecondUnitError
from typer.testing import CliRunner

from tests.support.tiny_models import models_toml, tiny_model
from tests.support.tiny_models.wan_vace import table, vace

ENGINES = Path(__file__).parents[2] / "support" / "engines.toml"


@pytest.fixture
def engines(tmp_path, monkeypatch):
    listed = models_toml(tmp_path / "models.toml", tiny_vace=table(tiny_model(vace)))
    monkeypatch.setenv("SECOND_UNIT_MODELS", str(listed))
    monkeypatch.setenv("SECOND_UNIT_ENGINES", str(ENGINES))


def test_engines_are_measured_on_the_same_moves(engines, tmp_path):
    dolly = MOVES[:1]
    names, out = ["projection", "plates", "tiny-vace"], tmp_path / "out"  # plates: frozen, at its seed of 1 per cent
    rows = bench(names, 5, (240, 136), devices.cpu(), out, moves=dolly)
    kept, still, tiny = rows
    assert kept.kept == "keeps" and kept.shift_px < 0.5
    assert still.kept == "wrong-camera" and still.shift_px > 10 * kept.shift_px
    assert tiny.problem or tiny.kept
    assert [row["engine"] for row in json.loads((out / "bench.json").read_text())] == names
    assert (out / "bench.md").read_text().count("| dolly |") == 3
    assert cv2.imread(str(out / "bench.png")).shape[0] > 300


def test_every_move_is_kept_to_by_projection(tmp_path):
    arguments = ["bench-models", "--engine", "projection", "--frames", "4", "--size", "240x136"]
    done = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    rows = json.loads((tmp_path / "bench.json").read_text())
    assert [row["move"] for row in rows] == [move.name for move in MOVES]
    assert {row["kept"] for row in rows} == {"keeps"}


def test_an_engine_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SecondUnitError, match="nobody"):
        bench(["nobody"], 5, (160, 96), devices.cpu(), tmp_path)
