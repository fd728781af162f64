# SPDX-License-Identifier: GPL-3.0-or-later
"""How often one has to press for what is done most, counted as docs/presses.md has it: the mouse, keys that start
something; what is typed into a field is part of the press that opens it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edits.numbered import numbered
from tests.gui.session import GuiBlender
from tests.gui.sidebar import Sidebar
from tests.support.clips import write_clip
from tests.support.daemon import eventually

STRIPS = """
scene = window().scene
editor = scene.sequence_editor_create()
for number, start in enumerate((11, 51, 91), start=1):
    strip = editor.strips.new_movie(name=f"clip {{number}}", filepath={clip}, channel=1, frame_start=start)
    strip.select = number < 3
editor.active_strip = editor.strips["clip 2"]
view().type = "SEQUENCE_EDITOR"
"""
# The program writes down what it is told.
RECORDED = """
import pathlib
_here = part("ui.here")
_own = _here.program
_here.program = lambda: pathlib.Path({program})
"""
OWN = """
_here.program = _own
part("link.current").editor.forget()
part("ui.finish.running").programs.forget()
area = max((a for a in window().screen.areas if a.type == "SEQUENCE_EDITOR"), key=lambda a: a.height)
area.type = "VIEW_3D"
"""
THIRD = """
editor = window().scene.sequence_editor
for strip in editor.strips:
    strip.select = strip.name == "clip 3"
editor.active_strip = editor.strips["clip 3"]
"""
TIMELINE = """
area = max((a for a in window().screen.areas if a.type == "SEQUENCE_EDITOR"), key=lambda a: a.height)
region = next(r for r in area.regions if r.type == "WINDOW")
result = [region.x + region.width / 3, window().height - region.y - region.height / 2]
"""


class Hand:
    """Presses, and counts."""

    def __init__(self, blender: GuiBlender, sidebar: Sidebar):
        self._display, self._sidebar, self.presses = blender.display, sidebar, 0

    def press(self, wanted: str) -> None:
        self._sidebar.press(wanted)
        self.presses += 1
        time.sleep(0.8)

    def key(self, name: str) -> None:
        self._display.key(name)
        self.presses += 1

    def type(self, words: str) -> None:
        """Into the field that was pressed."""
        self._display.key("ctrl+a")
        self._display.write(words)
        self._display.key("Return")


@pytest.fixture
def told(blender: GuiBlender, running: Sidebar) -> Iterator[Path]:
    """What the daemon's program is told, over a large sequencer with three strips of which two are selected."""
    clip, said, program = blender.work / "clip.mp4", blender.work / "told", blender.work / "teller"
    write_clip(clip, numbered(range(24), 208, 120), 24)
    said.write_text("")
    program.write_text(f'#!/bin/sh\necho "$@" >> {said}\nexit 3\n')
    program.chmod(0o755)
    blender.ask(STRIPS.format(clip=json.dumps(str(clip))))
    blender.ask(RECORDED.format(program=json.dumps(str(program))))
    time.sleep(0.5)
    Sidebar(blender, "SEQUENCE_EDITOR").open_tab()
    yield said
    blender.ask(OWN)


def names(said: Path, command: str) -> list[str]:
    """The strips of the commands so far."""
    lines = [line for line in said.read_text().splitlines() if line.startswith(command)]
    return [f"clip {line.partition('--name clip ')[2][:1]}" for line in lines]


def test_edits_of_several_strips_take_two_presses_and_one_the_next_time(blender: GuiBlender, told: Path) -> None:
    hand = Hand(blender, Sidebar(blender, "SEQUENCE_EDITOR"))
    hand.press("second_unit.edit_extend(")
    blender.screenshot("presses_extend")
    hand.key("Return")
    eventually(lambda: names(told, "extend") == ["clip 1", "clip 2"], "both go on", 20)
    assert hand.presses == 2
    blender.ask(THIRD)
    blender.display.move(*blender.ask(TIMELINE))
    time.sleep(0.5)
    hand.key("shift+r")  # Blender's own
    eventually(lambda: names(told, "extend") == ["clip 1", "clip 2", "clip 3"], "the third one, too", 20)
    assert hand.presses == 3
    blender.screenshot("presses_again")
    assert "Traceback" not in blender.log()


def test_some_frames_around_the_playhead_are_made_anew_by_two_presses(blender: GuiBlender, told: Path) -> None:
    blender.ask("window().scene.frame_set(60)")
    hand = Hand(blender, Sidebar(blender, "SEQUENCE_EDITOR"))
    hand.press("second_unit.edit_section(")
    blender.screenshot("presses_section")
    hand.key("Return")
    eventually(lambda: "--frames 13 --place 54 --trim 0:3 --trim 16:8" in told.read_text(), "it is bridged", 20)
    assert hand.presses == 2


def test_finishing_several_strips_takes_one_press_once_it_is_set(blender: GuiBlender, told: Path) -> None:
    blender.ask("window().scene.second_unit_finish.sharpen = 0.2")
    hand = Hand(blender, Sidebar(blender, "SEQUENCE_EDITOR"))
    hand.press("second_unit.strip_finish()")
    eventually(lambda: len(told.read_text().splitlines()) == 2, "both are finished", 20)
    assert hand.presses == 1
    blender.screenshot("presses_finish")


def test_the_words_of_a_shot_are_one_press_away_where_its_engine_reads_them(
    blender: GuiBlender, running: Sidebar
) -> None:
    shot = "window().scene.second_unit.shots[0]"
    blender.ask(f"{shot}.engine = 'wan-vace-1.3b'\n[area.tag_redraw() for area in window().screen.areas]")
    time.sleep(0.5)
    hand = Hand(blender, running)
    hand.press("prompt")
    hand.type("a wet street --no people --seed 7")
    blender.wait_for(f"result = {shot}.prompt", 10, lambda words: words == "a wet street --no people --seed 7")
    assert hand.presses == 1
    time.sleep(1.0)  # the panels below make room
    blender.screenshot("presses_words")
    running.find("second_unit.shoot()", 0.45)
