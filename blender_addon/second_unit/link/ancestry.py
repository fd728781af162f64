# SPDX-License-Identifier: GPL-3.0-or-later
"""Which take came from which, and what was changed in between. Pure: from what each take's provenance says."""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator

from ..protocol.late import frozen
from .records import JobRecord

_EDITS = {
    "extend": "Extends",
    "remix": "Remixes",
    "final": "Final of",
    "modify": "Modifies",
    "bridge": "Bridges",
    "animate": "Animates",
    "motion": "Moves parts of",
}
# What is compared, by the word that names it; the names are those of the provenance.
_SETTINGS = {
    "engine": ("engine",),
    "words": ("prompt", "negative_prompt"),
    "style": ("style", "style_picture", "style_strength"),
    "seed": ("seed",),
    "quality": ("quality",),
    "motion strength": ("motion_strength",),
    "options": ("options",),
    "size": ("width", "height"),
    "frames": ("delivery",),
}
_INPUTS = {
    "camera": ("camera",),
    "references": ("references",),
    "source clip": ("source",),
    "region": ("region",),
    "motion of parts": ("moving",),
    "characters": ("characters",),
    "LoRAs": ("loras",),
}
# They change with the camera, the frames and the size, too; colours may by noise alone, of which _is_noise knows.
_SCENE = ("depth", "colour", "motion")


@frozen
class Origin:
    """Where a take comes from, as the list shows it. ``depth``: how far it is indented.

    ``words``: "Remixes Take 2: words, seed", or of a take that was shot anew, "Since Take 2: seed".
    """

    depth: int = 0
    words: str = ""


def tree(records: Iterable[JobRecord]) -> list[tuple[JobRecord, Origin]]:
    """Takes in the order of a list: a take that was made of another below it, indented; else the newest first.

    A take whose parent is of another shot, or gone, stands for itself.
    """
    known = list(records)
    by_job = {record.job_id: record for record in known}
    children: dict[str, list[JobRecord]] = defaultdict(list)
    for record in known:
        children[_parent(record, by_job)].append(record)
    latest = _latest(known, by_job)
    before = _before(known)
    found: list[tuple[JobRecord, Origin]] = []

    def add(record: JobRecord, depth: int) -> None:
        found.append((record, Origin(depth, _words(record, by_job, before))))
        for child in sorted(children[record.job_id], key=lambda r: latest[r.job_id], reverse=True):
            add(child, depth + 1)

    for root in sorted(children[""], key=lambda r: latest[r.job_id], reverse=True):
        add(root, 0)
    return found


def changed(then: JobRecord, now: JobRecord) -> list[str]:
    """What is not the same in both takes: "words", "seed", "camera" …; empty also where one of them does not tell."""
    found = list(_changes(_told(then), _told(now))) if _told(then) and _told(now) else []
    return [word for word in found if word != "scene" or not _is_noise(then, now)]


def _is_noise(then: JobRecord, now: JobRecord) -> bool:
    """Whether only the colours differ, of a scene in which nothing that a stamp knows was touched."""
    if not all(then.stamp.get(kind) and then.stamp.get(kind) == now.stamp.get(kind) for kind in ("scene", "look")):
        return False
    old, new = (_told(each).get("inputs") or {} for each in (then, now))
    return all(old.get(key) == new.get(key) for key in _SCENE if key != "colour")


def first_frame(record: JobRecord) -> int:
    """Scene frame of its shot at which a take's clip begins; ``record.clip`` says where on a timeline it landed."""
    delivery = _told(record).get("delivery")
    first = delivery.get("first") if isinstance(delivery, dict) else None
    assert record.clip is not None
    return first if isinstance(first, int) else record.clip.first


def title(record: JobRecord) -> str:
    """How the list names the take."""
    return record.label or f"Take {record.take}"


def _words(record: JobRecord, by_job: dict[str, JobRecord], before: dict[str, JobRecord]) -> str:
    told = _told(record).get("lineage")
    edit = str(told.get("edit", "")) if isinstance(told, dict) else ""
    origin = by_job.get(_named_parent(record)) or before.get(record.job_id)
    if origin is None:
        return ""
    made_of = origin.job_id == _named_parent(record)
    differs = ", ".join(changed(origin, record)) or ("nothing else" if made_of else "")
    lead = f"{_EDITS.get(edit, 'Made of')} {title(origin)}" if made_of else f"Since {title(origin)}"
    return f"{lead}: {differs}" if differs else ""


def _changes(then: dict, now: dict) -> Iterator[str]:
    for name, keys in _SETTINGS.items():
        if any(_read(then, then, key) != _read(now, now, key) for key in keys):
            yield name
    old, new = then.get("inputs") or {}, now.get("inputs") or {}
    for name, keys in _INPUTS.items():
        if any(_read(then, old, key) != _read(now, new, key) for key in keys):
            yield name
    alike = all(then.get(key) == now.get(key) for key in ("width", "height", "delivery", "grid"))
    if alike and old.get("camera") == new.get("camera") and any(old.get(key) != new.get(key) for key in _SCENE):
        yield "scene"


def _read(told: dict, facts: dict, key: str) -> object:
    """One of the ``facts``, as the engine had it: what it ignored counts as not given."""
    return (None if key in (told.get("ignores") or ()) else facts.get(key)) or None


def _parent(record: JobRecord, by_job: dict[str, JobRecord]) -> str:
    """Job that the take is listed below; empty for one that stands for itself."""
    parent = by_job.get(_named_parent(record))
    if parent is None or parent.shot_id != record.shot_id:
        return ""
    # Of two made at the same instant one must be the later, or each could be listed below the other and neither shown.
    earlier = (parent.created, parent.take) < (record.created, record.take)
    return parent.job_id if earlier else ""


def _named_parent(record: JobRecord) -> str:
    told = _told(record).get("lineage")
    parents = told.get("parents") if isinstance(told, dict) else None
    return str(parents[0]) if isinstance(parents, list) and parents else ""


def _latest(records: list[JobRecord], by_job: dict[str, JobRecord]) -> dict[str, tuple[float, int]]:
    """When a take, or the newest of those that were made of it, was made."""
    latest = {r.job_id: (r.created, r.take) for r in records}
    for record in sorted(records, key=lambda r: (r.created, r.take), reverse=True):
        parent = _parent(record, by_job)
        if parent:
            latest[parent] = max(latest[parent], latest[record.job_id])
    return latest


def _before(records: list[JobRecord]) -> dict[str, JobRecord]:
    """The take of the same shot that was shot last before each."""
    last: dict[str, JobRecord] = {}
    before: dict[str, JobRecord] = {}
    for record in sorted(records, key=lambda r: (r.created, r.take)):
        if record.shot_id in last:
            before[record.job_id] = last[record.shot_id]
        last[record.shot_id] = record
    return before


def _told(record: JobRecord) -> dict:
    return _parsed(str(record.result.get("provenance", "")))


@functools.lru_cache(maxsize=4096)
def _parsed(provenance: str) -> dict:
    try:
        told = json.loads(provenance)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
