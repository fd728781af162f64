# SPDX-License-Identifier: GPL-3.0-or-later
"""What the journal knows of one job."""

from __future__ import annotations

from ..protocol.grid import Rate
from ..protocol.late import Factory, evolve, frozen


@frozen
class Clip:
    """Where a clip belongs: enough to land it even if its shot has been deleted meanwhile.

    ``first`` is the scene frame of the media's first frame; the strip hides ``handle_before`` frames of it at the
    start and ``handle_after`` at the end.
    """

    scene: str
    first: int
    count: int
    rate: Rate
    handle_before: int = 0
    handle_after: int = 0


@frozen
class JobRecord:
    """A fold of the journal's lines about one job, in the order of a job's life."""

    job_id: str
    shot_id: str = ""
    shot_name: str = ""
    engine: str = ""
    seed: int = 0
    prompt: str = ""
    take: int = 0
    created: float = 0.0
    clip: Clip | None = None
    spool: str = ""  # folder of the captured planes, until the daemon has them
    files: dict[str, str] = Factory(
        dict
    )  # "clip", "master", "holes", "poster", "sound" -> path as the journal keeps it
    blobs: dict[str, str] = Factory(dict)  # the same names -> digests, to check or fetch again
    result: dict[str, object] = Factory(dict)  # what the takes list shows of it
    fetched: bool = False
    landed: bool = False
    undone: bool = False
    kept: bool = False
    landing_session: str = ""
    acknowledged: bool = False
    ended: str = ""  # why nothing will come
    moved: bool = False
    removed: bool = False
    label: str = ""  # the artist's own name for the take
    starred: bool = False
    stamp: dict[str, str] = Factory(dict)  # what the shot was, see ui/shot/stamp.py
    batch: str = ""  # shared by the variations of one press of Shoot
    passed: bool = False  # a better variation landed instead
    over: str = ""  # of an edit of a strip: the strip, whose look the new one takes over

    @property
    def open(self) -> bool:
        """Something is still to be done about it: follow, fetch, land or acknowledge."""
        return not (self.ended or self.moved or self.removed or ((self.landed or self.passed) and self.acknowledged))


def fold(record: JobRecord, line: dict) -> JobRecord:
    """The record after one more line. Unknown kinds of line, from a later version, change nothing."""
    match line["entry"]:
        case "submitted":
            clip = line["clip"]
            return evolve(
                record,
                clip=Clip(**{**clip, "rate": Rate(*clip["rate"])}),
                spool=line.get("spool", ""),
                created=line["at"],
                stamp=line.get("stamp", {}),
                batch=line.get("batch", ""),
                over=line.get("over", ""),
                ended="",
                **{name: line[name] for name in ("shot_id", "shot_name", "engine", "seed", "prompt", "take")},
            )
        case "fetching":
            return evolve(record, files=line["files"], blobs=line["blobs"], result=line["result"], fetched=False)
        case "fetched":
            return evolve(record, fetched=True)
        case "landed":
            return evolve(record, landed=True, undone=False, kept=False, landing_session=line["session"])
        case "passed":
            return evolve(record, passed=True)
        case "unlanded":
            return evolve(record, undone=True)
        case "kept":
            return evolve(record, kept=True)
        case "acknowledged":
            return evolve(record, acknowledged=True, spool="")
        case "ended":
            return evolve(record, ended=line.get("reason") or "ended")
        case "moved":
            return evolve(record, moved=True)
        case "noted":
            return evolve(record, **{name: line[name] for name in ("label", "starred") if name in line})
        case "removed":
            return evolve(record, removed=True)
        case "restored":
            return evolve(record, removed=False)
    return record


def submitted_line(record: JobRecord) -> dict:
    """The facts of a ``submitted`` line that folds back into ``record``."""
    assert record.clip is not None
    clip = record.clip
    return {
        **{name: getattr(record, name) for name in ("shot_id", "shot_name", "engine", "seed", "prompt", "take")},
        "spool": record.spool,
        "stamp": record.stamp,
        **({"batch": record.batch} if record.batch else {}),
        **({"over": record.over} if record.over else {}),
        "clip": {
            "scene": clip.scene,
            "first": clip.first,
            "count": clip.count,
            "rate": [clip.rate.num, clip.rate.den],
            "handle_before": clip.handle_before,
            "handle_after": clip.handle_after,
        },
    }


def may_land_by_itself(record: JobRecord, session: str, sessions_over: frozenset[str] | set[str], is_live) -> bool:
    """Whether a fetched take is to be put on the timeline without being asked.

    A take lands once. It lands again only if Blender died after landing it and before the .blend was saved: then the
    session that landed it neither ended in good order (``sessions_over``) nor lives on (``is_live(session)``).
    """
    if not record.fetched or record.removed or record.moved or record.ended or (record.passed and not record.landed):
        return False
    if not record.landed:
        return True
    lost = not record.kept and not record.undone and record.landing_session != session
    return lost and record.landing_session not in sessions_over and not is_live(record.landing_session)
