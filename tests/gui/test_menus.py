# SPDX-License-Identifier: GPL-3.0-or-later
"""The menu in the header of a real window, and shortcuts beside Blender's own."""

from __future__ import annotations

import time

from tests.gui.session import GuiBlender
from tests.gui.sidebar import EDGE, Sidebar

# Blender's items in every keymap that counts where ours do; and how often ours are among them.
CLASHES = """
config = bpy.context.window_manager.keyconfigs
def keys(item):
    return item.type, bool(item.ctrl), bool(item.alt), bool(item.shift)
taken = [keys(i) for m in config.default.keymaps if m.space_type in ("VIEW_3D", "EMPTY") and not m.is_modal
         for i in m.keymap_items if i.active and i.value in ("PRESS", "ANY")]
ours = [keys(i) for m in config.addon.keymaps for i in m.keymap_items if i.idname.startswith("second_unit.")]
result = [len(taken), len(ours), [k for k in ours if k in taken]]
"""
HEADER = """
region = next(r for r in view().regions if r.type == "HEADER")
result = [region.x, window().height - region.y - region.height, region.width, region.height]
"""
MENU = "part('ui.menus').SECOND_UNIT_MT_all_viewport"


def test_shortcuts_are_none_of_blenders_and_one_pins_the_viewport(blender: GuiBlender, sidebar: Sidebar) -> None:
    taken, ours, both = blender.ask(CLASHES)
    assert taken > 300 and ours == 2 and both == []
    sidebar.press("second_unit.shot_add()", EDGE)
    blender.wait_for("result = len(window().scene.second_unit.shots)")
    x, y, width, height = blender.ask("a = view(); result = [a.x, window().height - a.y - a.height, a.width, a.height]")
    blender.display.move(x + width * 0.4, y + height * 0.6)
    blender.display.key("shift+alt+F11")
    blender.wait_for("result = len(window().scene.second_unit.shots[0].references)")


def test_the_menu_opens_from_the_header(blender: GuiBlender, sidebar: Sidebar) -> None:
    blender.ask(
        f"drawn = []; kept = {MENU}.draw; {MENU}.draw = lambda self, context: (drawn.append(1), kept(self, context))[1]"
    )
    x, y, width, height = blender.ask(HEADER)
    try:
        for at in range(int(x) + 180, int(x + width * 0.5), 24):
            blender.display.click(at, y + height / 2)
            time.sleep(0.4)
            if blender.ask("result = len(drawn)"):
                break
            blender.display.key("Escape")
        blender.screenshot("menu")
        assert blender.ask("result = len(drawn)")
        blender.display.key("Escape")
    finally:
        blender.ask(f"{MENU}.draw = kept")
    assert "Traceback" not in blender.log()
