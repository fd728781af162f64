# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a shot stands in the panel in its own sentence, and Shoot is greyed out with it."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from tests.gui.session import GuiBlender
from tests.gui.sidebar import EDGE, Sidebar

SHOT = "window().scene.second_unit.shots[0]"
LEFT_AS_IS = f"scene, shot, camera = window().scene, {SHOT}, bpy.data.objects['Camera']"
WRONGS = {
    "no_camera": ("scene.camera = None", "Shot 1: The shot has no camera. Add a camera"),
    "orthographic": ("camera.data.type = 'ORTHO'", "The camera Camera is orthographic. Set the camera's lens type"),
    "panoramic": ("camera.data.type = 'PANO'", "The camera Camera is panoramic. Set the camera's lens type"),
    "empty_range": (
        "shot.use_scene_range = False; shot.frame_start, shot.frame_end = 9, 3",
        "The range is empty: it ends at frame 3, before its start at 9. Make the shot's last frame come after",
    ),
    "no_reference": ("shot.references.clear()", "the shot has none. Pin at least one reference frame"),
    "missing_picture": (
        "shot.references[0].path = '//gone.png'",
        "The picture of reference plate is missing: {folder}/gone.png. Put the picture back",
    ),
    "outside_the_range": (
        "shot.references[0].scene_frame = 99",
        "Reference plate is pinned to frame 99, outside the range 11 to 19. Move the reference inside",
    ),
    "another_aspect": (
        "shot.references[0].path, shot.engine = '//square.png', 'another'",
        "Reference plate is 64 × 64 (1.000 : 1), the shot 208 × 120 (1.733 : 1). Crop the picture",
    ),
}
BACK = """
scene.camera, camera.data.type = camera, "PERSP"
shot.use_scene_range, shot.engine = True, "projection"
shot.references.clear()
pinned = shot.references.add()
pinned.uid, pinned.name, pinned.path, pinned.scene_frame = "a", "plate", "//plate.png", 11
"""


def grey_png(path: Path, width: int, height: int) -> None:
    """A picture from first principles: this environment need not have an imaging library."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x80" * 3 * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


def test_every_wrong_has_its_sentence_and_shoot_says_it_too(blender: GuiBlender, sidebar: Sidebar) -> None:
    grey_png(blender.work / "plate.png", 208, 120)
    grey_png(blender.work / "square.png", 64, 64)
    sidebar.press("second_unit.shot_add()", EDGE)
    blender.wait_for("result = len(window().scene.second_unit.shots)")
    blender.ask(f"{LEFT_AS_IS}\n{BACK}\ntold.__enter__()")
    sidebar.scroll_to_end()
    for name, (wrong, sentence) in WRONGS.items():
        blender.ask(f"{BACK}\n{wrong}\ntold.sentences.clear()")
        expected = sentence.format(folder=blender.work)
        blender.wait_for("result = told.sentences", 20, lambda told, wanted=expected: any(wanted in t for t in told))
        blender.screenshot(f"wrong_{name}")
        assert not blender.ask("with in_view():\n    result = bpy.ops.second_unit.shoot.poll()"), name
    blender.ask(f"{BACK}\ntold.sentences.clear()")
    blender.wait_for("with in_view():\n    result = bpy.ops.second_unit.shoot.poll()")
    blender.ask("told.__exit__()")


def test_shooting_without_a_daemon_says_so(blender: GuiBlender, alone: None, sidebar: Sidebar) -> None:
    grey_png(blender.work / "plate.png", 208, 120)
    sidebar.press("second_unit.shot_add()", EDGE)
    blender.wait_for("result = len(window().scene.second_unit.shots)")
    blender.ask(f"{LEFT_AS_IS}\n{BACK}")
    blender.ask(
        "preferences = bpy.context.preferences.addons[ADDON].preferences; preferences.start_when_needed = False"
    )
    try:
        blender.wait_for("with in_view():\n    result = bpy.ops.second_unit.shoot.poll()")
        sidebar.press("second_unit.shoot()")
        said = blender.wait_for("result = job_state()['shoot_error']", 40)
        blender.screenshot("wrong_no_daemon")
    finally:
        blender.ask("preferences.start_when_needed = True")

    assert said.startswith("Shot 1: No daemon is running. Start the daemon from the panel")
