# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture that does not lie on the scene: refused in the real window, with a picture of the mismatch."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np

from tests.gui.session import GuiBlender
from tests.gui.sidebar import Sidebar

STATE = "result = job_state()"

TAKE = "window().scene.frame_set(15)\nwith in_view():\n    bpy.ops.second_unit.reference_take(method='VIEWPORT')"
PATHS = "result = [bpy.path.abspath(r.path) for r in window().scene.second_unit.shots[0].references]"
SHIFT_PX = 30  # of 208: 14 % of the width


def test_a_picture_that_does_not_fit_is_refused_and_shown(blender: GuiBlender, running: Sidebar) -> None:
    blender.ask(TAKE)
    (taken,) = blender.wait_for(PATHS, accept=lambda found: len(found) == 1 and found[0])
    picture = cv2.imread(taken)
    moved = cv2.copyMakeBorder(picture, 0, 0, SHIFT_PX, 0, cv2.BORDER_REPLICATE)[:, : picture.shape[1]]
    misfit = blender.work / "misfit.png"
    cv2.imwrite(str(misfit), moved)
    blender.ask(
        "window().scene.second_unit.shots[0].references.clear()\nwith in_view():\n"
        f"    bpy.ops.second_unit.reference_add_file(filepath={str(misfit)!r})"
    )
    blender.wait_for("result = part('link.current').planner.plan is not None")
    running.press("second_unit.shoot()")
    refused = blender.wait_for(STATE, 120, lambda state: state["errors"] or state["strips"] or state["shoot_error"])
    (sentence,) = refused["errors"]
    assert "misfit does not show what its camera sees" in sentence and "Fit References" in sentence
    (job,) = refused["previews"]
    blender.wait_for(f"result = part('ui.previews').icon_of_job({job!r})")
    running.scroll_to_end()
    time.sleep(1.0)
    magenta = _magenta(blender.screenshot("misfit"))
    assert magenta > 150, "edges of depth are drawn in the panel"
    running.press("second_unit.job_dismiss(")
    assert not blender.wait_for(STATE, accept=lambda state: not state["errors"])["strips"]


def _magenta(path: Path) -> int:
    """Pixels of a screenshot that are the colour of the edges in the mismatch."""
    blue, green, red = (cv2.imread(str(path)).astype(np.int16)[..., k] for k in range(3))
    return int(((red > 180) & (green < 110) & (blue > 140)).sum())
