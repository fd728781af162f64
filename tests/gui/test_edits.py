# SPDX-License-Identifier: GPL-3.0-or-later
"""The Edit panel in the sequencer of the real window."""

from __future__ import annotations

import time

import cv2

from tests.edits.numbered import numbered
from tests.gui.session import GuiBlender
from tests.gui.sidebar import Sidebar
from tests.support.clips import write_clip
from tests.support.daemon import eventually

SEQUENCER = """
import bpy
scene = window().scene
area = view()
area.type = "SEQUENCE_EDITOR"
editor = scene.sequence_editor_create()
strip = editor.strips.new_movie(name="Footage", filepath={clip!r}, channel=2, frame_start=11)
editor.active_strip = strip
area.spaces.active.show_region_ui = True
result = strip.name
"""
TAB = """
area = max((a for a in window().screen.areas if a.type == "SEQUENCE_EDITOR"), key=lambda a: a.height)
region = next(r for r in area.regions if r.type == "UI")
region.active_panel_category = "Second Unit"
area.tag_redraw()
result = region.active_panel_category
"""


BACK = """
area = max((a for a in window().screen.areas if a.type == "SEQUENCE_EDITOR"), key=lambda a: a.height)
area.type = "VIEW_3D"
"""


# The program writes down what it is told, and there is a model that reads words and what a look needs.
RECORDED = """
import pathlib
_here, _stills, _looks = part("ui.here"), part("ui.edits.stills"), part("ui.edits.looks")
_own = _here.program, _stills.readers, _looks.missing
_here.program = lambda: pathlib.Path({program!r})
_engine = next(e for e in part("link.current").link.engines if e.name == "wan-t2v-1.3b")
_engine = part("protocol.late").evolve(_engine, available=True)
_stills.readers, _looks.missing = (lambda: [_engine]), (lambda: "")
"""
OWN = """
_here.program, _stills.readers, _looks.missing = _own
part("link.current").editor.forget()
part("ui.finish.running").programs.forget()
"""
CHOSEN = """
editor = window().scene.sequence_editor
if {still!r} and "Still" not in editor.strips:
    still = editor.strips.new_image(name="Still", filepath={still!r}, channel=3, frame_start=11, fit_method="FIT")
    still.right_handle = 59
editor.active_strip = editor.strips["Still" if {still!r} else "Footage"]
last = bpy.context.window_manager.operator_properties_last("second_unit.{operator}")
for name, value in {told!r}.items():
    setattr(last, name, value)
[area.tag_redraw() for area in window().screen.areas]
"""


def test_the_edit_panel_offers_what_the_strip_can_become(blender: GuiBlender, running: Sidebar) -> None:
    """And what is pressed there reaches the daemon's program as the dialog has it."""
    clip, still = blender.work / "footage.mp4", blender.work / "still.png"
    write_clip(clip, numbered(range(24), 208, 120), 24)
    cv2.imwrite(str(still), numbered(range(1), 208, 120)[0])
    said, program = blender.work / "said", blender.work / "recorder"
    program.write_text(f"#!/bin/sh\nprintf '%s ' \"$@\" >> {said}\nexit 3\n")
    program.chmod(0o755)
    assert blender.ask(SEQUENCER.format(clip=str(clip))) == "Footage"
    time.sleep(1)
    assert blender.ask(TAB) == "Second Unit"
    time.sleep(1.5)
    blender.screenshot("edit_panel")
    strips = Sidebar(blender, "SEQUENCE_EDITOR")
    blender.ask(RECORDED.format(program=str(program)))
    for operator, told, picture, words in (
        ("edit_text", {"prompt": "a wet street", "use_move": True}, "", "text a wet street --engine wan-t2v-1.3b"),
        ("edit_animate", {"far": 4.0}, str(still), f"animate {still} --seconds 2 "),
        ("edit_motion", {"mask": str(still), "sway": (3.0, 0.0)}, "", "sway:3.000,0.000"),
        ("edit_restyle", {"style": "watercolour", "strength": 0.5}, "", "--style watercolour --strength 0.5 --out"),
    ):
        blender.ask(CHOSEN.format(operator=operator, told=told, still=picture))
        time.sleep(0.5)
        strips.press(f"second_unit.{operator}(")
        time.sleep(1.0)
        blender.screenshot(f"{operator}_dialog")
        blender.display.key("Return")
        eventually(lambda words=words: said.is_file() and words in said.read_text(), words, 10)
    said.unlink()
    strips.press("second_unit.words")
    blender.display.key("ctrl+a")
    blender.display.write("rain on tin")
    blender.display.key("Return")
    strips.press('second_unit.edit_text(prompt="rain on tin", at_once=True)')
    eventually(lambda: said.is_file() and "text rain on tin --engine wan-t2v-1.3b" in said.read_text(), "at once", 10)
    assert "--move" in said.read_text(), "as the last one was made"
    blender.screenshot("words_at_once")
    blender.ask(OWN)
    assert "Traceback" not in blender.log()
    blender.ask(BACK)
