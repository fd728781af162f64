# SPDX-License-Identifier: GPL-3.0-or-later
"""The contact sheet's page: margins, type and colours. Rows are laid down from the top; all lengths are in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from attrs import field, frozen
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .figures import Picture
from .pictures import HOLE_COLOUR, coloured_depth

WIDTH, MARGIN, GAP, ROW_GAP = 2000, 64, 14, 20
LABELS = 236  # width of the column with the rows' names
DPI = 100
TALLEST = 6000

GROUND, INK, QUIET, RULE = "#14161b", "#f1efe9", "#9da2ad", "#333842"
FONT = "DejaVu Sans"  # matplotlib brings it along, so the page looks the same everywhere


@frozen(eq=False)
class Strip:
    """A picture of exactly the page's cell size and the words above it."""

    picture: Picture = field(repr=False)
    caption: str = ""


class Page:
    """Rows go on in order; ``save`` cuts the page below the last one. ``aspect`` is width / height of the pictures."""

    def __init__(self, columns: int, aspect: float):
        wide = (WIDTH - 2 * MARGIN - LABELS - GAP * (columns - 1)) // columns
        self.cell = wide, round(wide / aspect)
        self._figure = Figure(figsize=(WIDTH / DPI, TALLEST / DPI), dpi=DPI, facecolor=GROUND)
        FigureCanvasAgg(self._figure)
        self._columns = columns
        self._down = MARGIN

    def title(self, name: str, words: str) -> None:
        self._text(MARGIN, self._down, name, 54, weight="bold")
        self._text(MARGIN, self._down + 78, words, 21, colour=QUIET)
        self._down += 148

    def numbers(self, numbers: Sequence[tuple[str, str, str]]) -> None:
        """The headline: (number, unit, what it is), side by side between two rules."""
        self._rule()
        each = (WIDTH - 2 * MARGIN) / len(numbers)
        for place, (number, unit, what) in enumerate(numbers):
            left = MARGIN + place * each
            end = self._text(left, self._down + 24, number, 52, weight="bold")
            self._text(end + 8, self._down + 48, unit, 25, colour=QUIET)
            self._text(left, self._down + 94, what, 18, colour=QUIET)
        self._down += 168
        self._rule()
        self._down += 28

    def row(
        self,
        name: str,
        words: str,
        strips: Sequence[Strip],
        *,
        legend: str = "",
        scale: tuple[float, float] | None = None,
        space: bool = False,
    ) -> Axes:
        """Pictures side by side. Returns axes over the last cell, drawn on only where ``space`` left it free."""
        if any(strip.caption for strip in strips):
            self._down += 26
        self._label(name, words)
        wide, high = self.cell
        for place, strip in enumerate(strips):
            left = self._left(place)
            self._picture(strip.picture, left, self._down)
            if strip.caption:
                self._text(left, self._down - 25, strip.caption, 16, colour=QUIET)
        if legend:
            self._legend(legend)
        if scale:
            self._scale(*scale)
        last = self._axes(self._left(self._columns - 1), self._down, wide, high)
        last.set_visible(space)
        self._down += high + ROW_GAP
        return last

    def plots(self, name: str, words: str, height: int) -> tuple[Axes, Axes]:
        """Two plots side by side under a rule."""
        self._down += 34
        self._label(name, words)
        room = WIDTH - 2 * MARGIN - LABELS
        inset, between = 58, 100
        wide = (room - inset - between) // 2
        left = MARGIN + LABELS + inset
        plots = (
            self._axes(left, self._down, wide, height),
            self._axes(left + wide + between, self._down, wide, height),
        )
        self._down += height + 64
        return plots

    def save(self, path: Path) -> None:
        """Draws the page and cuts it to its content. Raises OSError."""
        canvas = self._figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        canvas.draw()
        drawn = np.asarray(canvas.buffer_rgba())[: round(self._down + MARGIN / 2), :, :3]
        encoded, data = cv2.imencode(".png", cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))
        assert encoded
        path.write_bytes(data.tobytes())

    def _left(self, place: int) -> int:
        return MARGIN + LABELS + place * (self.cell[0] + GAP)

    def _label(self, name: str, words: str) -> None:
        self._text(MARGIN, self._down - 4, name, 25, weight="bold")
        self._text(MARGIN, self._down + 38, words, 16, colour=QUIET)

    def _legend(self, words: str) -> None:
        swatch = np.full((18, 18, 3), HOLE_COLOUR, np.uint8)
        self._picture(swatch, MARGIN, self._down + 106)
        self._text(MARGIN + 28, self._down + 102, words, 16)

    def _scale(self, near_m: float, far_m: float) -> None:
        wide, high = LABELS - 60, 14
        across = np.geomspace(near_m, far_m, wide).astype(np.float32)
        self._picture(coloured_depth(np.tile(across, (high, 1)), near_m, far_m), MARGIN, self._down + 84)
        self._text(MARGIN, self._down + 104, _metres(near_m), 16)
        self._text(MARGIN + wide, self._down + 104, _metres(far_m), 16, align="right")

    def _rule(self) -> None:
        self._picture(np.full((2, WIDTH - 2 * MARGIN, 3), tuple(bytes.fromhex(RULE[1:])), np.uint8), MARGIN, self._down)

    def _picture(self, picture: Picture, left: float, top: float) -> None:
        self._figure.figimage(picture, round(left), round(TALLEST - top - picture.shape[0]), origin="upper")

    def _axes(self, left: float, top: float, wide: float, high: float) -> Axes:
        axes = self._figure.add_axes(
            (left / WIDTH, 1 - (top + high) / TALLEST, wide / WIDTH, high / TALLEST), facecolor=GROUND
        )
        return axes

    def _text(
        self, left: float, top: float, words: str, pixels: float, colour: str = INK, weight: str = "normal",
        align: str = "left",
    ) -> float:  # fmt: skip
        """Returns where the text ends on the right."""
        text = self._figure.text(
            left / WIDTH,
            1 - top / TALLEST,
            words,
            fontsize=pixels * 72 / DPI,
            color=colour,
            family=FONT,
            weight=weight,
            ha=align,
            va="top",
            linespacing=1.35,
        )
        return float(text.get_window_extent().x1)


def _metres(length_m: float) -> str:
    return f"{length_m:.1f} m" if length_m < 10 else f"{length_m:.0f} m"
