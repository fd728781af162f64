# SPDX-License-Identifier: GPL-3.0-or-later
"""Forgets old jobs and frees the disk of blobs that nobody needs any more."""

from __future__ import annotations

import logging
import math
import threading
import time

from attrs import frozen

from ..blobs.store import BlobStore
from .store import JobStore

log = logging.getLogger(__name__)

DAY_S = 86_400.0


@frozen
class Retention:
    """How long things stay: ``keep_days`` after a job's last change, sooner where blobs fill ``quota_bytes``."""

    keep_days: float = 14.0
    quota_bytes: int = 100 << 30


class Garbage:
    """Blobs of unfinished jobs, and results that no client has taken yet, stay whatever their age and size."""

    def __init__(self, store: JobStore, blobs: BlobStore, retention: Retention):
        self._store = store
        self._blobs = blobs
        self._retention = retention
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Collects in the background, because a full store has many files. Call on the store's own thread."""
        if self._thread is None or not self._thread.is_alive():
            keep, needed = self._decide()
            self._thread = threading.Thread(target=self._collect, args=(keep, needed), name="garbage", daemon=True)
            self._thread.start()

    def run(self) -> int:
        """Collects at once; returns the bytes freed."""
        return self._collect(*self._decide())

    def _decide(self) -> tuple[set[str], set[str]]:
        now = time.time()
        oldest = now - self._retention.keep_days * DAY_S
        self._store.forget(oldest)
        return self._store.digests_needed(oldest), self._store.digests_needed(now + DAY_S)

    def _collect(self, keep: set[str], needed: set[str]) -> int:
        age_s = self._retention.keep_days * DAY_S
        freed = self._blobs.collect(keep, age_s)
        freed += self._blobs.collect(needed, math.inf, self._retention.quota_bytes)
        if freed:
            log.info("freed %d MB of old blobs", freed >> 20)
        return freed
