# SPDX-License-Identifier: GPL-3.0-or-later
"""Models fetched by the mouse; characters, LoRAs and the source clip of a shot, in the real window."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gui.outside_daemon import OutsideDaemon
from tests.gui.session import GuiBlender
from tests.gui.sidebar import EDGE, Sidebar
from tests.gui.test_sentences import grey_png
from tests.support.hub import Hub, serve_hub

REPOSITORY = "someone/tiny"
LISTS = f"""
[models.a-tiny-one]
like = "wan-vace-1.3b"
label = "A Tiny One"
repository = "{REPOSITORY}"
parameters = {{ transformer = 3_000_000_000, vae = 1_000_000_000 }}
licence = {{ name = "Odd Licence", url = "https://example.org/odd", accept = true, note = "Be kind to all." }}
"""
PANELS = (
    ("ui.models.panels", "SECOND_UNIT_PT_models"),
    ("ui.shot.panels", "SECOND_UNIT_PT_source"),
    ("ui.shot.panels", "SECOND_UNIT_PT_characters"),
    ("ui.shot.panels", "SECOND_UNIT_PT_loras"),
    ("ui.paint.panels", "SECOND_UNIT_PT_paint"),
)
MODEL = "m = part('link.current').models.find('a-tiny-one'); result = m and [m.state.value, m.done_bytes, m.note]"
SHOT = "window().scene.second_unit.shots[0]"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    folder = tmp_path / "published"
    for component in ("transformer", "vae"):
        (folder / component).mkdir(parents=True)
        (folder / component / "config.json").write_text("{}")
        (folder / component / "model.safetensors").write_bytes(os.urandom(1000))
    (folder / "transformer" / "model.safetensors").write_bytes(os.urandom(12 << 20))
    index = {"_class_name": "WanVACEPipeline", "transformer": ["diffusers", "T"], "vae": ["diffusers", "V"]}
    (folder / "model_index.json").write_text(json.dumps(index))
    with serve_hub() as running:
        running.repositories[REPOSITORY] = folder
        yield running


@pytest.fixture
def unfolded(blender: GuiBlender) -> Iterator[None]:
    """The panels, which else are closed at first, are open in files that are opened from now on."""
    blender.teach("panels")
    for module, panel in PANELS:
        blender.ask(f"show_panel({module!r}, {panel!r}, True)")
    yield
    for module, panel in PANELS:
        blender.ask(f"show_panel({module!r}, {panel!r}, False)")


@pytest.fixture
def opened(
    blender: GuiBlender, daemon: OutsideDaemon, unfolded: None, sidebar: Sidebar, hub: Hub, tmp_path: Path
) -> Iterator[Sidebar]:
    """A shot, a daemon that knows the hub, and the panels open."""
    (tmp_path / "models.toml").write_text(LISTS)
    (daemon.home / "loras").mkdir(parents=True, exist_ok=True)
    for name in ("film_grain", "ink_drawing"):
        (daemon.home / "loras" / f"{name}.safetensors").write_bytes(b"")
    daemon.stop()
    daemon.environment = {
        "SECOND_UNIT_MODELS": str(tmp_path / "models.toml"),
        "HF_ENDPOINT": hub.address,
        "HF_HUB_CACHE": str(tmp_path / "cache"),
        "HF_HUB_DISABLE_XET": "1",
    }
    blender.ask("bpy.context.preferences.system.use_online_access = True")
    blender.ask(f"bpy.context.preferences.addons[ADDON].preferences.daemon_program = {str(daemon.program)!r}")
    blender.wait_for("result = part('link.current').link.phase.value", accept=lambda phase: phase == "stopped")
    blender.ask("part('link.current').link.start()")
    blender.wait_for(MODEL)
    sidebar.press("second_unit.shot_add()", EDGE)
    blender.wait_for("result = len(window().scene.second_unit.shots)")
    yield sidebar
    daemon.stop()
    daemon.environment = {}


def test_a_model_is_fetched_by_the_mouse_its_licence_accepted_first(
    blender: GuiBlender, opened: Sidebar, hub: Hub
) -> None:
    opened.scroll_to_end()
    blender.ask("state = bpy.context.window_manager.second_unit_models; state.active = state.rows.find('a-tiny-one')")
    time.sleep(0.5)
    blender.screenshot("models")
    hub.pause_at = 11 << 20
    opened.press("second_unit.model_fetch(")
    time.sleep(1.0)
    blender.screenshot("models_licence")
    blender.display.key("Escape")
    blender.ask("with in_view():\n    bpy.ops.second_unit.model_fetch(model='a-tiny-one', accept_licence=True)")
    blender.wait_for(MODEL, accept=lambda model: model[0] == "fetching" and model[1] > 10_000_000)
    time.sleep(0.5)
    blender.screenshot("models_fetching")
    opened.press("second_unit.model_stop(", EDGE)
    blender.wait_for(MODEL, accept=lambda model: model[0] == "absent")
    hub.resume()
    opened.press("second_unit.model_fetch(")
    blender.wait_for(MODEL, accept=lambda model: model[0] == "here")
    opened.press("second_unit.model_verify(")
    blender.wait_for(MODEL, accept=lambda model: model[2] == "Every file is what the hub gave")
    time.sleep(0.5)
    blender.screenshot("models_here")


def test_a_shot_has_characters_loras_and_a_source(blender: GuiBlender, opened: Sidebar) -> None:
    for name in ("anna_front", "anna_side"):
        grey_png(blender.work / f"{name}.png", 96, 128)
    opened.press("second_unit.character_add()", EDGE)
    blender.wait_for("result = len(window().scene.second_unit.characters)")
    files = [{"name": f"{name}.png"} for name in ("anna_front", "anna_side")]
    folder = str(blender.work)
    blender.ask(
        "window().scene.second_unit.characters[0].name = 'Anna'\nwith in_view():\n"
        f"    bpy.ops.second_unit.character_picture_add(directory={folder!r}, files={files})\n"
        "    bpy.ops.second_unit.lora_add(lora='film_grain')\n"
        "    bpy.ops.second_unit.lora_add(lora='not_there')\n"
        f"{SHOT}.source.kind = 'FILE'; {SHOT}.source.path = '//clip.mp4'"
    )
    time.sleep(3.0)  # thumbnails are read by a thread, files are looked for by another
    blender.screenshot("shot_inputs")
    opened.scroll(8)
    blender.screenshot("shot_inputs_below")
    assert blender.ask(f"s = part('ui.shot.spec').shot_spec(window().scene, window().view_layer, {SHOT}); "
                       "result = [len(s.characters[0].pictures), [x.name for x in s.loras], s.source.path]") == [
        2, ["film_grain", "not_there"], str(blender.work / "clip.mp4")
    ]  # fmt: skip
    problems = blender.ask("result = [p.sentence() for p in part('ui.shot.watch').problems()]")
    assert any("The source clip is missing" in told for told in problems)


def test_a_frame_is_painted_beside_its_capture_and_pinned(blender: GuiBlender, opened: Sidebar) -> None:
    blender.ask("window().scene.frame_set(14); window().scene.second_unit_paint.engine = 'still'")
    blender.ask(f"window().scene.second_unit_paint.count = 2; {SHOT}.prompt = 'a wet street'")
    opened.press("second_unit.paint(")
    rows = "result = [[r.frame, r.engine] for r in window().scene.second_unit_paint.paintings]"
    blender.wait_for(rows, 120, lambda found: len(found) == 2)
    time.sleep(4.0)  # thumbnails are read by a thread
    blender.screenshot("paint")
    opened.press("second_unit.paint_pin(")
    pinned = f"result = [[r.name, r.source, r.scene_frame] for r in {SHOT}.references]"
    found = blender.wait_for(pinned, accept=lambda references: len(references) == 1)
    assert found == [["Painted 14", "CAPTURE", 14.0]]
    assert blender.ask(rows) == [[14, "still"]]
