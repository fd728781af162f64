# SPDX-License-Identifier: GPL-3.0-or-later
"""From Blender's default scene to the first clip: how often one has to press something, counted."""

from __future__ import annotations

from tests.gui.outside_daemon import OutsideDaemon
from tests.gui.session import GuiBlender
from tests.gui.sidebar import Sidebar

MOST = 5
# The default scene has 250 frames in full HD, which a software renderer draws for hours: that changes no click.
DEFAULT = """
bpy.ops.wm.read_homefile(use_factory_startup=True)
"""
SMALLER = """
scene = window().scene
scene.frame_end = 9
scene.render.resolution_x, scene.render.resolution_y = 208, 120
result = sorted(o.name for o in scene.objects)
"""
OPEN = "result = view().spaces.active.show_region_ui"


def test_the_first_clip_takes_at_most_five_presses(blender: GuiBlender, daemon: OutsideDaemon) -> None:
    blender.ask(f"bpy.context.preferences.addons[ADDON].preferences.daemon_program = {str(daemon.program)!r}")
    blender.ask(DEFAULT)
    assert blender.ask(SMALLER) == ["Camera", "Cube", "Light"]
    presses = 0
    x, y, width, height = blender.ask("a = view(); result = [a.x, window().height - a.y - a.height, a.width, a.height]")
    if not blender.ask(OPEN):
        blender.display.move(x + width / 2, y + height / 2)
        blender.display.key("n")
        blender.wait_for(OPEN)
    presses += 1
    sidebar = Sidebar(blender)
    sidebar.open_tab()  # the test has to look for it; a person sees its name and clicks once
    presses += 1
    blender.screenshot("first_run_empty")
    presses += 1  # Install Daemon, which a test without the internet cannot press
    pinned = "result = [len(shot.references) for shot in window().scene.second_unit.shots] == [1]"
    sidebar.press_for("second_unit.reference_take(method='VIEWPORT')", pinned, 0.2)
    presses += 1
    begun = "state = job_state(); result = state['capture'] or state['jobs'] or state['landed']"
    sidebar.press_for("second_unit.shoot()", begun, 0.45)
    presses += 1
    landed = blender.wait_for(
        "result = job_state()", 180, lambda state: state["landed"] or state["errors"] or state["shoot_error"]
    )
    blender.screenshot("first_run")
    assert landed["landed"] and len(landed["strips"]) == 1, landed
    assert presses <= MOST
    assert "Traceback" not in blender.log()
