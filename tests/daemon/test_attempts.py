# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip that followed another camera is made again with the next seed, within bounds, and the best one is kept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon import devices
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_daemon.encode.read import read_frames
from second_unit_daemon.engines.base import EngineFrame, JobControl
from second_unit_daemon.executors.attempts import shoot
from second_unit_daemon.executors.pipeline import Outside
from second_unit_protocol.results import EngineInfo, Input, Kept, Plan

from tests.support.room import dolly, room_shot

FRAMES = 5


class Wayward:
    """A model that keeps to its camera with one seed only; with the others it goes ``speed`` as fast."""

    info = EngineInfo("wayward", "Wayward", "", (Input.CAMERA, Input.SEED), (), (Input.DEPTH,), "none")

    def __init__(self, made, obeys: int, reads_seed: bool = True):
        self.made, self.obeys, self.reads_seed = made, obeys, reads_seed
        self.seeds: list[int] = []

    def plan(self, request, device) -> Plan:
        grid, size = self.made.request.grid, (request.width, request.height)
        takes = (Input.CAMERA, *([Input.SEED] if self.reads_seed else []))
        return Plan("wayward", grid, *size, (Input.DEPTH,), takes, (), 1, 1.0)

    def frames(self, shot, control: JobControl) -> Iterator[EngineFrame]:
        seed = shot.request.seed
        self.seeds.append(seed)
        speed = 1.0 if seed == self.obeys else 0.1 * (seed % 7)
        for frame in self.made.along(lambda time: dolly(speed * time)):
            yield EngineFrame(frame, frame)

    def figures(self) -> dict[str, float]:
        return {}


@pytest.fixture(scope="module")
def made():
    return room_shot(FRAMES, 240, 136, references=(0,), moving=False)


def run(made, engine, folder, *, seed: int, retries: int):
    opened = made.open(folder / "blobs")
    shot = ShotData(evolve(made.request, seed=seed, retries=retries), opened.blob_path)
    stages: list[str] = []
    outside = Outside(lambda stage, share, left: stages.append(stage), lambda picture: None, lambda: None)
    scratch = folder / "scratch"
    scratch.mkdir()
    files, report = shoot("0" * 32, shot, engine, devices.cpu(), scratch, outside)
    return scratch, files, report, stages


def test_the_next_seeds_are_tried_until_one_keeps_the_camera(made, tmp_path):
    engine = Wayward(made, obeys=9)
    scratch, files, report, stages = run(made, engine, tmp_path, seed=7, retries=5)
    assert engine.seeds == [7, 8, 9]
    assert report.seed == 9 and report.adherence.kept is Kept.KEEPS
    assert any("retry 2 of 5" in stage for stage in stages), "the queue says so"
    assert report.figures["retries"] == 2
    assert any("Seed 9 is retry 2 of 5" in warning for warning in report.warnings)
    first = next(iter(read_frames(scratch / files.master)))
    assert np.array_equal(first, made.truth[0])
    assert [path.name for path in scratch.iterdir()] == ["attempt_2"], "files of takes that lost are gone"


def test_retries_end_and_the_nearest_take_stays(made, tmp_path):
    engine = Wayward(made, obeys=99)
    scratch, files, report, _ = run(made, engine, tmp_path, seed=1, retries=2)
    assert engine.seeds == [1, 2, 3]
    assert report.seed == 3, "three tenths of the speed are nearer to the camera than one or two"
    assert report.adherence.kept is Kept.WRONG_CAMERA
    assert any("None of 3 seeds kept the camera; 3 came nearest" in warning for warning in report.warnings)
    assert (scratch / files.clip).is_file() and (scratch / files.poster).is_file()


def test_an_engine_that_does_not_read_the_seed_is_not_tried_again(made, tmp_path):
    engine = Wayward(made, obeys=99, reads_seed=False)
    _, _, report, _ = run(made, engine, tmp_path, seed=1, retries=2)
    assert engine.seeds == [1]
    assert any("does not read the seed" in warning for warning in report.warnings)


def test_without_retries_nothing_is_said_of_them(made, tmp_path):
    engine = Wayward(made, obeys=99)
    scratch, files, report, _ = run(made, engine, tmp_path, seed=1, retries=0)
    assert engine.seeds == [1] and report.warnings == () and "retries" not in report.figures
    assert (scratch / files.clip).is_file()
