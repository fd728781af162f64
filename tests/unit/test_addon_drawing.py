# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawn outlines become the pixels inside them, drawn lines the points that a part follows."""

from __future__ import annotations

import cv2
import numpy as np
import pytest


@pytest.fixture
def drawing(core):
    return core("drawing")


def corners(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, float)


def test_an_outline_is_filled_where_a_reference_rasteriser_fills_it(drawing):
    filled = drawing.filled
    star = corners((50, 5), (62, 70), (4, 28), (96, 30), (35, 72))
    made = filled([star], 100, 80)
    reference = np.zeros((80 * 16, 100 * 16), np.uint8)
    cv2.fillPoly(reference, [np.round(star * 16).astype(np.int32)], 255)
    expected = cv2.resize(reference, (100, 80), interpolation=cv2.INTER_AREA)
    assert np.all(made[expected == 255] == 255) and not made[expected == 0].any()
    box = filled([corners((10, 10), (20, 10), (20, 14), (10, 14))], 40, 30)
    assert np.argwhere(box).min(0).tolist() == [10, 10] and np.argwhere(box).max(0).tolist() == [13, 19]
    assert not filled([corners((1, 1), (5, 5))], 40, 30).any(), "a line has no inside"
    assert filled([corners((-9, -9), (60, -9), (60, 60), (-9, 60))], 40, 30).all(), "it may reach beyond the picture"


def test_a_bezier_circle_is_round_and_a_line_keeps_its_ends(drawing):
    k = 0.5523 * 30
    at = [(30, 0), (0, 30), (-30, 0), (0, -30)]
    ways = [(0, k), (-k, 0), (0, -k), (k, 0)]
    knots = [
        drawing.Knot(np.subtract(p, w) + 50, np.add(p, 50.0), np.add(p, w) + 50) for p, w in zip(at, ways, strict=True)
    ]
    circle = drawing.polyline(knots, closed=True)
    assert np.linalg.norm(circle - 50, axis=1) == pytest.approx(30, abs=0.1)
    line = drawing.polyline(knots[:3], closed=False)
    assert line[0].tolist() == [80, 50] and line[-1].tolist() == [20, 50]
    points = [
        tuple(map(float, p.split(","))) for p in drawing.words_of(np.linspace((0, 0), (500, 100), 400)).split(";")
    ]
    assert len(points) <= 65 and points[0] == (0, 0) and points[-1] == (500, 100)


def test_a_stroke_that_comes_back_is_an_outline(drawing):
    turn = np.linspace(0, 6.2, 40)
    assert drawing.meets_itself(np.stack([np.cos(turn), np.sin(turn)], 1))
    assert not drawing.meets_itself(np.linspace((0, 0), (9, 3), 20))
