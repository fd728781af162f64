# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding and pressing things in the 3D viewport's sidebar with the mouse alone.

Blender tells nobody where it drew a button, but it does tell which one the pointer is over. So the pointer walks over
the panel until Blender says that it is on the right one.
"""

from __future__ import annotations

import time
from typing import Any

from tests.gui.session import GuiBlender

TAB = "Second Unit"

OPEN = """
window = bpy.context.window_manager.windows[0]
area = max((a for a in window.screen.areas if a.type == "VIEW_3D"), key=lambda a: a.width * a.height)
area.spaces.active.show_region_ui = True
"""
REGION = """
window = bpy.context.window_manager.windows[0]
area = max((a for a in window.screen.areas if a.type == "VIEW_3D"), key=lambda a: a.width * a.height)
region = next(r for r in area.regions if r.type == "UI")
"""
BOX = REGION + "result = [region.x, window.height - region.y - region.height, region.width, region.height]"
CATEGORY = REGION + "result = region.active_panel_category"
UNDER_POINTER = (
    REGION
    + """
with bpy.context.temp_override(window=window, area=area, region=region):
    if bpy.ops.ui.copy_python_command_button.poll():
        bpy.ops.ui.copy_python_command_button()
        result = bpy.context.window_manager.clipboard.partition("(")[0].removeprefix("bpy.ops.")
    elif bpy.context.property:
        result = bpy.context.property[1]
    else:
        result = ""
"""
)
STEP = 9  # pixels; a button is about 20 high


class Sidebar:
    """The sidebar of the largest 3D viewport."""

    def __init__(self, blender: GuiBlender):
        self._blender = blender

    def open_tab(self) -> None:
        """Opens the sidebar and clicks down its tabs until Second Unit's is open."""
        self._blender.ask(OPEN)
        time.sleep(0.5)
        left, top, width, height = self._box()
        for y in range(int(top) + 8, int(top + height), 16):
            if self._blender.ask(CATEGORY) == TAB:
                return
            self._blender.display.click(left + width - 9, y)
            time.sleep(0.15)
        raise AssertionError(f"no tab called {TAB} in the sidebar")

    def find(self, wanted: str) -> tuple[float, float]:
        """Where a button is: ``second_unit.shoot`` for an operator, the end of the data path for a property."""
        left, top, width, height = self._box()
        middle = left + width * 0.45
        self._blender.display.scroll(middle, top + height / 2, down=False, times=30)
        for _page in range(6):
            time.sleep(0.3)
            for fraction in (0.45, 0.75, 0.2, 0.86):
                if found := self._scan(left + width * fraction, top, height, wanted):
                    return found
            self._blender.display.scroll(middle, top + height / 2, down=True, times=8)
        self._blender.screenshot(f"not_found_{wanted}")
        raise AssertionError(f"no button {wanted} in the sidebar")

    def press(self, wanted: str) -> None:
        self._blender.display.click(*self.find(wanted))

    def _scan(self, x: float, top: float, height: float, wanted: str) -> tuple[float, float] | None:
        for y in range(int(top) + 4, int(top + height) - 4, STEP):
            self._blender.display.move(x, y)
            time.sleep(0.03)
            under = self._blender.ask(UNDER_POINTER)
            if under == wanted or under.endswith("." + wanted):
                return x, y
        return None

    def _box(self) -> list[Any]:
        return self._blender.ask(BOX)
