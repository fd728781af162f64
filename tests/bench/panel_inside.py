# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of bench_panel.py that runs in Blender's Python. Prints one line of JSON: milliseconds by what they are for.

Blender draws no panels without a window, so each ``draw`` is called with a layout that takes everything and does
nothing: what is measured is the extension's own part.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from tests.blender.inside import pytest_sessionstart as install_the_zip

ROWS = 8  # of a list, that are in view
RUNS = 9


class Layout:
    """Answers every call with itself; properties of operators may be set on it."""

    def __getattr__(self, _name: str):
        return lambda *_words, **_named: self


def quickest(call) -> float:
    """Milliseconds of this thread's processor time."""
    times = []
    for _ in range(RUNS):
        began = time.thread_time()
        call()
        times.append(time.thread_time() - began)
    return min(times) * 1e3


def main(shots: int, takes: int) -> None:
    install_the_zip(None)
    import bpy
    from bl_ext.user_default.second_unit.link import current
    from bl_ext.user_default.second_unit.link.records import Clip, JobRecord, submitted_line
    from bl_ext.user_default.second_unit.protocol.grid import Rate
    from bl_ext.user_default.second_unit.sequencer import memory
    from bl_ext.user_default.second_unit.ui.shot import panels as shot_panels
    from bl_ext.user_default.second_unit.ui.shot import props, watch
    from bl_ext.user_default.second_unit.ui.takes import panels as take_panels
    from bl_ext.user_default.second_unit.ui.takes import view

    with tempfile.TemporaryDirectory() as folder:
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "film.blend"))
        memory.ensure_open()
        scene, journal = bpy.context.scene, current.tracker.journal
        listed = scene.second_unit.shots
        for number in range(shots):
            shot = listed.add()
            shot.uid, shot.name = f"{number:032x}", f"Shot {number + 1}"
        (Path(journal.folder) / "clip.mp4").write_bytes(b"")
        lines = []
        for number in range(takes):
            uid = f"{number % shots:032x}"
            record = JobRecord(f"{number:032x}", shot_id=uid, shot_name=uid[-3:], engine="projection", seed=number,
                               take=number // shots + 1, clip=Clip(scene.name, 11, 9, Rate(24)),
                               batch=f"{uid}{number // shots // 4}")  # fmt: skip
            told = json.dumps({"seed": number, "prompt": "rain", "inputs": {"camera": "c"}})
            job = {"job": record.job_id, "session": journal.session, "at": float(number)}
            fetched = {"files": {"clip": "clip.mp4"}, "blobs": {}, "result": {"provenance": told}}
            lines += [{"entry": "submitted", **job, **submitted_line(record)}, {"entry": "fetching", **job, **fetched}]
            lines += [{"entry": entry, **job} for entry in ("fetched", "passed", "acknowledged")]
        journal._append(lines)
        journal.refresh()
        scene.second_unit.active_shot = shots // 2
        view.refresh()
        assert len(view._views) == takes and len(bpy.context.window_manager.second_unit.takes) == takes // shots

        context, took = bpy.context, {}
        for cls in bpy.types.Panel.__subclasses__():
            inside = cls.__module__.startswith(view.__name__.split(".ui.")[0]) and cls.is_registered
            if not inside or cls.bl_space_type != "VIEW_3D":
                continue
            panel = SimpleNamespace(layout=Layout())
            if not hasattr(cls, "poll") or cls.poll(context):
                took[cls.__name__] = quickest(lambda cls=cls, panel=panel: draw(cls, panel, context))
        state = context.window_manager.second_unit
        take_row = SimpleNamespace(bitflag_filter_item=1 << 30, filter_name="", use_filter_sort_alpha=False)

        def draw_takes() -> None:
            take_panels.SECOND_UNIT_UL_takes.filter_items(take_row, context, state, "takes")
            for item in state.takes[:ROWS]:
                take_panels.SECOND_UNIT_UL_takes.draw_item(take_row, context, Layout(), state, item, 0, None, "", 0)

        def draw_shots() -> None:
            for item in listed[:ROWS]:
                shot_panels.SECOND_UNIT_UL_shots.draw_item(None, context, Layout(), None, item, 0, None, "", 0)

        took["rows of takes"], took["rows of shots"] = quickest(draw_takes), quickest(draw_shots)
        chores = {"look at the shot": watch._look_at_active_shot, "copied shots": props.renew_copied_uids,
                  "takes anew": view.refresh, "takes unchanged": view.tick}  # fmt: skip
        between = {name: quickest(chore) for name, chore in chores.items()}
        print(json.dumps({"blender": bpy.app.version_string, "drawn": took, "between": between}))


def draw(cls: type, panel: SimpleNamespace, context: object) -> None:
    if hasattr(cls, "poll"):
        cls.poll(context)
    cls.draw(panel, context)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
