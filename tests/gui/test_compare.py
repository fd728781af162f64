# SPDX-License-Identifier: GPL-3.0-or-later
"""Two takes compared in the preview of a real window, a half of the picture each."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
from PIL import Image
from second_unit_daemon.encode.clip import ClipWriter
from second_unit_protocol.grid import Rate

from tests.gui.session import GuiBlender
from tests.gui.sidebar import EDGE, Sidebar

NOTE = """
from bl_ext.user_default.second_unit.link.journal import Entry
from bl_ext.user_default.second_unit.link.records import Clip, JobRecord, submitted_line
from bl_ext.user_default.second_unit.protocol.grid import Rate
journal = part("link.current").tracker.journal
shot = window().scene.second_unit.shots[0]
written = {written}
for take, clip in enumerate({clips}, 1):
    parents = {{"edit": "remix", "parents": ["a" * 31 + "1"]}} if take == 2 else None
    provenance = __import__("json").dumps({{**written, "seed": take, "prompt": "rain" * take, "lineage": parents}})
    record = JobRecord("a" * 31 + str(take), shot_id=shot.uid, shot_name=shot.name, engine="projection", take=take,
                       seed=take, clip=Clip(window().scene.name, 11, 9, Rate(24)))
    journal.write(Entry.SUBMITTED, record.job_id, **submitted_line(record))
    result = {{"seed": take, "provenance": provenance}}
    journal.write(Entry.FETCHING, record.job_id, files={{"clip": clip}}, blobs={{}}, result=result)
    journal.write(Entry.FETCHED, record.job_id)
"""
COMPARE = """
with in_view():
    bpy.ops.second_unit.take_compare(job_id="a" * 31 + "1", other="a" * 31 + "2")
__import__("time").sleep(0.5)  # as a big file's undo step: the timer's next round comes before Blender draws
"""
PATIENCE_S = 15
COLOURS = ((200, 60, 40), (60, 180, 70))
AREA = """
a = next(a for a in window().screen.areas if a.type == "SEQUENCE_EDITOR")
result = [a.x, window().height - a.y - a.height, a.width, a.height]
"""


def shares(picture: Path, box: list[int]) -> list[float]:
    """How much of a part of the window each take's colour fills."""
    x, y, width, height = box
    part = np.asarray(Image.open(picture).crop((x, y, x + width, y + height)).convert("RGB"), int)
    return [float((np.abs(part - colour).max(-1) < 40).mean()) for colour in COLOURS]


def test_each_of_two_takes_has_its_half_of_the_preview(blender: GuiBlender, sidebar: Sidebar) -> None:
    clips = []
    for number, colour in enumerate(COLOURS):
        clips.append(str(blender.work / f"take_{number}.mp4"))
        with ClipWriter(Path(clips[-1]), 208, 120, Rate(24), {}) as writer:
            for _ in range(9):
                writer.write(np.full((120, 208, 3), colour, np.uint8))
    sidebar.press("second_unit.shot_add()", EDGE)
    blender.wait_for("result = len(window().scene.second_unit.shots)")
    blender.ask(NOTE.format(clips=json.dumps(clips), written=json.dumps({"engine": "projection", "width": 208})))
    landed = "result = [s['job'] for s in strips()]"
    blender.wait_for(landed, accept=lambda jobs: len(jobs) == 2)
    blender.ask(COMPARE)
    deadline, half = time.monotonic() + PATIENCE_S, [0.0, 0.0]
    while min(half) <= 0.05 and time.monotonic() < deadline:
        time.sleep(0.5)
        half = shares(blender.screenshot("compare"), blender.ask(AREA))
    assert min(half) > 0.05 and max(half) < 1.3 * min(half), "each has half of the picture"
    assert "Traceback" not in blender.log()
