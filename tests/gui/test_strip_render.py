# SPDX-License-Identifier: GPL-3.0-or-later
"""A sequence of pictures is rendered to a movie by another Blender, from its button, while this one's header tells."""

from __future__ import annotations

import time

import cv2
import numpy as np

from tests.gui.session import GuiBlender
from tests.gui.sidebar import Sidebar

COUNT = 6
STRIP = """
from pathlib import Path
files = {files!r}
window().scene.view_settings.view_transform = "Standard"
editor = window().scene.sequence_editor_create()
strip = editor.strips.new_image("pictures", files[0], 1, 11, fit_method="FIT")
for file in files[1:]:
    strip.elements.append(Path(file).name)
strip.right_handle = 11 + {count}
editor.active_strip = strip
strip.select = True
view().type = "SEQUENCE_EDITOR"
"""
GOING = "result = [[each.words, each.share] for each in part('ui.going').now()]"
MADE = "result = [[s.name, s.channel, s.left_handle, s.right_handle, s.filepath] for s in editor.strips if s != strip]"


def test_a_sequence_becomes_a_movie_by_a_press(blender: GuiBlender, alone: None, sidebar: Sidebar) -> None:
    files = [str(blender.work / f"picture_{place}.png") for place in range(COUNT)]
    for place, file in enumerate(files):
        cv2.imwrite(file, np.full((120, 208, 3), 40 * place + 20, np.uint8))
    blender.ask(STRIP.format(files=files, count=COUNT))
    time.sleep(0.5)
    strips = Sidebar(blender, "SEQUENCE_EDITOR")
    strips.open_tab()
    strips.press_for("second_unit.strip_render()", f"{GOING}; result = result or {MADE.removeprefix('result = ')}")
    blender.screenshot("strip_rendering")
    ((name, channel, first, end, file),) = blender.wait_for(MADE, 120)
    blender.screenshot("strip_rendered")
    assert (name, channel, first, end) == ("pictures rendered", 2, 11, 11 + COUNT)
    seen = cv2.VideoCapture(str(blender.work / file.removeprefix("//")))
    means = []
    while (read := seen.read())[0]:
        means.append(read[1].mean())
    assert np.allclose(means, [40 * place + 20 for place in range(COUNT)], atol=3)
    assert not list((blender.work / "home" / "spool").glob("render_*"))
    assert "Traceback" not in blender.log()
