# SPDX-License-Identifier: GPL-3.0-or-later
"""What the takes list shows: rows from the journal, and what each take is in words. Drawing only reads this."""

from __future__ import annotations

import time
from pathlib import Path

import bpy

from ...link import ancestry, batches, current
from ...link.records import JobRecord
from ...protocol.late import frozen
from ...sequencer import provenance
from .. import disk

ON_TIMELINE = "On the timeline"
LOOK_EVERY_S = 0.3


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


_views: dict[str, TakeView] = {}  # newest first
_files: dict[str, tuple[JobRecord, Path | None, Path | None]] = {}  # of a take: clip, poster
_next_look = [0.0]
_seen: list[object] = []  # what the views were made of


def tick() -> int:
    """Brings the list up to date, if it is time and anything has changed; returns a number that changes with it."""
    now = time.monotonic()
    if now >= _next_look[0]:
        _next_look[0] = now + LOOK_EVERY_S
        for view in of_shot(_shown_shot()):
            disk.known(_files[view.job_id][1] or Path())
        if _seen != _made_of():
            refresh()
    return hash(tuple(_views.values()))


def refresh() -> None:
    """Brings the list up to date now."""
    manager = bpy.context.window_manager
    if manager is None:
        return
    _seen[:] = _made_of()
    on_timeline = provenance.job_ids()
    records = listed()
    origins = {record.job_id: origin for record, origin in ancestry.tree(records)}
    together = batches.all_of(current.tracker.journal.records() if current.tracker.journal else [])
    marked = [batches.marked(batch) for batch in together.values()]
    best = {record.job_id for record in marked if record}
    waiting = {name for name, batch in together.items() if not batches.is_whole(batch)}
    views = [
        _view(r, origins[r.job_id], r.job_id in on_timeline, r.job_id in best, r.batch in waiting) for r in records
    ]
    _views.clear()
    _views.update({view.job_id: view for view in views})
    state = manager.second_unit
    uids = _shown_shots()
    shown = [view for job_id in origins if (view := _views[job_id]).shot_uid in uids or "" in uids]
    rows = [(view.job_id, view.title, view.shot_uid) for view in shown]
    active = active_job(manager)
    if [(row.job_id, row.name, row.shot_uid) for row in state.takes] != rows:
        state.takes.clear()
        for job_id, title, shot_uid in rows:
            row = state.takes.add()
            row.job_id, row.name, row.shot_uid = job_id, title, shot_uid
    uid = _shown_shot()
    here = {view.job_id: place for place, view in enumerate(shown) if view.shot_uid == uid or not uid}
    newest = next((here[job_id] for job_id in _views if job_id in here), -1)
    kept = here.get(active, newest)
    if state.active_take != kept:
        state.active_take = kept


def _made_of() -> list[object]:
    from ..shot import watch  # see _stale

    journal = current.tracker.journal
    told = (journal.path, journal.length) if journal else None
    return [told, disk.revision(), provenance.job_ids(), _shown_shots(), watch.shot_uid(), dict(watch.stamps())]


def listed() -> list[JobRecord]:
    """Takes to be shown, newest first: those whose files have been fetched, or were."""
    journal = current.tracker.journal
    records = journal.records() if journal else []
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
    rows = [
        ("Engine", record.engine),
        ("Seed", str(record.result.get("seed", record.seed))),
        ("Made", time.strftime("%d %b %Y, %H:%M", time.localtime(record.created))),
    ]
    kept = record.result
    if "width" in kept:
        rows.append(("Clip", f"{kept['width']} × {kept['height']}, {kept['frames']} frames"))
    figures = kept.get("figures")
    if isinstance(figures, dict) and "hole_fraction" in figures:
        rows.append(("Invented", f"{figures['hole_fraction']:.1%} of all pixels"))
    if isinstance(figures, dict) and "alike" in figures:
        rows.append(("Like Its Draft", f"{figures['alike']:.0%}"))
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
    journal = current.tracker.journal
    batch = batches.batch_of(record, journal.records()) if journal else []
    here = sorted((r for r in batch if r.fetched and not r.removed), key=batches.rank)
    if len(here) < 2 or record not in here:
        return ""
    place = here.index(record)
    return f"Best of {len(here)} variations" if place == 0 else f"{place + 1}. of {len(here)} variations by its camera"


def clear() -> None:
    """Forgets everything."""
    _views.clear()
    _files.clear()
    _seen.clear()


def _view(record: JobRecord, origin: ancestry.Origin, on_timeline: bool, best: bool, waits: bool) -> TakeView:
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
        status=_status(record, on_timeline, gone, waits),
        gone=gone,
        starred=record.starred,
        stale=_stale(record),
        best=best,
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
    return "Undone" if record.undone else ""


def _stale(record: JobRecord) -> str:
    from ..shot import stamp, watch  # the shot's panels show takes: at the top the two would import each other

    return stamp.changed(record.stamp, watch.stamps()) if record.shot_id == watch.shot_uid() else ""


def _shown_shots() -> set[str]:
    """Those of all windows; one whose scene has no shots gives the empty name, and shows all takes."""
    return {shot_uid(window.scene) for window in bpy.context.window_manager.windows} or {""}


def _shown_shot() -> str:
    window = next(iter(bpy.context.window_manager.windows), None)
    return shot_uid(window.scene) if window else ""
