# SPDX-License-Identifier: GPL-3.0-or-later
"""How long to wait before a worker that keeps dying is started again."""

from __future__ import annotations

from attrs import define, frozen


@frozen
class BackoffRule:
    """After the first death at once, then doubling; from ``trips_at`` deaths in a row on, ``pause_s``."""

    first_s: float = 0.5
    trips_at: int = 5
    pause_s: float = 60.0


@define
class Backoff:
    """Counts deaths in a row."""

    rule: BackoffRule
    deaths: int = 0

    def died(self) -> float:
        """Notes a death; returns the seconds to wait."""
        self.deaths += 1
        if self.deaths >= self.rule.trips_at:
            return self.rule.pause_s
        return 0.0 if self.deaths == 1 else min(self.rule.first_s * 2 ** (self.deaths - 2), self.rule.pause_s)

    def finished(self) -> None:
        """A task has come to its end: the worker is sound."""
        self.deaths = 0
