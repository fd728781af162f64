# SPDX-License-Identifier: GPL-3.0-or-later
"""A film's worth of shots and takes: what drawing the tab costs, in the real window."""

from __future__ import annotations

import time

from tests.gui.session import GuiBlender
from tests.gui.sidebar import Sidebar

SHOTS, TAKES = 200, 2000
DRAW_S = 0.005  # all that is drawn of the tab, once
BLOCK_S = 0.033
FILL = f"""
from bl_ext.user_default.second_unit.link.journal import Entry
from bl_ext.user_default.second_unit.link.records import Clip, JobRecord, submitted_line
from bl_ext.user_default.second_unit.protocol.grid import Rate
import json, pathlib
journal = part("link.current").tracker.journal
shots = window().scene.second_unit.shots
for number in range({SHOTS}):
    shot = shots.add()
    shot.uid, shot.name = f"{{number:032x}}", f"Shot {{number + 1}}"
clip = pathlib.Path(journal.folder) / "clip.mp4"
clip.write_bytes(b"")
lines = []
for number in range({TAKES}):
    uid = f"{{number % {SHOTS}:032x}}"
    record = JobRecord(f"{{number:032x}}", shot_id=uid, shot_name=uid[-3:], engine="projection", seed=number,
                       take=number // {SHOTS} + 1, clip=Clip(window().scene.name, 11, 9, Rate(24)),
                       batch="b" + str(number // 4))
    told = json.dumps({{"seed": number, "prompt": "rain", "inputs": {{"camera": "c"}}}})
    job = {{"job": record.job_id, "session": journal.session, "at": float(number)}}
    fetched = {{"files": {{"clip": "clip.mp4"}}, "blobs": {{}}, "result": {{"provenance": told}}}}
    lines += [{{"entry": "submitted", **job, **submitted_line(record)}}, {{"entry": "fetching", **job, **fetched}}]
    lines += [{{"entry": entry, **job}} for entry in ("fetched", "passed", "acknowledged")]
journal._append(lines)
journal.refresh()
"""


def test_a_large_file_is_drawn_as_quickly_as_a_small_one(blender: GuiBlender, sidebar: Sidebar) -> None:
    blender.teach("stopwatch")
    blender.ask(FILL)
    shown = "result = [len(part('ui.takes.view')._views), len(window().scene.second_unit.shots)]"
    blender.wait_for(shown, accept=lambda found: found == [TAKES, SHOTS])
    time.sleep(3.0)  # the files are looked for by a thread
    blender.ask("stopwatch = Stopwatch(); stopwatch.start()")
    for shot in (3, 60, 199):
        blender.ask(f"window().scene.second_unit.active_shot = {shot}; view().tag_redraw()")
        time.sleep(1.5)
    blender.ask("stopwatch.stop()")
    longest = blender.ask("result = stopwatch.longest")
    blender.screenshot("large_file")
    drawn = {name: seconds for name, seconds in longest.items() if name != "pump.tick" and "handler" not in name}
    # Of a list as many rows are drawn as are in view: at most eight here.
    total = sum(seconds * (8 if name.endswith("draw_item") else 1) for name, seconds in drawn.items())
    slowest = sorted(longest.items(), key=lambda item: -item[1])[:8]
    print(f"drawn in {total * 1e3:.2f} ms; longest: { {n: f'{s * 1e3:.2f} ms' for n, s in slowest} }")  # noqa: T201
    assert len(drawn) > 20
    assert total <= DRAW_S, slowest
    assert max(longest.values()) <= BLOCK_S, slowest
