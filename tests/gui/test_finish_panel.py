# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot's Finishing in the view; Finish, Sound and Deliver in the sequencer: in the real window, by the mouse."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from second_unit_daemon.encode.clip import ClipWriter
from second_unit_protocol.grid import Rate

from tests.gui.session import GuiBlender
from tests.gui.sidebar import EDGE, Sidebar
from tests.support.clips import edge_frames

STRIP = """
scene = window().scene
editor = scene.sequence_editor_create()
strip = editor.strips.new_movie("edge", {clip}, 1, 11)
editor.active_strip = strip
strip.select = True
"""
CLOSED = ("SECOND_UNIT_PT_strip_sound", "SECOND_UNIT_PT_deliver")


@pytest.fixture
def opened(blender: GuiBlender, alone: None, sidebar: Sidebar) -> Iterator[Sidebar]:
    """The large area is a sequencer with a chosen movie strip; all panels of its tab are open."""
    clip = blender.work / "edge.mp4"
    with ClipWriter(clip, 208, 120, Rate(24), {}) as writer:
        for frame in edge_frames(8, 208, 120):
            writer.write(frame)
    blender.teach("panels")
    for panel in CLOSED:
        blender.ask(f"show_panel('ui.finish.panels', {panel!r}, True)")
    blender.ask(STRIP.format(clip=json.dumps(str(clip))))
    blender.ask("view().type = 'SEQUENCE_EDITOR'")
    time.sleep(0.5)
    made = Sidebar(blender, "SEQUENCE_EDITOR")
    made.open_tab()
    yield made
    for panel in CLOSED:
        blender.ask(f"show_panel('ui.finish.panels', {panel!r}, False)")


def test_a_movie_strip_can_be_finished_sounded_and_delivered(blender: GuiBlender, opened: Sidebar) -> None:
    blender.ask("s = window().scene.second_unit_finish; s.upscale = '2'; s.preset = 'vertical'; s.focus = 'AT'")
    blender.ask("[area.tag_redraw() for area in window().screen.areas]")
    time.sleep(1.0)
    path = blender.screenshot("finish_panel")
    assert Path(path).is_file()
    for wanted in ("second_unit.strip_finish()", "second_unit.strip_sound()", "second_unit.strip_deliver("):
        opened.find(wanted)
    # The daemon's program is not in this Blender's world: the panel names the way out, and nothing else happens.
    opened.press("second_unit.strip_finish()")
    time.sleep(0.5)
    blender.screenshot("finish_refused")
    assert blender.ask("result = [s.name for s in window().scene.sequence_editor.strips]") == ["edge"]
    assert "press Install" in blender.ask(
        "import pathlib; ops = part('ui.finish.running')\n"
        "try:\n    ops.start([], '', pathlib.Path(), '')\nexcept Exception as error:\n    result = str(error)"
    ).replace("Press Install", "press Install")


@pytest.fixture
def of_shot(blender: GuiBlender, sidebar: Sidebar) -> Iterator[Sidebar]:
    """A file with one shot, whose Finishing is open."""
    show = "show_panel('ui.shot.panels', 'SECOND_UNIT_PT_steps', {})"
    blender.teach("panels")
    blender.ask(show.format(True))
    sidebar.press("second_unit.shot_add()", EDGE)
    blender.wait_for("result = len(window().scene.second_unit.shots)")
    yield sidebar
    blender.ask(show.format(False))


def test_steps_of_a_shot_are_switched_on_and_said_before_it_is_shot(blender: GuiBlender, of_shot: Sidebar) -> None:
    of_shot.press("stabilise")
    of_shot.press("sound")
    steps = "window().scene.second_unit.shots[0].steps"
    blender.wait_for(f"result = {steps}.stabilise and {steps}.sound")
    blender.ask(f"s = {steps}; s.upscale = '2'; s.grain = 0.2; s.sound_prompt = 'rain on a street'")
    said = "Then: stabilised onto its camera, enlarged to 416 × 240, grain 0.2, sound"
    blender.wait_for("result = list(part('ui.shot.watch').notes())", 30, lambda notes: said in notes)
    time.sleep(0.5)
    blender.screenshot("shot_finishing")
