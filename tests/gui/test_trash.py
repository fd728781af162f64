# SPDX-License-Identifier: GPL-3.0-or-later
"""A take deleted in a real window, and brought back by Ctrl-Z there."""

from __future__ import annotations

import numpy as np
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
record = JobRecord("b" * 32, shot_id=shot.uid, shot_name=shot.name, engine="projection", take=1, seed=1,
                   clip=Clip(window().scene.name, 11, 9, Rate(24)))
journal.write(Entry.SUBMITTED, record.job_id, **submitted_line(record))
journal.write(Entry.FETCHING, record.job_id, files={{"clip": {clip!r}}}, blobs={{}}, result={{}})
journal.write(Entry.FETCHED, record.job_id)
"""
LISTED = "result = len(bpy.context.window_manager.second_unit.takes), [s['job'] for s in strips()]"
ASK = "with in_view():\n    bpy.ops.second_unit.take_delete('INVOKE_DEFAULT')"
THERE, GONE = [1, ["b" * 32]], [0, []]


def test_a_deleted_take_comes_back_by_ctrl_z(blender: GuiBlender, sidebar: Sidebar) -> None:
    clip = blender.work / "take_1.mp4"
    with ClipWriter(clip, 208, 120, Rate(24), {}) as writer:
        for _ in range(9):
            writer.write(np.full((120, 208, 3), 90, np.uint8))
    sidebar.press("second_unit.shot_add()", EDGE)
    blender.wait_for("result = len(window().scene.second_unit.shots)")
    blender.ask(NOTE.format(clip=str(clip)))
    blender.wait_for(LISTED, accept=lambda told: told == THERE)
    left, top, _, height = sidebar.box()
    blender.display.move(left / 2, top + height / 2)  # over the view, where the dialog opens
    blender.ask(ASK)
    blender.display.key("Return")
    blender.wait_for(LISTED, accept=lambda told: told == GONE)
    assert not clip.exists() and (clip.parent / "trash" / clip.name).exists()
    with blender.display.held("ctrl"):
        blender.display.key("z")
    blender.wait_for(LISTED, accept=lambda told: told == THERE)
    assert clip.exists()
    assert "Traceback" not in blender.log()
