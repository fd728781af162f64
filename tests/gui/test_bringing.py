# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture that is dropped onto the viewport of the real window becomes a reference."""

from __future__ import annotations

import time

from tests.gui.session import GuiBlender
from tests.gui.sidebar import EDGE, Sidebar
from tests.gui.test_sentences import grey_png

REFERENCES = "result = [(r.name, r.source, r.scene_frame) for r in window().scene.second_unit.shots[0].references]"
BROWSER = """
area = next(a for a in window().screen.areas if a.type == "SEQUENCE_EDITOR")
area.ui_type = "FILES"
"""
FOLDER = """
params = area.spaces.active.params
params.directory, params.display_type, params.display_size = {folder!r}.encode(), "THUMBNAIL", 96
region = next(r for r in area.regions if r.type == "WINDOW")
result = [region.x + 60, window().height - region.y - region.height + 60]
"""
VIEW = """
region = next(r for r in view().regions if r.type == "WINDOW")
result = [region.x + 0.4 * region.width, window().height - region.y - 0.4 * region.height]
"""


def test_a_picture_that_is_dropped_onto_the_viewport_is_pinned(blender: GuiBlender, sidebar: Sidebar) -> None:
    sidebar.press("second_unit.shot_add()", EDGE)
    blender.wait_for("result = len(window().scene.second_unit.shots)")
    folder = blender.work / "dropped"
    folder.mkdir()
    grey_png(folder / "plate.png", 208, 120)
    blender.ask(BROWSER)
    time.sleep(1.0)
    from_place = blender.ask(FOLDER.format(folder=str(folder)))
    time.sleep(2.0)
    blender.display.drag(*from_place, *blender.ask(VIEW))
    time.sleep(1.5)
    blender.screenshot("dropped")
    blender.display.key("p")  # Blender asks whether it is to be the camera's background or pinned
    found = blender.wait_for(REFERENCES, 20, bool)
    blender.ask("area.type = 'SEQUENCE_EDITOR'")
    assert found == [["plate", "FILE", 11.0]]
    assert "Traceback" not in blender.log()
