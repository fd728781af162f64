# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of bench_main_thread.py that runs in Blender's Python: a large shot through a real daemon, every tick timed.

Prints one line of JSON: seconds of wall clock and of this thread's processor time, and what they were spent on.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
import uuid
from pathlib import Path

from tests.blender.inside import pytest_sessionstart as install_the_zip


def main(frames: int, width: int, height: int, jobs: int) -> None:
    install_the_zip(None)
    import bpy
    from bl_ext.user_default.second_unit.link import current, pump
    from bl_ext.user_default.second_unit.link.journal import Entry
    from bl_ext.user_default.second_unit.sequencer import landing, memory

    from tests.blender import daemons, footage

    strip_s, collecting_s = [0.0, 0.0], [0.0, 0.0]  # wall clock, processor
    began = [0.0, 0.0]
    land = landing.land

    def note_collection(phase: str, _facts: dict) -> None:
        now = time.perf_counter(), time.thread_time()
        for place in (0, 1):
            if phase == "start":
                began[place] = now[place]
            else:
                collecting_s[place] += now[place] - began[place]

    def timed_landing(*rest: object) -> object:
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            return land(*rest)
        finally:
            strip_s[0] += time.perf_counter() - wall
            strip_s[1] += time.thread_time() - cpu

    landing.land = timed_landing
    gc.callbacks.append(note_collection)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        bpy.ops.wm.save_as_mainfile(filepath=str(work / "film.blend"))
        edge = footage.edge_clip(work / "edge.mp4", count=4)
        memory.ensure_open()
        for number in range(
            jobs
        ):  # a project with a history: landed, saved, acknowledged, and the strips deleted since
            record = footage.note_finished(edge, number=number + 1)
            for entry in (Entry.LANDED, Entry.KEPT, Entry.ACKNOWLEDGED):
                current.tracker.journal.write(entry, record.job_id)
        bpy.ops.wm.open_mainfile(filepath=str(work / "film.blend"))
        pump.tick()
        spooled = footage.make(
            "shot",
            work / "spooled",
            frames=frames,
            width=width,
            height=height,
            engine="paint",
            references=0,
            colour=True,
        )
        size = sum(path.stat().st_size for path in spooled.iterdir())
        daemon = daemons.Daemon().start()
        ticks: list[tuple[float, ...]] = []
        strips_s = collections_s = 0.0
        try:
            job_id = uuid.uuid4().hex
            daemons.submit(spooled, job_id=job_id, take=jobs + 1)
            deadline = time.monotonic() + 300
            while time.monotonic() < deadline:
                strip_s[:], collecting_s[:] = [0.0, 0.0], [0.0, 0.0]
                wall, cpu = time.perf_counter(), time.thread_time()
                pump.tick()
                spent = time.perf_counter() - wall, time.thread_time() - cpu
                ticks.append(tuple(spent[k] - strip_s[k] - collecting_s[k] for k in (0, 1)))
                strips_s += strip_s[0]
                collections_s = max(collections_s, collecting_s[0])
                record = current.tracker.journal.get(job_id)
                if record and record.acknowledged:
                    break
                time.sleep(0.01)
            handlers = {name: _timed(call) for name, call in _handlers(bpy, memory, work).items()}
        finally:
            daemon.close()
        fetched = sum(current.tracker.journal.absolute(path).stat().st_size for path in record.files.values())
    walls, cpus = sorted(w for w, _ in ticks), sorted(c for _, c in ticks)
    sys.stdout.write(
        json.dumps(
            {
                "blender": bpy.app.version_string,
                "landed": bool(record and record.landed),
                "uploaded_mb": size / 1e6,
                "fetched_mb": fetched / 1e6,
                "ticks": len(ticks),
                "longest_s": walls[-1],
                "p99_s": walls[int(len(walls) * 0.99)],
                "longest_cpu_s": cpus[-1],
                "strip_s": strips_s,
                "collection_s": collections_s,
                "handlers_s": handlers,
            }
        )
        + "\n"
    )


def _handlers(bpy, memory, work: Path) -> dict:
    saved = str(work / "film.blend")
    return {
        "after an undo": memory._undo_post,
        "after a save": lambda: memory._save_post(saved),
        "before opening a file": memory._load_pre,
        "after opening a file": memory._load_post,
    }


def _timed(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
