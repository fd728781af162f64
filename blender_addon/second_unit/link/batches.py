# SPDX-License-Identifier: GPL-3.0-or-later
"""Variations: takes of one press of Shoot, which differ in their seed. The one nearest to its camera lands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from .records import JobRecord


def batch_of(record: JobRecord, records: Iterable[JobRecord]) -> list[JobRecord]:
    """The take's variations, itself among them, in the order in which they were shot; alone where it has none."""
    return [r for r in records if r.batch == record.batch] if record.batch else [record]


def rank(record: JobRecord) -> tuple[float, ...]:
    """Sorts takes, the best first; one that was not measured comes last."""
    adherence = record.result.get("adherence")
    measured = adherence.get("rank") if isinstance(adherence, dict) else None
    return tuple(float(part) for part in measured) if measured else (float("inf"),)


def best(batch: Iterable[JobRecord]) -> JobRecord | None:
    """The take that kept to its camera best, of those whose files are here; the earliest of equals."""
    here = [r for r in batch if r.fetched and not r.removed and not r.ended]
    return min(here, key=lambda r: (rank(r), r.take), default=None)


def all_of(records: Iterable[JobRecord]) -> dict[str, list[JobRecord]]:
    """Every batch by its name."""
    found: dict[str, list[JobRecord]] = defaultdict(list)
    for record in records:
        if record.batch:
            found[record.batch].append(record)
    return found


def marked(batch: Iterable[JobRecord]) -> JobRecord | None:
    """The take that the list marks as the best of several that were measured."""
    known = list(batch)
    measured = [r for r in known if r.fetched and rank(r) != (float("inf"),)]
    return best(known) if len(measured) > 1 else None


def is_whole(batch: Iterable[JobRecord]) -> bool:
    """Whether nothing of a batch is still to come."""
    return all(r.fetched or r.ended or r.removed or r.moved for r in batch)
