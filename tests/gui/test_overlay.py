# SPDX-License-Identifier: GPL-3.0-or-later
"""The path and the references in the viewport and on the timelines of a real window."""

from __future__ import annotations

import time

import numpy as np
from PIL import Image

from tests.gui.session import GuiBlender
from tests.gui.sidebar import EDGE, Sidebar

RED, GREEN = (220, 30, 30), (30, 220, 30)
LOOK = """
from mathutils import Euler, Vector
r = view().spaces.active.region_3d
r.view_perspective, r.view_distance = 'PERSP', 14
r.view_location, r.view_rotation = Vector((0, -5, 1)), Euler((1.0, 0, 0.9)).to_quaternion()
"""
IMAGE = """
bpy.data.images.new("Green", 208, 120).pixels[:] = [0.12, 0.86, 0.12, 1.0] * (208 * 120)
window().scene.frame_set(19)
with in_view():
    bpy.ops.second_unit.reference_add_image(image="Green")
"""
AREAS = """
result = {a.type: [a.x, window().height - a.y - a.height, a.width, a.height] for a in window().screen.areas}
"""


def share(picture: Image.Image, box: list[int], colour: tuple[int, int, int], reach: int = 40) -> float:
    """How much of a part of the window has a colour, to within ``reach`` levels."""
    x, y, width, height = box
    part = np.asarray(picture.crop((x, y, x + width, y + height)).convert("RGB"), int)
    return float((np.abs(part - colour).max(-1) < reach).mean())


def test_path_and_pictures_hang_in_the_viewport_and_on_the_timeline(blender: GuiBlender, sidebar: Sidebar) -> None:
    sidebar.press("second_unit.shot_add()", EDGE)
    blender.wait_for("result = len(window().scene.second_unit.shots)")
    red = blender.work / "red.png"
    Image.new("RGB", (208, 120), RED).save(red)
    for frame in (11, 15):
        blender.ask(
            f"window().scene.frame_set({frame})\n"
            f"with in_view():\n    bpy.ops.second_unit.reference_add_file(filepath={str(red)!r})"
        )
    blender.ask(IMAGE)
    blender.ask(LOOK)
    time.sleep(4)  # thumbnails are read by a thread, and looked for every other second
    blender.ask("view().tag_redraw()")
    time.sleep(1)
    shown = Image.open(blender.screenshot("overlay"))
    areas = blender.ask(AREAS)
    pictures = [share(shown, areas["VIEW_3D"], colour, 60) for colour in (RED, GREEN)]
    amber = (242, 184, 64)
    assert share(shown, areas["DOPESHEET_EDITOR"], amber, 60) > 0.0002
    assert share(shown, areas["SEQUENCE_EDITOR"], amber, 60) > 0.0002

    blender.ask("window().scene.second_unit.show_overlay = False")
    blender.ask("[a.tag_redraw() for a in window().screen.areas]")
    time.sleep(1)
    hidden = Image.open(blender.screenshot("overlay_hidden"))
    thumbnails = [share(hidden, areas["VIEW_3D"], colour, 60) for colour in (RED, GREEN)]
    assert pictures[0] - thumbnails[0] > 0.00027, "two pictures on disk hang in the viewport"
    assert pictures[1] - thumbnails[1] > 0.00013, "and an image of the .blend"
    assert "Traceback" not in blender.log()
