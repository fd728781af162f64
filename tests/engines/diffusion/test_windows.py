# SPDX-License-Identifier: GPL-3.0-or-later
"""Long shots in windows: a window that fails is shot again alone, whether at once or when the job is tried again."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.engines.base import Cancelled
from second_unit_daemon.engines.diffusion import running
from second_unit_daemon.engines.diffusion.kept import Windows, address_of
from second_unit_daemon.engines.diffusion.seam import drift_of, share_at
from second_unit_protocol.grid import Rate
from second_unit_protocol.shot import SourceClip, SourceUse

from tests.support.generating import add, at_the_door, flat, video


@pytest.fixture
def long_shot(studio):
    """Two windows."""
    return studio.shot("tiny-short", frames=13, references=0)


def failing_at(monkeypatch, call: int, error: Exception) -> None:
    """The ``call``-th run of a pipeline ends in ``error``."""
    real, calls = running.run, []

    def run(*arguments):
        calls.append(arguments)
        made = real(*arguments)
        if len(calls) == call:
            raise error
        return made

    monkeypatch.setattr(running, "run", run)


def test_a_window_that_fails_is_shot_again_alone(studio, long_shot, monkeypatch):
    failing_at(monkeypatch, 2, RuntimeError("a kernel failed"))
    with at_the_door("WanVACEPipeline") as calls:
        take = studio.take(long_shot)
    assert len(calls) == 3 and len(take.frames) == 13
    assert "Part 2 of 2 failed and was shot again" in take.notes


def test_a_clip_is_extended_back_from_what_is_known_through_every_window(studio, long_shot):
    """The last window is made first: it alone sees the clip that is there."""
    colours = [flat((20 * k, 100, 200 - 20 * k)) for k in range(4)]
    source = SourceClip(add(long_shot, video(colours, 16)), 10.0, Rate(16), SourceUse.EXTEND)
    delivery = evolve(long_shot.request.delivery, handle_after=2)
    with at_the_door("WanVACEPipeline") as calls:
        take = studio.take(long_shot, source=source, delivery=delivery)
    known = [[not mask.any() for mask in call["mask"][0]] for call in calls]
    assert known == [[False] * 5 + [True] * 4, [False] * 4 + [True] * 5]
    assert np.array_equal(np.rint(calls[0]["video"][0, 5:] * 255), colours)
    images, first = take.images(), calls[1]["video"][0, 4:]
    assert len(images) == 13 and all(np.array_equal(images[9 + k], colours[k]) for k in (2, 3))
    assert np.array_equal(np.rint(first[2:] * 255), [f.measured for f in take.frames[6:9]]), "as it was shown"
    assert "from the last to the first" in " ".join(take.plan.warnings)


def test_a_job_that_is_tried_again_goes_on_with_the_window_that_failed(studio, long_shot, monkeypatch, tmp_path):
    whole = studio.take(long_shot).made()
    with monkeypatch.context() as patch:
        failing_at(patch, 2, Cancelled())
        with pytest.raises(Cancelled):
            studio.take(long_shot, keep=tmp_path)
    with at_the_door("WanVACEPipeline") as calls:
        again = studio.take(long_shot, keep=tmp_path)
    assert len(calls) == 1 and again.figures["windows_kept"] == 1
    assert again.made() == whole, "as if it had never failed"
    with at_the_door("WanVACEPipeline") as calls:
        assert studio.take(long_shot, keep=tmp_path, prompt="another").figures.get("windows_kept") is None
    assert len(calls) == 2, "other words are another window"


def test_pictures_that_are_no_numbers_are_no_pictures():
    class Output:
        frames = np.full((1, 2, 8, 8, 3), np.nan)

    with pytest.raises(running.BadPicturesError):
        running._frames(Output())


def test_kept_windows_make_room_and_survive_a_cut_file(tmp_path):
    import torch

    made = running.Made(np.zeros((3, 64, 64, 3), np.uint8), (np.ones((10, 2), np.float32), 48000))
    state = torch.Generator().get_state()
    windows = Windows(tmp_path, room_bytes=100_000)
    for name in ("a", "b", "c"):
        windows.keep(name, made, state)
        path = tmp_path / f"{name}.npz"
        path.touch()
    assert len(list(tmp_path.iterdir())) < 3 and windows.find("a") is None
    found = windows.find("c")
    assert found is not None and found.made.sound is not None and found.made.sound[1] == 48000
    assert torch.equal(found.state, state)
    (tmp_path / "c.npz").write_bytes(b"PK cut")
    assert windows.find("c") is None and not (tmp_path / "c.npz").exists()
    assert address_of({"a": np.ones(2)}) != address_of({"a": np.zeros(2)})
    assert address_of(lambda: 0) is None


def test_drift_is_told_and_taken_back():
    random = np.random.default_rng(1)
    known = [random.integers(60, 180, (48, 64, 3)).astype(np.uint8) for _ in range(4)]
    made = [np.clip(p * np.array([0.9, 1.0, 1.1]) + (4, -6, 2), 0, 255).astype(np.uint8) for p in known]
    drift = drift_of(made, known)
    assert drift.before > 5 and drift.after < 0.1
    error = np.abs(drift.corrected(made[0]).astype(int) - known[0]).mean()
    assert error < 1.0
    assert [round(share_at(k, 17), 2) for k in (0, 8, 9, 16)] == [0, 0, 0.11, 0.89]
