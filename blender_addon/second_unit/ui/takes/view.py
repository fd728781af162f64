# SPDX-License-Identifier: GPL-3.0-or-later
"""What the takes list shows: rows from the journal, and what each take is in words. Drawing only reads this."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import bpy

from ...link import ancestry, batches, current, state
from ...link.records import JobRecord
from ...protocol.late import frozen
from ...sequencer import provenance
from .. import disk

ON_TIMELINE = "On the timeline"
LOOK_EVERY_S = 0.3
CHARACTER = "character: "  # before a character's name in a result's figures


@frozen
class TakeView:
    """A take as it is drawn; ``gone`` where its clip is no longer on disk."""

    job_id: str
    shot_uid: str
    title: str
    status: str
    gone: bool
    starred: bool
    stale: str  # what has changed since, in words
    best: bool  # of its variations
    wrong_camera: bool
    poster: Path | None
    depth: int  # below the take that it was made of
    origin: str  # which that is, and what was changed


class _Shot(NamedTuple):
    """What follows from a shot's records alone; made anew with one of them."""

    records: Sequence[JobRecord]
    origins: dict[str, ancestry.Origin]  # of those that are listed, in the list's order
    best: set[str]  # jobs
    waiting: set[str]  # batches of which some are still to come


_shots: dict[str, _Shot] = {}
_views: dict[str, TakeView] = {}  # newest first
_number = [0]  # changes with them
_landed: set[str] = set()  # jobs on the timeline when they were made
_files: dict[str, tuple[JobRecord, Path | None, Path | None]] = {}  # of a take: clip, poster
_next_look = [0.0]
_seen: list[object] = []  # what the views were made of


def tick() -> int:
    """Brings the list up to date, if it is time and anything has changed; returns a number that changes with it."""
    now = time.monotonic()
    if now >= _next_look[0] or _seen[:1] != [_told()]:
        _next_look[0] = now + LOOK_EVERY_S
        for view in of_shot(_shown_shot()):
            disk.known(_files[view.job_id][1] or Path())
        if _seen != _made_of():
            refresh()
    return _number[0]


def refresh() -> None:
    """Brings the list up to date now. Of a film's worth of takes it looks at those of shots that are shown, or of
    which something has changed."""
    manager = bpy.context.window_manager
    if manager is None:
        return
    _seen[:] = _made_of()
    uids, on_timeline = _shown_shots(), provenance.job_ids()
    anew = uids | _changed_shots() | {view.shot_uid for job in on_timeline ^ _landed if (view := _views.get(job))}
    _landed.clear()
    _landed.update(on_timeline)
    records = listed()
    views = {}
    for record in records:
        known = _views.get(record.job_id)
        if known is None or record.shot_id in anew or "" in uids:
            known = _view(record, _shots[record.shot_id], record.job_id in on_timeline)
        views[record.job_id] = known
    uid = _shown_shot()
    newest_before = next((view.job_id for view in _views.values() if view.shot_uid == uid or not uid), "")
    _number[0] += list(views.items()) != list(_views.items())
    _views.clear()
    _views.update(views)
    state = manager.second_unit
    shown = [views[job_id] for job_id in _in_order([r for r in records if r.shot_id in uids or "" in uids])]
    rows = [(view.job_id, view.title, view.shot_uid) for view in shown]
    active = active_job(manager)
    if [(row.job_id, row.name, row.shot_uid) for row in state.takes] != rows:
        state.takes.clear()
        for job_id, title, shot_uid in rows:
            row = state.takes.add()
            row.job_id, row.name, row.shot_uid = job_id, title, shot_uid
    here = {view.job_id: place for place, view in enumerate(shown) if view.shot_uid == uid or not uid}
    newest = next((here[job_id] for job_id in views if job_id in here), -1)
    kept = newest if active == newest_before else here.get(active, newest)  # who looks at the newest, goes on to
    if state.active_take != kept:
        state.active_take = kept


def _changed_shots() -> set[str]:
    """Shots of which a record has changed since this was asked last."""
    by_shot: dict[str, list[JobRecord]] = defaultdict(list)
    for record in current.tracker.journal.records() if current.tracker.journal else []:
        by_shot[record.shot_id].append(record)
    found = set()
    for uid, records in by_shot.items():
        known = _shots.get(uid)
        same = known and len(known.records) == len(records)
        if not same or any(then is not now for then, now in zip(known.records, records, strict=True)):
            _shots[uid] = _shot(records)
            found.add(uid)
    return found


def _shot(records: Sequence[JobRecord]) -> _Shot:
    together = batches.all_of(records)
    best = {record.job_id for batch in together.values() if (record := batches.marked(batch))}
    waiting = {name for name, batch in together.items() if not batches.is_whole(batch)}
    origins = {record.job_id: origin for record, origin in ancestry.tree(_listed(records))}
    return _Shot(records, origins, best, waiting)


def _in_order(records: Sequence[JobRecord]) -> list[str]:
    """Jobs as a list shows them."""
    of = {record.shot_id for record in records}
    return list(_shots[of.pop()].origins) if len(of) == 1 else [r.job_id for r, _ in ancestry.tree(records)]


def _made_of() -> list[object]:
    from ..shot import watch  # see _stale

    return [_told(), disk.revision(), provenance.job_ids(), _shown_shots(), watch.shot_uid(), dict(watch.stamps())]


def _told() -> tuple[object, int] | None:
    journal = current.tracker.journal
    return (journal.path, journal.length) if journal else None


def listed() -> list[JobRecord]:
    """Takes to be shown, newest first: those whose files have been fetched, or were."""
    journal = current.tracker.journal
    return _listed(journal.records() if journal else [])


def _listed(records: Sequence[JobRecord]) -> list[JobRecord]:
    return [r for r in reversed(records) if r.files and not r.removed and (r.fetched or r.ended)]


def of_job(job_id: str) -> TakeView | None:
    return _views.get(job_id)


def of_shot(uid: str) -> list[TakeView]:
    """The takes of a shot, newest first."""
    return [view for view in _views.values() if view.shot_uid == uid]


def any_of(scene: bpy.types.Scene) -> bool:
    """Whether the list has a row for the shot that the panels show."""
    uid = shot_uid(scene)
    return any(view.shot_uid == uid or not uid for view in _views.values())


def shot_uid(scene: bpy.types.Scene) -> str:
    """The shot whose takes the list shows; empty where the scene has none, and all takes are shown."""
    settings = scene.second_unit
    place = settings.active_shot
    return settings.shots[place].uid if 0 <= place < len(settings.shots) else ""


def active_job(manager: bpy.types.WindowManager) -> str:
    """Job of the take that is chosen in the list; empty where there is none."""
    state = manager.second_unit
    return state.takes[state.active_take].job_id if 0 <= state.active_take < len(state.takes) else ""


def record_of(job_id: str) -> JobRecord | None:
    return current.tracker.journal.get(job_id) if current.tracker.journal else None


def file_of(record: JobRecord, name: str = "clip") -> Path | None:
    """A take's file as an absolute path; None where it has none of that kind."""
    journal = current.tracker.journal
    kept = record.files.get(name)
    return journal.absolute(kept) if journal and kept else None


def facts(record: JobRecord) -> list[tuple[str, str]]:
    """What the take is, as (label, value)."""
    from ..shot import engines  # see _stale

    rows = [
        ("Engine", engines.label(record.engine)),
        ("Seed", str(record.result.get("seed", record.seed))),
        ("Made", time.strftime("%d %b %Y, %H:%M", time.localtime(record.created))),
    ]
    kept = record.result
    took = kept.get("seconds")
    if isinstance(took, dict) and took:
        rows.append(("Took", state.duration(sum(took.values()))))
    if "width" in kept:
        rows.append(("Clip", f"{kept['width']} × {kept['height']}, {kept['frames']} frames"))
    figures = kept.get("figures")
    if isinstance(figures, dict) and "hole_fraction" in figures:
        rows.append(("Invented", f"{figures['hole_fraction']:.1%} of all pixels"))
    if isinstance(figures, dict) and "alike" in figures:
        rows.append(("Like Its Draft", f"{figures['alike']:.0%}"))
    for name, value in figures.items() if isinstance(figures, dict) else ():
        if name.startswith(CHARACTER):
            rows.append((f"Like {name.removeprefix(CHARACTER)}", f"{value:.0%}, by colours"))
    return rows


def verdict(record: JobRecord) -> str:
    """How well the clip kept to its camera, as a sentence; empty where that was not measured."""
    adherence = record.result.get("adherence")
    return str(adherence.get("verdict", "")).rstrip(".") if isinstance(adherence, dict) else ""


def warnings(record: JobRecord) -> list[str]:
    """What the daemon has to say of how the clip came about."""
    said = record.result.get("warnings", [])
    return [str(each).rstrip(".") for each in said] if isinstance(said, list) else []


def kept(record: JobRecord) -> str:
    """The verdict for programs (protocol.results.Kept); empty where that was not measured."""
    adherence = record.result.get("adherence")
    return str(adherence.get("kept", "")) if isinstance(adherence, dict) else ""


def compared(record: JobRecord) -> str:
    """The take among its variations, as a sentence; empty where it has none."""
    shot = _shots.get(record.shot_id)
    batch = batches.batch_of(record, shot.records) if shot else []
    here = sorted((r for r in batch if r.fetched and not r.removed), key=batches.rank)
    if len(here) < 2 or record not in here:
        return ""
    place = here.index(record)
    return f"Best of {len(here)} variations" if place == 0 else f"{place + 1}. of {len(here)} variations by its camera"


def clear() -> None:
    """Forgets everything."""
    for kept_here in (_shots, _views, _files, _seen, _landed):
        kept_here.clear()
    _number[0] += 1


def _view(record: JobRecord, shot: _Shot, on_timeline: bool) -> TakeView:
    origin = shot.origins[record.job_id]
    known = _files.get(record.job_id)
    if known is None or known[0] is not record:
        known = record, file_of(record), file_of(record, "poster")
        _files[record.job_id] = known
    _, clip, poster = known
    on_disk = disk.known(clip) if clip else disk.FileFacts(found=False)
    gone = on_disk is not None and not on_disk.found
    return TakeView(
        job_id=record.job_id,
        shot_uid=record.shot_id,
        title=ancestry.title(record),
        status=_status(record, on_timeline, gone, record.batch in shot.waiting),
        gone=gone,
        starred=record.starred,
        stale=_stale(record),
        best=record.job_id in shot.best,
        wrong_camera=kept(record) == "wrong-camera",
        poster=poster,
        depth=origin.depth,
        origin=origin.words,
    )


def _status(record: JobRecord, on_timeline: bool, gone: bool, waits: bool) -> str:
    """Where the take stands, in a word or two."""
    if gone:
        return "File gone"
    if on_timeline:
        return ON_TIMELINE
    if waits:
        return "Waits for the others"
    return "Off timeline" if record.undone else ""


def _stale(record: JobRecord) -> str:
    from ..shot import stamp, watch  # the shot's panels show takes: at the top the two would import each other

    return stamp.changed(record.stamp, watch.stamps()) if record.shot_id == watch.shot_uid() else ""


def _shown_shots() -> set[str]:
    """Those of all windows; one whose scene has no shots gives the empty name, and shows all takes."""
    return {shot_uid(window.scene) for window in bpy.context.window_manager.windows} or {""}


def _shown_shot() -> str:
    window = next(iter(bpy.context.window_manager.windows), None)
    return shot_uid(window.scene) if window else ""
