# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's figures are held to their bounds, and one that is missing counts as missed."""

from __future__ import annotations

import pytest

from tests.e2e.bounds import misses

GOOD = {
    "frames": 49, "psnr_known_db": 33.0, "wrongly_visible": 0.001, "rot_err_rad": 0.03, "hole_fraction": 0.02,
    "trans_err_m": 0.02, "mp4_loss_db": 1.0,
}  # fmt: skip


def test_figures_at_their_bounds_are_good():
    assert misses(GOOD) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("psnr_known_db", 32.99), ("wrongly_visible", 0.0011), ("rot_err_rad", 0.031), ("hole_fraction", 0.2)],
        *[
            ("psnr_known_db", None),
            ("mp4_loss_db", 1.01),
            ("rot_err_rad", None),
            ("trans_err_m", float("nan")),
            ("frames", 48),
        ],
    ],
)
def test_a_worse_or_missing_figure_is_found(name, value):
    assert misses(GOOD | {name: value}) == [name]
