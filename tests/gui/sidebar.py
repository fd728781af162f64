# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding and pressing things in the sidebar of a 3D viewport or of the sequencer with the mouse alone.

Blender tells nobody where it drew a button, but it does tell which one the pointer is over. So the pointer walks over
the panel until Blender says that it is on the right one.
"""

from __future__ import annotations

import itertools
import time
from typing import Any

from tests.gui.session import GuiBlender

TAB = "Second Unit"

OPEN = """
_window = bpy.context.window_manager.windows[0]
_area = max((a for a in _window.screen.areas if a.type == "VIEW_3D"), key=lambda a: a.width * a.height)
_area.spaces.active.show_region_ui = True
"""
REGION = """
_window = bpy.context.window_manager.windows[0]
_area = max((a for a in _window.screen.areas if a.type == "VIEW_3D"), key=lambda a: a.width * a.height)
_region = next(r for r in _area.regions if r.type == "UI")
"""
BOX = REGION + "result = [_region.x, _window.height - _region.y - _region.height, _region.width, _region.height]"
CATEGORY = REGION + "result = _region.active_panel_category"
UNDER_POINTER = (
    REGION
    + """
with bpy.context.temp_override(window=_window, area=_area, region=_region):
    if bpy.ops.ui.copy_python_command_button.poll():
        bpy.ops.ui.copy_python_command_button()
        result = bpy.context.window_manager.clipboard.removeprefix("bpy.ops.")
    elif bpy.context.property:
        result = bpy.context.property[1]
    else:
        result = ""
"""
)
STEP = 14  # pixels; a button is about 20 high
INTO = 4  # from a button's edge: on the very edge a press may miss it
MIDDLE = 0.45  # the column that meets most buttons, as a share of the sidebar's width
EDGE = 0.825  # that of small buttons
COLUMNS = (MIDDLE, EDGE, 0.775, 0.65, 0.2)  # where to walk down
LAG_S = 0.15
TRIES = 5
AGAIN_S = 15
PAGES = 6


class Sidebar:
    """The sidebar of the largest area of a kind."""

    def __init__(self, blender: GuiBlender, area: str = "VIEW_3D"):
        self._blender = blender
        self._area = area
        self._seen = blender.seen.setdefault(area, {})

    def open_tab(self) -> None:
        """Opens the sidebar and clicks down its tabs until Second Unit's is open."""
        self._ask(OPEN)
        time.sleep(0.5)
        left, top, width, height = self.box()
        for y in range(int(top) + 8, int(top + height), 36):
            if self._ask(CATEGORY) == TAB:
                return
            self._blender.display.click(left + width - 9, y)
            time.sleep(0.15)
        raise AssertionError(f"no tab called {TAB} in the sidebar")

    def find(self, wanted: str, at: float | None = None) -> tuple[float, float]:
        """Where a button is: ``second_unit.shoot()``, or as much of the call as tells it from others, for an operator;
        the end of the data path for a property. ``at``: the only column to look in, to be quick.

        Looks where it was last, in this test or another; then over what is in view, and scrolls only then: a wheel that
        finds nothing to scroll zooms the viewport.
        """
        left, top, width, height = self.box()
        last = self._seen.get((wanted, at))
        if last and self._is_at(*last, wanted):
            return self._well_inside(*last, wanted)
        middle = left + width * MIDDLE
        columns = [at] if at is not None else list(COLUMNS)
        if last:
            columns.sort(key=lambda fraction: abs(left + width * fraction - last[0]))
        for page in range(PAGES):
            for fraction in columns:
                if found := self._scan(fraction, wanted, last):
                    self._seen[wanted, at] = found
                    return found
            turns, down = (30, False) if page == 0 else (8, True)
            self._blender.display.scroll(middle, top + height / 2, down=down, times=turns)
            time.sleep(0.3)
        self._blender.screenshot(f"not_found_{wanted}")
        raise AssertionError(f"no button {wanted} in the sidebar")

    def scroll_to_end(self) -> None:
        """Brings the last panels into view."""
        left, top, width, height = self.box()
        self._blender.display.scroll(left + width * MIDDLE, top + height / 2, down=True, times=40)
        time.sleep(0.5)

    def scroll(self, turns: int) -> None:
        """Moves the panels up by so many turns of the wheel."""
        left, top, width, height = self.box()
        self._blender.display.scroll(left + width * MIDDLE, top + height / 2, down=True, times=turns)
        time.sleep(0.5)

    def press(self, wanted: str, at: float | None = None) -> None:
        """Clicks the button once it stays where it was found: panels above it grow and shrink as answers come."""
        for _ in range(TRIES):
            place = self.find(wanted, at)
            time.sleep(0.2)
            if self._is_at(*place, wanted):
                self._blender.display.press()
                return
        raise AssertionError(f"the button {wanted} does not stay in its place")

    def press_for(self, wanted: str, outcome: str, at: float | None = None) -> Any:
        """Presses until ``outcome`` is true, and returns it: as answers come from a daemon that has just started, a
        panel may grow between the last look and the press."""
        for _ in range(TRIES):
            self.press(wanted, at)
            try:
                return self._blender.wait_for(outcome, AGAIN_S)
            except TimeoutError:
                continue
        raise AssertionError(f"{wanted} was pressed {TRIES} times, and {outcome!r} is not true")

    def box(self) -> list[Any]:
        """Left, top, width and height in the window, pixels."""
        return self._ask(BOX)

    def _scan(self, fraction: float, wanted: str, last: tuple[float, float] | None) -> tuple[float, float] | None:
        """Down the column, or from where the button was met ``last`` to both sides of it; along a row of its kind."""
        left, top, width, height = self.box()
        rows = list(range(int(top) + 4, int(top + height) - 4, STEP))
        if last:
            rows.sort(key=lambda y: abs(y - last[1]))
        kind, before = wanted.partition("(")[0] + "(", rows[0]
        for y in rows:
            under = self._under(left + width * fraction, y)
            columns = (fraction, *COLUMNS) if under.startswith(kind) else (fraction,) if _is(under, wanted) else ()
            for other, row in itertools.product(columns, (y, before)):  # a Blender that lags tells of where it was
                if self._comes_to(left + width * other, row, wanted):
                    return self._well_inside(left + width * other, row, wanted)
            before = y
        return None

    def _comes_to(self, x: float, y: float, wanted: str) -> bool:
        """Whether it is there, for a Blender that may take a while to notice the pointer."""
        if self._is_at(x, y, wanted):
            return True
        time.sleep(LAG_S)
        return _is(self._ask(UNDER_POINTER), wanted)

    def _well_inside(self, x: float, y: float, wanted: str) -> tuple[float, float]:
        above, below = self._is_at(x, y - INTO, wanted), self._is_at(x, y + INTO, wanted)
        return x, y + INTO * (below - above)

    def _is_at(self, x: float, y: float, wanted: str) -> bool:
        return _is(self._under(x, y), wanted)

    def _under(self, x: float, y: float) -> str:
        self._blender.display.move(x, y)
        time.sleep(0.02)
        return self._ask(UNDER_POINTER)

    def _ask(self, code: str) -> Any:
        return self._blender.ask(code.replace('"VIEW_3D"', f'"{self._area}"'))


def _is(under: str, wanted: str) -> bool:
    return under.startswith(wanted) or under.endswith("." + wanted)
