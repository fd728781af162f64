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
COLUMNS = (MIDDLE, EDGE, 0.775, 0.65, 0.2)  # where to walk down, each look takes a fifth of a second
ELSEWHERE = {  # where buttons are that some test looks for and that do not lie in the middle
    "second_unit.edit_text": EDGE,
    "second_unit.edit_motion": 0.65,
    "second_unit.job_dismiss": EDGE,
    "second_unit.model_fetch": 0.2,
    "second_unit.paint": EDGE,
}
LAG_S = 0.15
TRIES = 5
AGAIN_S = 15
NARROW = 10  # pixels: half of a small button
FOLLOWING = 8  # looks at most
TURNS = 16  # of the wheel, 41 pixels each: less than a page
PAGES = 5


class Sidebar:
    """The sidebar of the largest area of a kind."""

    def __init__(self, blender: GuiBlender, area: str = "VIEW_3D"):
        self._blender = blender
        self._area = area
        self._met = blender.met.setdefault(area, {})

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

        Looks where it was met last, in this test or another; then down the column where it likely is, over what is in
        view first, since a wheel that finds nothing to scroll zooms the viewport; then down all others.
        """
        left, top, width, height = self.box()
        last = self._last(wanted, at and left + width * at)
        if last and (found := self._follow(last, wanted)):
            return found
        likely = at or (last and (last[0] - left) / width) or ELSEWHERE.get(wanted.partition("(")[0], MIDDLE)
        rounds = [[likely]] if at else [[likely], [fraction for fraction in COLUMNS if fraction != likely]]
        for number, columns in enumerate(rounds):
            for page in range(number, PAGES):
                if page:
                    turns, down = (30, False) if page == 1 else (TURNS, True)
                    self._blender.display.scroll(left + width * MIDDLE, top + height / 2, down=down, times=turns)
                    time.sleep(0.3)
                for fraction in columns:
                    if found := self._scan(fraction, wanted, last):
                        return found
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

    def _last(self, wanted: str, x: float | None) -> tuple[float, float] | None:
        """Where it was last met, whatever was looked for then; ``x``: in that column."""
        places = (place for under, place in reversed(self._met.items()) if _is(under, wanted))
        return next((place for place in places if x is None or abs(place[0] - x) < NARROW), None)

    def _follow(self, last: tuple[float, float], wanted: str) -> tuple[float, float] | None:
        """From where it was met last: what is there now was met somewhere too, and tells how far the panels moved."""
        _, top, _, height = self.box()
        (x, y), met, tried = last, dict(self._met), set()
        while top < y < top + height and round(y) not in tried and len(tried) < FOLLOWING:
            tried.add(round(y))
            under = self._under(x, y)
            if _is(under, wanted):
                return self._well_inside(x, y, wanted)
            y += last[1] - met[under][1] if under in met else STEP
        return None

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
        under = self._ask(UNDER_POINTER)
        if under:
            self._met.pop(under, None)  # the newest is the last
            self._met[under] = x, y
        return under

    def _ask(self, code: str) -> Any:
        return self._blender.ask(code.replace('"VIEW_3D"', f'"{self._area}"'))


def _is(under: str, wanted: str) -> bool:
    return under.startswith(wanted) or under.endswith("." + wanted)
