# SPDX-License-Identifier: GPL-3.0-or-later
"""The Queue panel in the real window: jobs of this file and of another one, moved and cancelled with the mouse."""

from __future__ import annotations

import time

from tests.gui.outside_daemon import OutsideDaemon
from tests.gui.session import GuiBlender
from tests.gui.sidebar import EDGE, Sidebar
from tests.gui.test_shot import STATE

ROWS = "result = [[row.title, row.is_ours, row.job_id] for row in part('ui.shot.rows').in_queue()]"
CROSSES = 0.775  # the column of crosses in the list, as a share of the sidebar's width


def shoot(blender: GuiBlender, sidebar: Sidebar) -> None:
    """Presses Shoot and waits until the job is handed over."""
    before = len(blender.ask(STATE)["ended"])
    sidebar.press("second_unit.shoot()", 0.45)
    blender.wait_for(STATE, 60, lambda state: len(state["ended"]) > before and not state["capture"])
    time.sleep(3.0)  # until Blender has drawn the scene as it is again


def test_jobs_of_two_files_are_moved_and_cancelled(
    blender: GuiBlender, daemon: OutsideDaemon, running: Sidebar
) -> None:
    blender.ask("window().scene.second_unit.shots[0].engine = 'slow'")
    blender.ask("window().scene.second_unit.shots[0].name = 'Street'")
    blender.wait_for("result = part('link.current').planner.plan is not None")
    shoot(blender, running)
    shoot(blender, running)
    blender.ask("new_file()")
    blender.ask(f"set_up({str(blender.work / 'another.blend')!r})")
    blender.ask("bpy.ops.second_unit.shot_add(); shot = window().scene.second_unit.shots[0]")
    blender.ask("shot = window().scene.second_unit.shots[0]; shot.name, shot.engine = 'Harbour', 'slow'")
    sidebar = Sidebar(blender)
    sidebar.open_tab()
    blender.wait_for("result = part('link.current').planner.plan is not None")
    shoot(blender, sidebar)
    found = blender.wait_for(ROWS, 30, lambda rows: len(rows) == 3)
    assert [(title, ours) for title, ours, _ in found] == [
        ("Street", False),
        ("Street", False),
        ("Harbour take 1", True),
    ]
    blender.ask("bpy.context.window_manager.second_unit_queue.active = 2")
    sidebar.press("second_unit.job_move(direction='FIRST'", EDGE)
    moved = blender.wait_for(ROWS, 10, lambda rows: [row[0] for row in rows][1] == "Harbour take 1")
    time.sleep(1.0)
    blender.screenshot("queue")
    sidebar.press(f"second_unit.cancel(job_id='{moved[2][2]}'", CROSSES)
    blender.wait_for("result = list(part('link.current').board.over)", 10)
    for job_id in (moved[0][2], moved[1][2]):
        blender.ask(f"part('link.current').tracker.cancel({job_id!r})")
    blender.wait_for("result = not part('link.current').board.jobs", 30)
    blender.screenshot("queue_cancelled")
    assert "Traceback" not in blender.log()
