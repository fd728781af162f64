# SPDX-License-Identifier: GPL-3.0-or-later
"""Plates that are asked for twice are projected once, as far as their room goes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch")

from second_unit_daemon.engines.diffusion.doors import plates


class Projector:
    def __init__(self, _shot):
        self.asked: list[int] = []

    def frame(self, frame: int) -> SimpleNamespace:
        self.asked.append(frame)
        return SimpleNamespace(image=np.full((4, 6, 3), frame, np.uint8), known=np.arange(24.0).reshape(4, 6) % 2)


@pytest.mark.parametrize(("room", "times"), [(1 << 20, 1), (0, 2)])
def test_a_plate_is_projected_once_for_before_and_after_the_model(room, times, monkeypatch):
    monkeypatch.setattr(plates, "Projector", Projector)
    monkeypatch.setattr(plates, "pins_of", lambda _shot, nearest: SimpleNamespace(at={}))
    monkeypatch.setattr(plates, "KEPT_BYTES", room)
    carried = plates.Carried(None, (6, 4))
    first = [carried(frame) for frame in range(3)]
    second = [carried(frame) for frame in range(3)]
    for (image, mask), (again, mask_again) in zip(first, second, strict=True):
        np.testing.assert_array_equal(image, again)
        np.testing.assert_array_equal(mask, mask_again)
        assert set(np.unique(mask)) == {0, 255}
    assert carried._projector.asked == list(range(3)) * times
    assert not carried._kept, "what was put back is let go"
