# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab is there after installing the zip, and the Daemon panel says what to do in every state."""

from __future__ import annotations

from tests.gui.outside_daemon import OutsideDaemon
from tests.gui.session import GuiBlender
from tests.gui.sidebar import EDGE, Sidebar

PHASE = "result = part('link.current').link.phase.value"
PREFERENCES = "bpy.context.preferences.addons[ADDON].preferences"


def test_installing_and_opening_the_tab_raises_nothing(blender: GuiBlender, sidebar: Sidebar) -> None:
    blender.screenshot("tab")

    assert 'Installed "second_unit"' in blender.install_said
    assert "Traceback" not in blender.log()


def test_a_missing_daemon_comes_with_the_command_that_installs_it(blender: GuiBlender, sidebar: Sidebar) -> None:
    blender.wait_for(PHASE, accept=lambda phase: phase == "absent")
    blender.screenshot("daemon_not_installed")

    sidebar.press("second_unit.daemon_copy_command()", EDGE)
    command = blender.wait_for("result = bpy.context.window_manager.clipboard", accept=lambda t: t.startswith("pip "))

    assert command.startswith('pip install "') and command.endswith('.whl"')
    wheel = command.split('"')[1]
    assert blender.ask(f"import os; result = os.path.isfile({wheel!r})")


def test_one_button_starts_the_daemon_and_one_stops_it(
    blender: GuiBlender, sidebar: Sidebar, daemon: OutsideDaemon
) -> None:
    blender.ask(f"{PREFERENCES}.daemon_program = {str(daemon.program)!r}")
    blender.wait_for(PHASE, accept=lambda phase: phase == "stopped")
    blender.screenshot("daemon_stopped")

    sidebar.press("second_unit.daemon_start()")
    blender.wait_for(PHASE, accept=lambda phase: phase == "ready")
    blender.wait_for("result = part('link.current').link.status is not None")
    blender.screenshot("daemon_ready")

    sidebar.press("second_unit.daemon_stop()", 0.775)
    blender.wait_for(PHASE, accept=lambda phase: phase == "stopped")
