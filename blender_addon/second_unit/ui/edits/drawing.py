# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks drawn a frame a round of the timer, so that the window stays free; then the edit that needs them begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bpy

from ...link import current
from ...protocol.errors import SecondUnitError
from ...protocol.late import define, frozen
from ...sequencer import busy, masks


@frozen
class Wanted:
    """The mask as Blender renders it at scene frames ``first`` …, drawn into ``folder``."""

    mask: str
    first: int
    count: int
    size: tuple[int, int]
    folder: Path


@define(eq=False)
class Drawing:
    title: str
    wanted: Wanted
    then: Callable[[str], object]
    done: int = 0
    error: str = ""

    @property
    def words(self) -> str:
        return self.error or f"{self.title}: mask {self.done} of {self.wanted.count} is drawn"


_drawings: list[Drawing] = []


def start(wanted: Wanted, title: str, then: Callable[[str], object]) -> None:
    """``then`` is given the picture, or the folder of pictures."""
    _drawings.append(Drawing(title, wanted, then))
    _count()


def shown() -> tuple[Drawing, ...]:
    return tuple(_drawings)


def tick() -> object:
    """A chore of the pump's: one frame, and what edits are made of them. Nothing of Blender's data is held from one to
    the next."""
    drawing = next((d for d in _drawings if not d.error), None)
    if drawing is not None and not busy.reason():
        try:
            _step(drawing)
        except SecondUnitError as error:
            drawing.error = error.info.sentence()
        _count()
    return tuple(d.words for d in _drawings), current.editor.poll()


def forget() -> None:
    """Drops what failed."""
    _drawings[:] = [d for d in _drawings if not d.error]


def clear() -> None:
    _drawings.clear()
    _count()


def _step(drawing: Drawing) -> None:
    wanted = drawing.wanted
    mask = bpy.data.masks.get(wanted.mask)
    if mask is None:
        raise masks.gone(wanted.mask)
    masks.draw_pictures(mask, wanted.first + drawing.done, 1, wanted.size, wanted.folder)
    drawing.done += 1
    if drawing.done == wanted.count:
        _drawings.remove(drawing)
        drawing.then(str(masks.drawn(wanted.folder)))


def _count() -> None:
    current.editor.preparing = sum(not d.error for d in _drawings)
