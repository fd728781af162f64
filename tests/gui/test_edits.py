# SPDX-License-Identifier: GPL-3.0-or-later
"""The Edit panel in the sequencer of the real window."""

from __future__ import annotations

import time

from tests.edits.numbered import numbered
from tests.gui.session import GuiBlender
from tests.gui.sidebar import Sidebar
from tests.support.clips import write_clip

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


def test_the_edit_panel_offers_what_the_strip_can_become(blender: GuiBlender, sidebar: Sidebar) -> None:
    clip = blender.work / "footage.mp4"
    write_clip(clip, numbered(range(24), 208, 120), 24)
    assert blender.ask(SEQUENCER.format(clip=str(clip))) == "Footage"
    time.sleep(1)
    assert blender.ask(TAB) == "Second Unit"
    time.sleep(1.5)
    blender.screenshot("edit_panel")
    assert "Traceback" not in blender.log()
    blender.ask(BACK)
