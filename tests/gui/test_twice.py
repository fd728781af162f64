# SPDX-License-Identifier: GPL-3.0-or-later
"""Disabling the extension leaves nothing behind, and it comes back as it was."""

from __future__ import annotations

from tests.gui.session import GuiBlender
from tests.gui.sidebar import Sidebar

TRACES = """
def traces():
    kinds = (bpy.types.Panel, bpy.types.UIList, bpy.types.Menu, bpy.types.Operator, bpy.types.PropertyGroup,
             bpy.types.AddonPreferences)
    ours = [name for name in dir(bpy.types) if name.startswith("SECOND_UNIT_")]
    for owner in (bpy.types.Scene, bpy.types.WindowManager, bpy.types.Strip):
        if "second_unit" in owner.bl_rna.properties:
            ours.append(owner.__name__ + ".second_unit")
    for event in dir(bpy.app.handlers):
        handlers = getattr(bpy.app.handlers, event)
        if isinstance(handlers, list):
            ours += [f"{event}: {h.__name__}" for h in handlers if h.__module__.startswith(ADDON)]
    pump = part("link.pump")
    if bpy.app.timers.is_registered(pump._timer):
        ours.append("timer")
    ours += [f"chore {chore}" for chore in pump._chores]
    ours += ["previews" for _ in part("ui.previews")._collections]
    return sorted(ours)
"""
FIRST_USES = """
part('ui.previews')._collection().clear()
part('ui.previews').clear()
part('ui.takes.trash').clear()
"""


def test_disabling_twice_leaves_nothing_and_enabling_brings_all_back(blender: GuiBlender, sidebar: Sidebar) -> None:
    blender.ask(TRACES)
    # What comes at its first use may be there from other tests, and is not after enabling. A draw between two questions
    # is such a use, so each change is asked for with its traces.
    enabled = blender.ask(f"{FIRST_USES}\nresult = traces()")
    for _ in range(2):
        assert blender.ask("bpy.ops.preferences.addon_disable(module=ADDON)\nresult = traces()") == []
        assert blender.ask("bpy.ops.preferences.addon_enable(module=ADDON)\nresult = traces()") == enabled
    assert "timer" in enabled and len(enabled) > 40
    assert "Traceback" not in blender.log()
