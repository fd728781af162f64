# SPDX-License-Identifier: GPL-3.0-or-later
"""Follows every job of the open file from Shoot to acknowledgement, across restarts of Blender and of the daemon.

The journal says what has been done; the daemon says where a job stands; :meth:`JobTracker.reconcile` does the next
thing that is missing. Every step may be repeated without harm.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ..protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from ..protocol.late import frozen
from ..protocol.messages import (
    Acknowledge,
    CancelJob,
    GetJob,
    Job,
    JobChanged,
    Preview,
    RetryJob,
    Submit,
    Submitted,
)
from ..protocol.results import JobInfo
from ..protocol.shot import ShotRequest
from ..protocol.states import JobState
from . import batches, processes, spool, takes
from .background import Background
from .daemon import DaemonLink
from .fetching import Fetch, summary
from .journal import Entry, Journal
from .records import JobRecord, may_land_by_itself, submitted_line

RETRY_AFTER_S = 5.0
_GONE = (ErrorCode.NO_DAEMON, ErrorCode.DAEMON_GONE, ErrorCode.TIMEOUT)


@frozen
class Transfer:
    """Bytes of a job on their way. ``what`` is "Uploading" or "Fetching"."""

    what: str
    done: int = 0
    total: int = 0


class JobTracker:
    """Jobs of the open file. Give it a journal with :meth:`adopt`; call :meth:`tick`."""

    def __init__(self, link: DaemonLink, disk: Background, clock: Callable[[], float] = time.monotonic):
        self.link = link
        self.journal: Journal | None = None
        self.take_folder = Path()
        self.jobs: dict[str, JobInfo] = {}
        self.transfers: dict[str, Transfer] = {}
        self.previews: dict[str, Preview] = {}
        self.errors: dict[str, ErrorInfo] = {}
        self.journal_error: ErrorInfo | None = None  # why this file has no journal
        self.revision = 0
        self._disk = disk
        self._clock = clock
        self._uploads: dict[str, str] = {}
        self._fetches: dict[str, Fetch] = {}
        self._unwanted: set[str] = set()  # cancelled, but the daemon has not confirmed it
        self._busy: set[str] = set()
        self._files_followed = 0  # files that were opened; tells an answer about an earlier one
        self._again: dict[str, float] = {}
        link.ready_hooks.append(self.reconcile_all)
        link.notice_hooks.append(self._notice)

    # --- what others call ---------------------------------------------------------------------------------------

    def adopt(self, journal: Journal, take_folder: Path) -> None:
        """Follows another file's jobs from now on. The last one's uploads run on, its downloads do not."""
        for fetch in self._fetches.values():
            fetch.give_up()
        self.journal, self.take_folder, self.journal_error = journal, take_folder, None
        memories = (self.jobs, self.transfers, self.previews, self.errors, self._uploads, self._fetches, self._again)
        for memory in memories:
            memory.clear()
        self._busy.clear()
        self._files_followed += 1
        self.revision += 1
        self.reconcile_all()

    def without_journal(self, error: ErrorInfo) -> None:
        """The open file's journal cannot be used: nothing is followed until :meth:`adopt`."""
        if error != self.journal_error:
            self.journal_error = error
            self.revision += 1

    def submit(self, record: JobRecord, request: ShotRequest, files: Mapping[str, Path]) -> None:
        """Hands a captured shot over. It is on disk and in the journal before the daemon hears of it."""
        journal, files_followed = self.journal, self._files_followed

        def saved(outcome: object) -> None:
            if journal is None or isinstance(outcome, SecondUnitError):
                error = outcome.info if isinstance(outcome, SecondUnitError) else self.journal_error
                self.refuse(record.job_id, error or _no_journal(record.shot_name))
                return
            if files_followed != self._files_followed:  # another file was opened meanwhile
                return
            if self._note(Entry.SUBMITTED, record.job_id, **submitted_line(record)):
                self.reconcile(record.job_id)

        self._busy.discard(record.job_id)
        self._disk.run(lambda: spool.save(Path(record.spool), request, files), saved)

    def cancel(self, job_id: str) -> None:
        """Stops a job wherever it stands; without a daemon it is over here, and the daemon hears of it later."""
        upload = self._uploads.pop(job_id, None)
        if upload:
            self.link.cancel_transfer(upload)
        self._unwanted.add(job_id)
        self.link.ask(CancelJob(job_id), lambda reply: self._cancelled(job_id, reply))

    def retry(self, job_id: str) -> None:
        """Has the daemon start a failed or cancelled job again."""
        record = self._record(job_id)
        if record is None or self.journal is None:
            return
        self.errors.pop(job_id, None)
        self._unwanted.discard(job_id)
        if self._note(Entry.SUBMITTED, job_id, **submitted_line(record)):
            self.link.ask(RetryJob(job_id), lambda reply: self._answered(job_id, reply))

    def fetch_again(self, job_id: str) -> None:
        """Fetches a take whose files are gone, while the daemon keeps it."""
        self.errors.pop(job_id, None)

        def got(reply: object) -> None:
            if isinstance(reply, Job) and reply.job.result:
                self._fetch(reply.job)
            elif isinstance(reply, ErrorInfo):
                self.errors[job_id] = reply
                self.revision += 1

        self.link.ask(GetJob(job_id), got)

    def landable(self) -> list[JobRecord]:
        """Takes that are on disk and belong on the timeline now, oldest first."""
        journal = self.journal
        if journal is None:
            return []
        records = journal.records()
        return [
            record
            for record in records
            if record.job_id not in self.errors
            and may_land_by_itself(record, journal.session, journal.closed_sessions, processes.session_alive)
            and self._is_chosen(batches.batch_of(record, records), record)
        ]

    def _is_chosen(self, batch: list[JobRecord], record: JobRecord) -> bool:
        """Whether this is the variation to land: once all of them are here, the best one."""
        if record.landed or not record.batch:
            return True
        none_yet = not any(r.landed for r in batch)
        return none_yet and batches.is_whole(batch) and batches.best(batch) == record

    def landed(self, job_id: str, strip: str, scene: str) -> None:
        """Notes that a strip shows the take, and lets the daemon know."""
        self.errors.pop(job_id, None)
        self._note(Entry.LANDED, job_id, strip=strip, scene=scene)
        self.previews.pop(job_id, None)
        self.revision += 1
        self.reconcile(job_id)
        self._pass_over(job_id)

    def _pass_over(self, job_id: str) -> None:
        """Once a variation has landed, those that are on disk beside it need not: the daemon may forget them."""
        record = self._record(job_id)
        if record is None or self.journal is None or not record.batch:
            return
        batch = batches.batch_of(record, self.journal.records())
        for other in batch if any(r.landed for r in batch) else ():
            if other.fetched and not other.landed and not other.passed and self._note(Entry.PASSED, other.job_id):
                self.reconcile(other.job_id)

    def refuse(self, job_id: str, error: ErrorInfo) -> None:
        """Notes why a take cannot land; it stays on the list and is not tried again by itself."""
        self.errors[job_id] = error
        self.revision += 1

    def active(self) -> list[JobRecord]:
        """Jobs that have not ended and whose take is not on disk yet."""
        records = self.journal.records() if self.journal else []
        return [record for record in records if record.open and not record.fetched]

    def tick(self) -> None:
        """Tries again what failed for want of a daemon."""
        now = self._clock()
        for job_id in [job_id for job_id, when in self._again.items() if when <= now]:
            del self._again[job_id]
            self.reconcile(job_id)

    # --- the next step of a job ---------------------------------------------------------------------------------

    def reconcile_all(self) -> None:
        for job_id in self._unwanted:
            self.link.ask(CancelJob(job_id), lambda reply, job_id=job_id: self._cancelled(job_id, reply))
        for record in self.journal.records() if self.journal else ():
            if record.open:
                self.reconcile(record.job_id)

    def reconcile(self, job_id: str) -> None:
        """Does the next thing that this job lacks, if the daemon can be asked."""
        record = self._record(job_id)
        if record is None or not record.open or not self.link.ready or job_id in self._busy:
            return
        if record.landed or record.passed:
            self.link.ask(Acknowledge(job_id), lambda reply: self._acknowledged(job_id, reply))
        elif not record.fetched:
            self._busy.add(job_id)
            if record.spool and Path(record.spool).is_dir():
                self._disk.run(lambda: spool.load(Path(record.spool)), lambda got: self._submit(job_id, got))
            else:
                self.link.ask(GetJob(job_id), lambda reply: self._answered(job_id, reply))

    def _submit(self, job_id: str, loaded: object) -> None:
        record = self._record(job_id)
        if record is None or not record.open or job_id in self._unwanted:
            self._busy.discard(job_id)
            return
        if isinstance(loaded, SecondUnitError):
            self.link.ask(GetJob(job_id), lambda reply: self._answered(job_id, reply))
            return
        request, files = loaded
        self.link.ask(Submit(job_id, request), lambda reply: self._submitted(job_id, files, reply))

    def _submitted(self, job_id: str, files: dict[str, Path], reply: object) -> None:
        if not isinstance(reply, Submitted):
            self._answered(job_id, reply)
            return
        self._busy.discard(job_id)
        self._take_in(reply.job)
        record = self._record(job_id)
        if reply.missing and record is not None and record.open and job_id not in self._unwanted:
            if self._comes_with_another(record):
                self._again[job_id] = self._clock() + RETRY_AFTER_S
            else:
                self._upload(job_id, reply, files)

    def _comes_with_another(self, record: JobRecord) -> bool:
        """Whether a variation of the same capture is being uploaded: the daemon has its bytes for all of them."""
        others = (self._record(job_id) for job_id in self._uploads)
        return bool(record.batch) and any(other is not None and other.batch == record.batch for other in others)

    def _upload(self, job_id: str, submitted: Submitted, files: dict[str, Path]) -> None:
        try:
            pairs = spool.paths_of(submitted.missing, files)
        except SecondUnitError as error:
            self._end(job_id, error.info)
            self.link.ask(CancelJob(job_id), lambda _reply: None)
            return

        files_followed = self._files_followed

        def done(error: object) -> None:
            if files_followed != self._files_followed:
                return
            self._uploads.pop(job_id, None)
            self.transfers.pop(job_id, None)
            self._busy.discard(job_id)
            if isinstance(error, ErrorInfo):
                self._transfer_failed(job_id, error)
            self.revision += 1
            if job_id in self.jobs:  # a quick job may have ended before we heard that its last byte had arrived
                self._take_in(self.jobs[job_id])

        self._busy.add(job_id)
        self.transfers[job_id] = Transfer("Uploading", 0, sum(blob.size for blob, _path in pairs))
        transfer = self.link.upload(pairs, done, lambda sent, total: self._moved(job_id, "Uploading", sent, total))
        if transfer:
            self._uploads[job_id] = transfer

    def _fetch(self, job: JobInfo) -> None:
        record, journal = self._record(job.job_id), self.journal
        if record is None or journal is None or job.result is None or job.job_id in self._busy:
            return
        begun = {name: journal.absolute(path) for name, path in record.files.items()}
        known = begun if record.landed or record.fetched else {}  # a strip may show it: the same places again
        folder = takes.shot_folder(self.take_folder, record.shot_name)
        stem = takes.free_stem(folder, record.take, record.job_id, set(begun.values()))
        files = takes.take_files(stem, job.result)
        files = {name: (blob, known.get(name, path)) for name, (blob, path) in files.items()}
        noted = self._note(
            Entry.FETCHING,
            job.job_id,
            files={name: journal.relative(path) for name, (_blob, path) in files.items()},
            blobs={name: blob.digest for name, (blob, _path) in files.items()},
            result=summary(job),
        )
        if not noted:
            return
        self._busy.add(job.job_id)
        total = sum(blob.size for blob, _path in files.values())
        self.transfers[job.job_id] = Transfer("Fetching", 0, total)
        job_id = job.job_id
        fetch = Fetch(
            self.link,
            files,
            lambda done, total: self._moved(job_id, "Fetching", done, total),
            lambda error: self._fetch_ended(job_id, error),
        )
        self._fetches[job_id] = fetch
        fetch.begin()

    def _fetch_ended(self, job_id: str, error: ErrorInfo | None) -> None:
        """The files of a take are on disk, or one of them failed."""
        self.transfers.pop(job_id, None)
        self._fetches.pop(job_id, None)
        self._busy.discard(job_id)
        self.revision += 1
        if error:
            self._transfer_failed(job_id, error)
        elif self._note(Entry.FETCHED, job_id):
            self._pass_over(job_id)
            self.reconcile(job_id)

    # --- what the daemon says -----------------------------------------------------------------------------------

    def _notice(self, message: object) -> None:
        if isinstance(message, JobChanged):
            self._take_in(message.job)
        elif isinstance(message, Preview) and self._record(message.job_id):
            self.previews[message.job_id] = message
            self.revision += 1

    def _answered(self, job_id: str, reply: object) -> None:
        self._busy.discard(job_id)
        if isinstance(reply, Job):
            self._take_in(reply.job)
        elif isinstance(reply, ErrorInfo):
            if reply.code in _GONE:
                self._again[job_id] = self._clock() + RETRY_AFTER_S
            elif reply.code is ErrorCode.NO_SUCH_JOB:
                self._end(job_id, self._forgotten(job_id))
            else:
                self._end(job_id, reply)

    def _cancelled(self, job_id: str, reply: object) -> None:
        gone = isinstance(reply, ErrorInfo) and reply.code in _GONE
        if not gone:
            self._unwanted.discard(job_id)
        if isinstance(reply, ErrorInfo) and (gone or reply.code is ErrorCode.NO_SUCH_JOB):
            record = self._record(job_id)
            shot = record.shot_name if record else ""
            self._end(job_id, SecondUnitError(ErrorCode.CANCELLED, "Cancelled", shot=shot).info)
        else:
            self._answered(job_id, reply)

    def _forgotten(self, job_id: str) -> ErrorInfo:
        record = self._record(job_id)
        return SecondUnitError(
            ErrorCode.NO_SUCH_JOB,
            "The daemon no longer has this job",
            shot=record.shot_name if record else "",
            remedy="Press Shoot to make the take anew",
        ).info

    def _acknowledged(self, job_id: str, reply: object) -> None:
        gone = isinstance(reply, ErrorInfo) and reply.code in _GONE
        if not gone:  # a daemon that no longer knows the job needs no telling
            self._note(Entry.ACKNOWLEDGED, job_id)

    def _take_in(self, job: JobInfo) -> None:
        record = self._record(job.job_id)
        if record is None:
            return
        self.jobs[job.job_id] = job
        self.revision += 1
        if record.spool and job.state is not JobState.WAITING:
            self._disk.run(lambda: spool.remove(Path(record.spool)))
        if record.fetched or not record.open:
            return
        if job.state is JobState.SUCCEEDED:
            self._fetch(job)
        elif job.state is JobState.FAILED:
            cause = SecondUnitError(ErrorCode.ENGINE_FAILED, job.reason or "The job failed", shot=job.shot_name).info
            self._end(job.job_id, job.error or cause)
        elif job.state is JobState.CANCELLED:
            self._end(job.job_id, SecondUnitError(ErrorCode.CANCELLED, "Cancelled", shot=job.shot_name).info)
        elif job.state is JobState.DELIVERED:
            self._end(job.job_id, _landed_elsewhere(job))

    def _transfer_failed(self, job_id: str, error: ErrorInfo) -> None:
        self.revision += 1
        if error.code in _GONE:
            self._again[job_id] = self._clock() + RETRY_AFTER_S
        elif error.code is not ErrorCode.CANCELLED:
            self.errors[job_id] = error

    def _end(self, job_id: str, error: ErrorInfo) -> None:
        record = self._record(job_id)
        if record is None or self.journal is None:
            return
        if not record.ended:
            self._note(Entry.ENDED, job_id, reason=error.sentence())
        if error.code is not ErrorCode.CANCELLED:
            self.errors[job_id] = error
        if error.code is not ErrorCode.REFERENCE_MISFIT:  # its last preview is the picture of the mismatch
            self.previews.pop(job_id, None)
        if record.spool:
            self._disk.run(lambda: spool.remove(Path(record.spool)))
        self.revision += 1

    def _note(self, entry: Entry, job_id: str, **facts: object) -> bool:
        """Writes to the journal; False, with the take's error set, where the disk refuses."""
        self.revision += 1
        if self.journal is None or (entry is not Entry.SUBMITTED and self._record(job_id) is None):
            return False
        try:
            self.journal.write(entry, job_id, **facts)
        except SecondUnitError as error:
            self.errors[job_id] = error.info
            return False
        return True

    def _moved(self, job_id: str, what: str, done: int, total: int) -> None:
        self.transfers[job_id] = Transfer(what, done, total)
        self.revision += 1

    def _record(self, job_id: str) -> JobRecord | None:
        return self.journal.get(job_id) if self.journal else None


def _no_journal(shot: str) -> ErrorInfo:
    cause = "The capture has no journal to be noted in"
    return SecondUnitError(ErrorCode.NOT_WRITABLE, cause, shot=shot, remedy="Save the .blend and shoot again").info


def _landed_elsewhere(job: JobInfo) -> ErrorInfo:
    return SecondUnitError(
        ErrorCode.WRONG_STATE,
        "This take has landed from another copy of this file",
        shot=job.shot_name,
        remedy="Fetch it again from the takes list to have it here too",
    ).info
