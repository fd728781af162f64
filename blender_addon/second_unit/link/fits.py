# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether references fit, asked of the daemon: a job of one frame that projects the reference, whose picture nobody
wants. Pure; the pump ticks it."""

from __future__ import annotations

import json
from pathlib import Path

from ..protocol.messages import Acknowledge
from ..protocol.results import JobInfo
from .paintings import Painting, Paintings

UNMATCHED = (
    "It could not be matched to the scene: check that it shows what the camera sees there. It will be used as it is"
)


class Fits(Paintings):
    """``now`` has the latest answers too, until they are put away: ``words`` says one, ``error`` why it is refused.

    ``previews`` keeps the picture of a mismatch.
    """

    def of(self, reference: str) -> Painting | None:
        """The latest about a reference, by its uid."""
        found = [each for each in self.now.values() if each.reference == reference]
        return found[-1] if found else None

    def ask_again(self, reference: str) -> None:
        """Puts away what is known of a reference."""
        for each in [each for each in self.now.values() if each.reference == reference]:
            self.cancel(each.job_id)

    @property
    def busy(self) -> bool:
        return any(not (each.done or each.error) for each in self.now.values())

    def cancel(self, job_id: str) -> None:
        asked = self.now.get(job_id)
        if asked is None or asked.done or asked.error:
            self.now.pop(job_id, None)
            self._forget(job_id)
        else:
            super().cancel(job_id)
        self.previews.pop(job_id, None)

    def doubts(self, reference: str, about: str) -> bool:
        """Whether the latest about a reference, as it is now, is that it could not be matched."""
        found = self.of(reference)
        return found is not None and found.doubtful and found.about == about

    def _fetch(self, job: JobInfo) -> None:
        words = _words(job)
        self._show(job.job_id, words=words or UNMATCHED, doubtful=not words, done=True)
        self._link.ask(Acknowledge(job.job_id), lambda _reply: None)

    def _forget(self, job_id: str) -> None:
        self._requests.pop(job_id, None)
        self.revision += 1


def about(scene_frame: float, path: str) -> str:
    """What an answer is about: a reference that has become another is another question."""
    return f"{scene_frame:g} {Path(path).name}"


def _words(job: JobInfo) -> str:
    """What the daemon found of the one reference, as a sentence; empty where it could not be matched."""
    told = json.loads(job.result.provenance).get("references_fit", {}) if job.result else {}
    found = next(iter(told.values()), {})
    off = found.get("off") or 0.0
    if found.get("verdict") == "fits":
        return f"It fits: {off:.1%} of the width off"
    if found.get("verdict") == "aligned":
        return f"It is {off:.1%} of the width off, and will be aligned"
    return ""
