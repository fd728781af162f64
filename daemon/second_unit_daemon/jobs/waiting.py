# SPDX-License-Identifier: GPL-3.0-or-later
"""Which jobs wait for which blobs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from second_unit_protocol.shot import BlobRef


class WaitingRoom:
    """Kept in memory: after a restart it is filled again from the store's waiting jobs."""

    def __init__(self) -> None:
        self._lacking: dict[str, set[str]] = {}  # job -> digests
        self._wanted_by: dict[str, set[str]] = defaultdict(set)  # digest -> jobs

    def enter(self, job_id: str, missing: Iterable[BlobRef]) -> None:
        """The job waits for ``missing`` (at least one)."""
        self._lacking[job_id] = {ref.digest for ref in missing}
        for digest in self._lacking[job_id]:
            self._wanted_by[digest].add(job_id)

    def arrived(self, digest: str) -> list[str]:
        """A blob has come; returns the jobs that lack nothing any more, in the order in which they came."""
        waiting = self._wanted_by.pop(digest, set())
        for job_id in waiting:
            self._lacking[job_id].discard(digest)
        complete = [job_id for job_id, lacking in self._lacking.items() if job_id in waiting and not lacking]
        for job_id in complete:
            del self._lacking[job_id]
        return complete

    def leave(self, job_id: str) -> None:
        """The job waits no longer (it was cancelled)."""
        for digest in self._lacking.pop(job_id, ()):
            self._wanted_by[digest].discard(job_id)
