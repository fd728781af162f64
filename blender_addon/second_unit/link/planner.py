# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the daemon's plan for the shot that the panel shows up to date, a question at a time."""

from __future__ import annotations

from ..protocol.errors import ErrorCode, ErrorInfo
from ..protocol.messages import MakePlan, Planned
from ..protocol.results import Plan, PlanRequest
from .daemon import DaemonLink

_PASSING = (ErrorCode.NO_DAEMON, ErrorCode.DAEMON_GONE, ErrorCode.TIMEOUT)


class Planner:
    """``plan`` answers the last request that was wanted, or is None while the answer is on its way."""

    def __init__(self, link: DaemonLink):
        self.plan: Plan | None = None
        self.error: ErrorInfo | None = None
        self.revision = 0
        self._link = link
        self._wanted: PlanRequest | None = None
        self._asked: PlanRequest | None = None  # the answer is on its way
        link.ready_hooks.append(self._ask_again)

    def want(self, request: PlanRequest | None) -> None:
        """The shot as it stands now; None while it cannot be planned."""
        if request == self._wanted:
            return
        self._wanted, self.plan, self.error = request, None, None
        self.revision += 1
        self._ask()

    def _ask_again(self) -> None:
        self._asked = None
        self._ask()

    def _ask(self) -> None:
        request = self._wanted
        if request is None or request == self._asked or not self._link.ready:
            return
        self._asked = request
        self._link.ask(MakePlan(request), lambda reply: self._planned(request, reply))

    def _planned(self, request: PlanRequest, reply: object) -> None:
        if request == self._asked:
            self._asked = None
        if request != self._wanted:
            return
        self.revision += 1
        if isinstance(reply, Planned):
            self.plan, self.error = reply.plan, None
        elif isinstance(reply, ErrorInfo):
            self.error = None if reply.code in _PASSING else reply
