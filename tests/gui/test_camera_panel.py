# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera moves, recording and the prompt by the mouse, in the real window."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest

from tests.gui.session import GuiBlender
from tests.gui.sidebar import EDGE, MIDDLE, Sidebar

BESIDE_EDGE = 0.74  # left of the last of small buttons
PANELS = (("ui.prompt", "SECOND_UNIT_PT_prompt"), ("ui.camera.panels", "SECOND_UNIT_PT_camera"))
KEYS = """
camera = bpy.data.objects["Camera"]
result = {c.data_path + str(c.array_index): [[round(v, 3) for v in p.co] for p in c.keyframe_points]
          for c in part("scene.animated").curves_of(camera)}
"""
VIEW = "space = view().spaces.active; space.region_3d.view_perspective = 'PERSP'"


@pytest.fixture
def opened(blender: GuiBlender, sidebar: Sidebar) -> Iterator[Sidebar]:
    """A file with one shot; the two panels are open for the test, which else are closed at first."""
    blender.teach("panels")
    for module, panel in PANELS:
        blender.ask(f"show_panel({module!r}, {panel!r}, True)")
    sidebar.press("second_unit.shot_add()", EDGE)
    blender.wait_for("result = len(window().scene.second_unit.shots)")
    yield sidebar
    for module, panel in PANELS:
        blender.ask(f"show_panel({module!r}, {panel!r}, False)")


def test_a_move_is_one_press_and_undo_takes_it_back(blender: GuiBlender, opened: Sidebar) -> None:
    before = blender.ask(KEYS)
    opened.press("second_unit.camera_move(move='ORBIT'", MIDDLE)
    after = blender.wait_for(KEYS, accept=lambda keys: keys != before)
    assert set(after) == {f"{path}{i}" for path in ("location", "rotation_euler") for i in range(3)}
    assert [after["location0"][0][0], after["location0"][-1][0]] == [11, 19]
    time.sleep(0.5)
    blender.screenshot("camera_moves")
    blender.ask("with in_view():\n    bpy.ops.ed.undo()")
    assert blender.ask(KEYS) == before


def test_flying_the_viewport_becomes_the_cameras_animation(blender: GuiBlender, opened: Sidebar) -> None:
    blender.ask("window().scene.frame_end = 130; " + VIEW)
    opened.press("second_unit.camera_record()", EDGE)
    area = blender.ask("a = view(); result = [a.x, window().height - a.y - a.height, a.width, a.height]")
    x, y = area[0] + area[2] * 0.3, area[1] + area[3] * 0.5
    for step in range(12):
        blender.display.move(x + 4 * step, y)
        blender.display.drag_middle(x, y, x + 30, y + 6)
        if step == 6:
            blender.screenshot("camera_recording")
    blender.wait_for("result = part('ui.camera.record').progress() is None", seconds=60)
    keys = blender.ask(KEYS)
    frames = [key[0] for key in keys["location0"]]
    assert frames == list(range(11, 131))
    turned = [key[1] for key in keys["rotation_euler2"]]
    assert max(turned) - min(turned) > 0.02
    steps = [abs(b - a) for a, b in itertools.pairwise(turned)]
    assert max(steps) < 0.5 * (max(turned) - min(turned)), "smoothed: no jump"


def test_recording_waits_until_the_view_moves_and_follows_walk_navigation(blender: GuiBlender, opened: Sidebar) -> None:
    blender.ask("window().scene.frame_end = 58; window().scene.second_unit.flight_smoothing = 0.0; " + VIEW)
    state = "r = part('ui.camera.record'); result = [r.progress(), r.is_waiting()]"
    opened.press("second_unit.camera_record()", EDGE)
    blender.wait_for(state, accept=lambda found: found == [0.0, True])
    area = blender.ask("a = view(); result = [a.x, window().height - a.y - a.height, a.width, a.height]")
    blender.display.move(area[0] + area[2] * 0.3, area[1] + area[3] * 0.5)
    time.sleep(0.5)
    blender.display.key("shift+grave")
    time.sleep(2.5)  # longer than the shot
    assert blender.ask(state) == [0.0, True], "walk navigation is on, and nothing has moved"
    blender.screenshot("camera_recording_waits")
    with blender.display.held("w"):
        blender.wait_for("result = part('ui.camera.record').progress() is None", seconds=60)
    blender.display.key("Return")
    keys = blender.ask(KEYS)
    assert [key[0] for key in keys["location1"]] == list(range(11, 59))
    along = [key[1] for key in keys["location1"]]
    assert along[5] - along[0] > 0.01, "from its first frames on it moves"
    assert along[-1] - along[0] > 0.5


def test_the_prompt_panel_says_what_its_words_set(blender: GuiBlender, opened: Sidebar) -> None:
    words = "a quiet old town street in warm afternoon light --no people, cars --ar 9:16 --seed 7 --chaos 4"
    blender.ask(f"window().scene.second_unit.shots[0].prompt = {words!r}")
    opened.find("second_unit.prompt_edit()", BESIDE_EDGE)
    time.sleep(0.8)
    blender.screenshot("prompt")
    assert blender.ask("result = part('ui.shot.spec').clip_size(window().scene, window().scene.second_unit.shots[0])")
    opened.press("second_unit.prompt_edit()", BESIDE_EDGE)
    shown = "result = [a.type for w in bpy.context.window_manager.windows for a in w.screen.areas]"
    blender.wait_for(shown, accept=lambda types: "TEXT_EDITOR" in types)
    assert blender.ask("result = window().scene.second_unit.shots[0].prompt_text.as_string()") == words
    blender.ask(
        "w = bpy.context.window_manager.windows[-1]\n"
        "with bpy.context.temp_override(window=w):\n    bpy.ops.wm.window_close()"
    )
