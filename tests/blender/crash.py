# SPDX-License-Identifier: GPL-3.0-or-later
"""A Blender that shoots and is killed at a chosen moment: ``python -m tests.blender.crash MOMENT BLEND SPOOL JOB``.

MOMENT is ``before:landed``, ``after:fetched`` …: around the journal's line of that kind. The .blend is saved once the
strip lies in it where MOMENT is about ``kept`` or later.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import bpy

PACKAGE = "bl_ext.user_default.second_unit"


def main(moment: str, blend: str, spool: str, job_id: str) -> None:
    import addon_utils  # there only once bpy is

    addon_utils.enable(PACKAGE)
    from bl_ext.user_default.second_unit.link import current
    from bl_ext.user_default.second_unit.link.journal import Journal

    from tests.blender import daemons

    when, _, kind = moment.partition(":")
    write = Journal.write

    def die_around(self: Journal, entry: str, *rest: object, **facts: object) -> None:
        if when == "before" and entry == kind:
            os.kill(os.getpid(), signal.SIGKILL)
        write(self, entry, *rest, **facts)
        if when == "after" and entry == kind:
            os.kill(os.getpid(), signal.SIGKILL)

    Journal.write = die_around
    bpy.ops.wm.open_mainfile(filepath=blend)
    daemons.turn(0.05)
    daemons.submit(Path(spool), job_id=job_id)
    record = daemons.until(lambda: (r := current.tracker.journal.get(job_id)) and r.landed and r, "landing")
    if kind == "kept":
        bpy.ops.wm.save_mainfile()
    daemons.until(lambda: record.acknowledged, "the kill that never came", 20)


if __name__ == "__main__":
    main(*sys.argv[1:])
