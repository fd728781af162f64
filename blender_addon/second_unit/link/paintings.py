# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures that are being painted: from the captured frame to a PNG on disk. Pure; the pump ticks it.

A painting is a job of one frame that never becomes a take: no strip, no journal. Blender forgets one that is still
under way when it closes; pressing Paint again is cheap.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from ..protocol.late import evolve, frozen
from ..protocol.messages import Acknowledge, CancelJob, GetJob, Job, JobChanged, Preview, Submit, Submitted
from ..protocol.results import JobInfo
from ..protocol.shot import ShotRequest
from ..protocol.states import JobState
from . import spool
from .background import Background
from .daemon import DaemonLink

_GONE = (ErrorCode.NO_DAEMON, ErrorCode.DAEMON_GONE, ErrorCode.TIMEOUT)


@frozen
class Painting:
    """``capture``: what the camera sees, as a picture on disk; ``picture``: where the painted one goes.

    ``done``: it is there. ``error``: it will never be.
    """

    job_id: str
    shot_id: str
    shot_name: str
    frame: int
    engine: str
    prompt: str
    seed: int
    capture: Path
    picture: Path
    spool: Path
    words: str = "Waiting for the daemon"
    fraction: float | None = None
    done: bool = False
    reference: str = ""  # of a question whether it fits (fits.py): its uid,
    about: str = ""  # what of it the answer is about,
    doubtful: bool = False  # and whether it could not be matched
    error: ErrorInfo | None = None


class Paintings:
    """``now`` has every painting that is under way or that nobody has taken yet, in the order of their asking."""

    def __init__(self, link: DaemonLink, disk: Background):
        self.now: dict[str, Painting] = {}
        self.previews: dict[str, Preview] = {}
        self.revision = 0
        self._link = link
        self._disk = disk
        self._requests: dict[str, tuple[ShotRequest, dict[str, Path]]] = {}
        self._fetching: set[str] = set()
        link.ready_hooks.append(self._reconcile)
        link.notice_hooks.append(self._notice)

    def submit(self, painting: Painting, request: ShotRequest, files: Mapping[str, Path]) -> None:
        self.now[painting.job_id] = painting
        self._requests[painting.job_id] = request, dict(files)
        self.revision += 1
        self._ask(painting.job_id)

    def cancel(self, job_id: str) -> None:
        """Stops it, or puts its error away."""
        if self.now.pop(job_id, None):
            self._link.ask(CancelJob(job_id), lambda _reply: None)
        self._forget(job_id)

    def take(self, job_id: str) -> Painting | None:
        """Hands over one that is done."""
        painting = self.now.get(job_id)
        if painting is None or not painting.done:
            return None
        del self.now[job_id]
        self._forget(job_id)
        return painting

    @property
    def busy(self) -> bool:
        return any(not painting.error for painting in self.now.values())

    def _reconcile(self) -> None:
        self._fetching.clear()
        for job_id, painting in self.now.items():
            if not painting.done and not painting.error:
                self._ask(job_id)

    def _ask(self, job_id: str) -> None:
        if job_id in self._requests:
            request, files = self._requests[job_id]
            self._link.ask(Submit(job_id, request), lambda reply: self._submitted(job_id, files, reply))
        else:
            self._link.ask(GetJob(job_id), lambda reply: self._answered(job_id, reply))

    def _submitted(self, job_id: str, files: dict[str, Path], reply: object) -> None:
        if not isinstance(reply, Submitted):
            self._answered(job_id, reply)
            return
        self._take_in(reply.job)
        if job_id not in self.now or not reply.missing:
            return
        try:
            pairs = spool.paths_of(reply.missing, files)
        except SecondUnitError as error:
            self._fail(job_id, error.info)
            return
        self._show(job_id, words="Sending the captured frame")
        self._link.upload(pairs, lambda answer: self._sent(job_id, answer), lambda done, total: None)

    def _sent(self, job_id: str, answer: object) -> None:
        if isinstance(answer, ErrorInfo) and answer.code not in _GONE:
            self._fail(job_id, answer)

    def _answered(self, job_id: str, reply: object) -> None:
        if isinstance(reply, Job):
            self._take_in(reply.job)
        elif isinstance(reply, ErrorInfo) and reply.code not in _GONE:
            self._fail(job_id, reply)

    def _notice(self, message: object) -> None:
        if isinstance(message, JobChanged):
            self._take_in(message.job)
        elif isinstance(message, Preview) and message.job_id in self.now:
            self.previews[message.job_id] = message
            self.revision += 1

    def _take_in(self, job: JobInfo) -> None:
        job_id = job.job_id
        painting = self.now.get(job_id)
        if painting is None or painting.done or painting.error:
            return
        if job.state is not JobState.WAITING:
            self._requests.pop(job_id, None)  # the daemon has all of it
            self._remove_spool(painting)
        if job.state is JobState.SUCCEEDED:
            self._fetch(job)
        elif job.state in (JobState.FAILED, JobState.CANCELLED):
            code = ErrorCode.ENGINE_FAILED if job.state is JobState.FAILED else ErrorCode.CANCELLED
            self._fail(job_id, job.error or SecondUnitError(code, job.reason, shot=job.shot_name).info)
        else:
            running = job.state is JobState.RUNNING
            self._show(
                job_id,
                words=(job.stage or job.state.value).capitalize(),
                fraction=job.fraction if running else None,
            )

    def _fetch(self, job: JobInfo) -> None:
        if job.job_id in self._fetching:
            return
        painting, still = self.now[job.job_id], job.result.still if job.result else None
        if still is None:
            cause = "The daemon gave no picture; it is older than this add-on"
            self._fail(job.job_id, SecondUnitError(ErrorCode.VERSION_MISMATCH, cause, shot=job.shot_name).info)
            return
        self._fetching.add(job.job_id)
        self._show(job.job_id, words="Fetching the picture", fraction=1.0)
        self._link.download(still, painting.picture, lambda answer: self._fetched(job.job_id, answer))

    def _fetched(self, job_id: str, answer: object) -> None:
        self._fetching.discard(job_id)
        if isinstance(answer, ErrorInfo):
            if answer.code not in _GONE:
                self._fail(job_id, answer)
            return
        self._show(job_id, words="Done", done=True)
        self._link.ask(Acknowledge(job_id), lambda _reply: None)

    def _fail(self, job_id: str, error: ErrorInfo) -> None:
        if job_id in self.now:
            self._show(job_id, error=error)
            self._remove_spool(self.now[job_id])
        self._forget(job_id)

    def _show(self, job_id: str, **changed: object) -> None:
        if job_id in self.now:
            self.now[job_id] = evolve(self.now[job_id], **changed)
            self.revision += 1

    def _forget(self, job_id: str) -> None:
        self._requests.pop(job_id, None)
        self.previews.pop(job_id, None)
        self.revision += 1

    def _remove_spool(self, painting: Painting) -> None:
        if all(painting.spool != self.now[other].spool for other in self._requests if other in self.now):
            self._disk.run(lambda: spool.remove(painting.spool))
