# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot's region by the mouse, what the panel says of it, and of what a capture leaves out."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.gui.session import GuiBlender
from tests.gui.sidebar import EDGE, Sidebar

SHOW = "show_panel('ui.shot.panels', 'SECOND_UNIT_PT_region', {shown})"
SHOT = "window().scene.second_unit.shots[0]"
FOG = """
cube = bpy.data.objects.new("Mist", bpy.data.meshes.new("Mist"))
fog = bpy.data.materials.new("Mist")
if fog.node_tree is None:
    fog.use_nodes = True
tree = fog.node_tree
tree.nodes.clear()
output = tree.nodes.new("ShaderNodeOutputMaterial")
tree.links.new(tree.nodes.new("ShaderNodeVolumePrincipled").outputs[0], output.inputs["Volume"])
cube.data.materials.append(fog)
window().scene.collection.objects.link(cube)
"""


@pytest.fixture
def opened(blender: GuiBlender, sidebar: Sidebar) -> Iterator[Sidebar]:
    """A file with one shot; the panel is open for the test, which else is closed at first."""
    blender.teach("panels")
    blender.ask(SHOW.format(shown=True))
    sidebar.press("second_unit.shot_add()", EDGE)
    blender.wait_for("result = len(window().scene.second_unit.shots)")
    yield sidebar
    blender.ask(SHOW.format(shown=False))


def test_a_region_is_chosen_and_what_is_missing_is_said(blender: GuiBlender, opened: Sidebar) -> None:
    blender.ask(f"{SHOT}.region_kind = 'COLLECTION'")
    missing = "result = [p.cause for p in part('ui.shot.watch').problems()]"
    blender.wait_for(missing, accept=lambda causes: "The region has no collection" in causes)
    blender.ask(f"{SHOT}.region_collection = bpy.data.collections.new('Props')")
    blender.wait_for(missing, accept=lambda causes: "The region has no collection" not in causes)
    opened.press("capture_labels")
    blender.wait_for(f"result = {SHOT}.capture_labels")
    blender.ask(FOG)
    wanted = "Volumes and Grease Pencil have no surface: Mist left out of depth and motion"
    blender.wait_for("result = list(part('ui.shot.watch').notes())", 30, lambda notes: wanted in notes)
    time.sleep(0.5)
    blender.screenshot("region_panel")
