# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot by the mouse alone: references, Shoot, Esc, Shoot again, the strip on the timeline; a job cancelled."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest

from tests.gui.outside_daemon import OutsideDaemon
from tests.gui.session import GuiBlender
from tests.gui.sidebar import EDGE, Sidebar
from tests.gui.test_sentences import grey_png
from tests.support.beside import limit

STATE = "result = job_state()"
SHOWN = "result = len(part('ui.shot.rows').shown_by_shoot())"
REFERENCES = "result = [(r.name, r.source, r.scene_frame) for r in window().scene.second_unit.shots[0].references]"
SHOW_OPTIONS = "show_panel('ui.shot.panels', 'SECOND_UNIT_PT_options', {shown})"
# The problems for which the panel draws a way out.
WATCH_MENDING = """
mend, offered = part('ui.shot.mend'), set()
kept = mend.draw
mend.draw = lambda layout, problem, *rest: (offered.add(problem.code.value), kept(layout, problem, *rest))
"""
# A square 4 m before the camera, whose right half a picture's alpha cuts away.
LEAF = """
picture = bpy.data.images.new("Leaf", 8, 8, alpha=True)
picture.pixels = [v for _ in range(8) for x in range(8) for v in (0.2, 0.6, 0.1, float(x < 4))]
picture.pack()
made = bpy.data.materials.new("Leaf")
if made.node_tree is None:
    made.use_nodes = True
tree = made.node_tree
texture, shader = tree.nodes.new("ShaderNodeTexImage"), tree.nodes["Principled BSDF"]
texture.image, texture.interpolation = picture, "Closest"
tree.links.new(texture.outputs["Color"], shader.inputs["Base Color"])
tree.links.new(texture.outputs["Alpha"], shader.inputs["Alpha"])
mesh = bpy.data.meshes.new("Leaf")
mesh.from_pydata([(-1, -4, 0.6), (1, -4, 0.6), (1, -4, 2.6), (-1, -4, 2.6)], [], [(0, 1, 2, 3)])
for corner, uv in zip(mesh.uv_layers.new().data, ((0, 0), (1, 0), (1, 1), (0, 1))):
    corner.uv = uv
mesh.materials.append(made)
window().scene.collection.objects.link(bpy.data.objects.new("Leaf", mesh))
"""
LONGEST_BLOCK_S = limit(0.033, 4)
ACKNOWLEDGED_S = limit(1.0, 4)


def pin_plate(blender: GuiBlender) -> None:
    grey_png(blender.work / "plate.png", 208, 120)
    blender.ask(
        f"with in_view():\n    bpy.ops.second_unit.reference_add_file(filepath={str(blender.work / 'plate.png')!r})"
    )


def test_references_come_from_disk_the_file_the_viewport_and_a_render(blender: GuiBlender, running: Sidebar) -> None:
    grey_png(blender.work / "plate.png", 208, 120)
    running.press("second_unit.reference_add_file(", EDGE)
    browser = "result = [a.type for w in bpy.context.window_manager.windows for a in w.screen.areas]"
    blender.wait_for(browser, accept=lambda areas: "FILE_BROWSER" in areas)
    blender.ask(
        f"""
for shown in bpy.context.window_manager.windows:
    for area in shown.screen.areas:
        if area.type == "FILE_BROWSER":
            area.spaces.active.params.directory = {str(blender.work).encode()!r}
            area.spaces.active.params.filename = "plate.png"
            with bpy.context.temp_override(window=shown, area=area):
                bpy.ops.file.execute()
"""
    )
    blender.wait_for(REFERENCES, accept=lambda found: len(found) == 1)
    blender.ask("bpy.data.images.new('Painted', 208, 120); window().scene.frame_set(13)")
    blender.ask("with in_view():\n    bpy.ops.second_unit.reference_add_image(image='Painted')")
    blender.ask("window().scene.frame_set(16)")
    running.press("second_unit.reference_take(method='VIEWPORT')", 0.2)
    blender.wait_for(REFERENCES, accept=lambda found: len(found) == 3)
    blender.ask("window().scene.frame_set(19)")
    running.press("second_unit.reference_take(method='RENDER')", 0.65)
    found = blender.wait_for(REFERENCES, accept=lambda found: len(found) == 4)
    time.sleep(2.5)  # thumbnails are read by a thread
    blender.screenshot("references")

    assert found == [
        ["plate", "FILE", 11.0],
        ["Painted", "IMAGE", 13.0],
        ["Frame 16", "CAPTURE", 16.0],
        ["Frame 19", "CAPTURE", 19.0],
    ]
    assert not blender.ask("result = part('ui.shot.watch').problems()")


def test_esc_leaves_everything_as_it_was_and_the_next_shoot_lands(blender: GuiBlender, running: Sidebar) -> None:
    pin_plate(blender)
    blender.teach("stopwatch", "../../blender/file_state")
    blender.ask("stopwatch = Stopwatch(); stopwatch.start()")
    blender.wait_for("result = part('link.current').planner.plan is not None")
    running.scroll_to_end()
    blender.screenshot("plan")

    x, y = running.find("second_unit.shoot()")
    blender.ask("before = file_state()")
    blender.display.click(x, y)
    blender.wait_for(STATE, accept=lambda state: state["capture"] and state["capture"][1] > 0.2)
    blender.screenshot("capture")
    blender.display.key("Escape")
    blender.wait_for(STATE, accept=lambda state: state["capture"] is None)
    changed = blender.ask("result = {k: [str(v) for v in vs] for k, vs in difference(before, file_state()).items()}")
    assert changed == {}
    assert not blender.ask(STATE)["jobs"]

    running.press("second_unit.shoot()")
    blender.wait_for(STATE, accept=lambda state: state["jobs"] or state["shoot_error"] or state["errors"])
    blender.ask("heart = Heartbeat()")
    blender.wait_for(f"{SHOWN} or job_state()['landed']")
    time.sleep(0.5)
    blender.screenshot("job")
    landed = blender.wait_for(
        STATE, 120, lambda state: (state["landed"] and state["takes"]) or state["errors"] or any(state["ended"])
    )
    blender.ask("heart.end()")
    x, y, width, height = blender.ask("a = view(); result = [a.x, window().height - a.y - a.height, a.width, a.height]")
    blender.display.move(x + width * 0.4, y + height * 0.6)
    for key, count in (("ctrl+z", 0), ("ctrl+shift+z", 1)):
        blender.display.key(key)
        blender.wait_for("result = len(strips())", accept=lambda found, count=count: found == count)
    blender.display.key("ctrl+s")
    blender.wait_for("result = not bpy.data.is_dirty")
    blender.ask("stopwatch.stop()")
    running.scroll_to_end()
    time.sleep(2.5)
    blender.screenshot("landed")
    held = dict(sorted(blender.ask("result = stopwatch.longest").items(), key=lambda item: -item[1])[:8])
    gap = blender.ask("result = heart.longest_gap_s")
    print(f"longest holds of the main thread: { {n: f'{s * 1e3:.1f} ms' for n, s in held.items()} }, gap {gap:.2f} s")  # noqa: T201

    assert [strip["handles"] for strip in landed["strips"]] == [[11, 20]], landed
    assert landed["takes"] == ["Take 1"]
    assert max(held.values()) <= LONGEST_BLOCK_S, held


def test_a_running_job_shows_its_frames_and_is_cancelled_within_a_second(blender: GuiBlender, running: Sidebar) -> None:
    blender.ask(WATCH_MENDING + "window().scene.second_unit.shots[0].engine = 'long gone'")
    blender.wait_for("result = 'no-such-engine' in offered")
    blender.ask("mend.draw = kept; window().scene.second_unit.shots[0].engine = 'slow'")
    blender.wait_for("result = part('link.current').planner.plan is not None")
    running.press("second_unit.shoot()")
    blender.wait_for(STATE, 60, lambda state: state["previews"] or state["errors"])
    blender.screenshot("preview")
    x, y = running.find("second_unit.cancel(", EDGE)
    pressed = time.monotonic()
    blender.display.click(x, y)
    blender.wait_for(
        STATE, 5, lambda state: any(job[0] in ("cancelling", "cancelled") for job in state["jobs"].values())
    )
    acknowledged_s = time.monotonic() - pressed
    ended = blender.wait_for(STATE, 20, lambda state: state["ended"] and state["ended"][0])
    blender.screenshot("cancelled")

    assert acknowledged_s < ACKNOWLEDGED_S
    assert not ended["strips"] and not ended["errors"]


@pytest.fixture
def with_options(blender: GuiBlender, running: Sidebar) -> Iterator[Sidebar]:
    """The panel is open for the test, which else is closed at first."""
    yield running
    blender.ask(SHOW_OPTIONS.format(shown=False))


@pytest.fixture
def options_open(blender: GuiBlender) -> None:
    blender.teach("panels")
    blender.ask(SHOW_OPTIONS.format(shown=True))


def test_a_shot_captured_with_cycles_sees_through_a_leaf(
    options_open: None, blender: GuiBlender, with_options: Sidebar, daemon: OutsideDaemon
) -> None:
    """The menu and Shoot are pressed; the depth that the daemon has of it is what tells."""
    blender.ask(LEAF)
    pin_plate(blender)
    with_options.press("captured_with")
    time.sleep(0.5)
    blender.screenshot("captured_with")
    blender.display.key("c")  # the letter that is underlined in the open menu
    blender.wait_for("result = window().scene.second_unit.shots[0].captured_with", 5, lambda found: found == "HEADLESS")
    blender.wait_for("result = part('link.current').planner.plan is not None")
    with_options.press("second_unit.shoot()")
    landed = blender.wait_for(
        STATE, 240, lambda state: (state["landed"] and state["takes"]) or state["errors"] or state["shoot_error"]
    )
    blender.screenshot("captured_with_cycles")
    assert not landed["errors"] and not landed["shoot_error"], landed
    out = blender.work / "leaf.npy"
    command = [sys.executable, "-m", "second_unit_daemon.cli", "export", landed["landed"][0]]
    subprocess.run(
        [*command, "--form", "depth_metric", "--out", str(out)],
        env=os.environ | {"SECOND_UNIT_HOME": str(daemon.home)},
        check=True,
        timeout=120,
    )
    depth_m = np.load(out)
    assert depth_m.shape == (9, 120, 208)
    middle = depth_m[4, 60]  # of the frame in which the camera stands before the leaf's middle
    assert 3.5 < middle[84] < 4.5, "the leaf"
    assert middle[124] > 6.5, "through what is cut away"
