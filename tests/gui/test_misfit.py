# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture that does not lie on the scene: refused in the real window, with a picture of the mismatch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.gui.session import GuiBlender
from tests.gui.sidebar import Sidebar

STATE = "result = job_state()"
SHOW = "show_panel('ui.fit', 'SECOND_UNIT_PT_fit', {shown})"
SHOT = "window().scene.second_unit.shots[0]"
TAKE = "window().scene.frame_set(15)\nwith in_view():\n    bpy.ops.second_unit.reference_take(method='VIEWPORT')"
PATHS = f"result = [bpy.path.abspath(r.path) for r in {SHOT}.references]"
ANSWER = (
    f"a = part('link.current').fits.of({SHOT}.references[0].uid); "
    "result = [a.job_id, a.done, a.error.sentence() if a.error else a.words] if a else "
    "['', False, str(part('ui.shot.shoot').now.error)]"
)
LONGEST_S = 300
SHIFT_PX = 30  # of 208: 14 % of the width


@pytest.fixture
def opened(blender: GuiBlender, running: Sidebar) -> Iterator[Sidebar]:
    """The panel is open for the test, which else is closed at first."""
    blender.teach("panels")
    blender.ask(SHOW.format(shown=True))
    yield running
    blender.ask(SHOW.format(shown=False))


def test_a_picture_that_does_not_fit_is_refused_and_shown(blender: GuiBlender, opened: Sidebar) -> None:
    blender.ask(TAKE)
    (taken,) = blender.wait_for(PATHS, accept=lambda found: len(found) == 1 and found[0])
    opened.press("second_unit.reference_check()")
    fits = blender.wait_for(ANSWER, LONGEST_S, lambda answer: answer[1])
    assert fits[2].startswith("It fits")
    time.sleep(1.0)
    blender.screenshot("fit_measured")

    picture = cv2.imread(taken)
    moved = cv2.copyMakeBorder(picture, 0, 0, SHIFT_PX, 0, cv2.BORDER_REPLICATE)[:, : picture.shape[1]]
    misfit = blender.work / "misfit.png"
    cv2.imwrite(str(misfit), moved)
    blender.ask(
        f"{SHOT}.references.clear()\nwith in_view():\n"
        f"    bpy.ops.second_unit.reference_add_file(filepath={str(misfit)!r})"
    )
    blender.wait_for(PATHS, accept=lambda found: found == [str(misfit)])
    time.sleep(2.5)  # the thumbnail is read by a thread
    opened.press("second_unit.reference_check()")
    refused = blender.wait_for(ANSWER, LONGEST_S, lambda answer: "does not show" in answer[2])
    blender.wait_for(f"result = part('ui.previews').icon_of_job({refused[0]!r})")
    assert _scrolled_to_magenta(blender, opened, "fit_refused"), "edges of depth are drawn in the panel"
    blender.ask(f"part('link.current').fits.cancel({refused[0]!r})")

    blender.wait_for("result = part('link.current').planner.plan is not None")
    opened.press("second_unit.shoot()")
    state = blender.wait_for(STATE, LONGEST_S, lambda state: state["errors"] or state["strips"] or state["shoot_error"])
    (sentence,) = state["errors"]
    assert "misfit does not show what its camera sees" in sentence and "Fit References" in sentence
    (job,) = state["previews"]
    blender.wait_for(f"result = part('ui.previews').icon_of_job({job!r})")
    assert _scrolled_to_magenta(blender, opened, "misfit"), "here, too"
    opened.press("second_unit.job_dismiss(")
    assert not blender.wait_for(STATE, accept=lambda state: not state["errors"])["strips"]


def _scrolled_to_magenta(blender: GuiBlender, sidebar: Sidebar, name: str) -> bool:
    """Whether edges as the mismatch has them come into view below."""
    for _ in range(9):
        time.sleep(1.0)
        if _magenta(blender.screenshot(name)) > 60:
            return True
        sidebar.scroll(3)
    return False


def _magenta(path: Path) -> int:
    """Pixels of a screenshot that are the colour of the edges in the mismatch."""
    blue, green, red = (cv2.imread(str(path)).astype(np.int16)[..., k] for k in range(3))
    return int(((red > 180) & (green < 110) & (blue > 140)).sum())
