# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs in the Queue panel of the real window: chosen, moved, cancelled and tried again with the mouse."""

from __future__ import annotations

import time

from tests.gui.session import GuiBlender
from tests.gui.sidebar import EDGE, UNDER_POINTER, Sidebar

QUEUED = "result = part('link.current').board.queued()"
ACTIVE = "q = bpy.context.window_manager.second_unit_queue; result = q.rows[q.active].name if q.rows else ''"
NAME = 0.2  # of a row, as a share of the sidebar's width
CROSSES, RETRIES = 0.69, 0.62  # columns of a row's small buttons, as shares of the sidebar's width


def test_jobs_are_moved_cancelled_and_tried_again_by_the_mouse(blender: GuiBlender, running: Sidebar) -> None:
    blender.ask(
        "shot = window().scene.second_unit.shots[0]; shot.name, shot.engine, shot.variations = 'Pier', 'slow', 3"
    )
    blender.wait_for("result = part('link.current').planner.plan is not None")
    running.press_for("second_unit.shoot()", "state = job_state(); result = state['capture'] or state['jobs']", 0.45)
    first, second = blender.wait_for(QUEUED, 90, lambda jobs: len(jobs) == 2)
    blender.wait_for("result = job_state()['previews']")  # the panel above has grown
    time.sleep(2.0)
    running.scroll_to_end()
    try:
        assert blender.ask("result = [each.words for each in part('ui.going').now()]")[0].startswith("Pier take 1")
        left, _, width, _ = running.box()
        _, first_y = running.find(f'second_unit.cancel(job_id="{first}"', CROSSES)
        _, second_y = running.find(f'second_unit.cancel(job_id="{second}"', CROSSES)
        for y, job in ((first_y, first), (second_y, second), (first_y, first), (second_y, second)):
            # A busy Blender takes no press in the round in which the pointer goes from one row to another.
            blender.display.move(left - 100, y)
            blender.wait_for(UNDER_POINTER, accept=lambda under: not under)
            blender.display.move(left + width * NAME, y)
            blender.wait_for(UNDER_POINTER, accept=lambda under: under.endswith(".active"))
            blender.display.press()
            blender.wait_for(f"{ACTIVE}; result = result == {job!r}", 20)  # rows stay where they were
        running.press_for("second_unit.job_move(direction='FIRST'", f"{QUEUED} == {[second, first]}", EDGE)
        over = f"result = {second!r} in part('link.current').board.over"
        running.press_for(f'second_unit.cancel(job_id="{second}"', over, CROSSES)
        time.sleep(1.0)
        blender.screenshot("queue_cancelled")
        running.press_for(
            f'second_unit.job_retry(job_id="{second}"',
            f"result = {second!r} in part('link.current').board.queued()",
            RETRIES,
        )
        time.sleep(1.0)
        blender.screenshot("queue")
    finally:
        blender.ask("for job in list(part('link.current').board.jobs): part('link.current').tracker.cancel(job)")
    blender.wait_for("result = not part('link.current').board.jobs", 30)
    assert "Traceback" not in blender.log()
