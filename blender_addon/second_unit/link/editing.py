# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits of strips: the daemon's program puts the request together from the clip, beside Blender; then it is a job."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ..protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from ..protocol.late import define, evolve
from . import spool, takes
from .daemon import DaemonLink
from .programs import Programs, Run
from .records import Clip, JobRecord
from .tracker import JobTracker


@define
class Edit:
    """An edit until it is a job: ``error`` is None while it is put together, and once that is done. ``notes`` say what
    of it will not be used, such as a camera that a model ignores; they stay until they are put away."""

    title: str
    job_id: str
    error: ErrorInfo | None = None
    over: bool = False
    notes: tuple[str, ...] = ()


class Editor:
    """The main thread's; the program runs in a thread of its own."""

    def __init__(self, tracker: JobTracker, link: DaemonLink):
        self.edits: list[Edit] = []
        self.preparing = 0  # edits whose masks are being drawn
        self._tracker, self._link = tracker, link
        self._programs = Programs()

    def start(
        self, program: Path, words: Sequence[str], record: JobRecord, title: str, scene: str, offset: int = 0
    ) -> Edit:
        """Has ``program`` make the request that ``words`` say; :meth:`poll` hands it over.

        Args:
            record: its spool is where the request goes; what else it says of the shot comes from the request.
            scene: whose timeline the clip is for.
            offset: scene frames from where the request's frames are to where its clip belongs on that timeline.
        """
        edit = Edit(title, record.job_id)
        self.edits = [*(e for e in self.edits if not e.over), edit]
        command = [str(program), *words, "--spool", record.spool]

        def over(run: Run) -> None:
            self._hand_over(edit, record, run, scene, offset)

        self._programs.start(command, title, Path(record.spool), f"{title}: the clip is being read", over, self._far())
        return edit

    def _far(self) -> dict[str, str]:
        """Tells a program that plans here what a daemon on another machine renders on."""
        status = self._link.status if self._link.remote else None
        if status is None:
            return {}
        fields = ("name", "kind", "total_bytes", "free_bytes")
        return {"SECOND_UNIT_DEVICE": json.dumps({name: getattr(status.device, name) for name in fields})}

    def poll(self) -> tuple[str, ...]:
        """How all of them stand."""
        self._programs.poll()
        return tuple(f"{edit.title} {edit.error}" for edit in self.edits if edit.error or not edit.over)

    def forget(self) -> None:
        """Drops what failed, and what was said of the others."""
        self.edits = [edit for edit in self.edits if not edit.over]

    def _hand_over(self, edit: Edit, record: JobRecord, run: Run, scene: str, offset: int) -> None:
        edit.over, edit.notes = True, run.notes
        try:
            if not run.over:
                raise SecondUnitError(ErrorCode.BAD_REQUEST, run.words, remedy="")
            request, files = spool.load(Path(record.spool))
        except SecondUnitError as error:
            edit.error = error.info
            spool.remove(Path(record.spool))
            return
        media = request.delivery
        journal = self._tracker.journal
        reserved = [r.take for r in journal.records() if r.shot_name == request.shot_name] if journal else []
        clip = Clip(scene, media.first + offset, media.count, media.rate, media.handle_before, media.handle_after)
        whole = evolve(
            record,
            shot_id=request.shot_id,
            shot_name=request.shot_name,
            engine=request.engine,
            seed=request.seed,
            prompt=request.prompt,
            take=takes.next_take(self._tracker.take_folder, request.shot_name, reserved),
            clip=clip,
        )
        self._tracker.submit(whole, request, files)
