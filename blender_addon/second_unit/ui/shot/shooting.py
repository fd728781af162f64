# SPDX-License-Identifier: GPL-3.0-or-later
"""One press of Shoot: plan, capture a frame at a time, hand over. Driven by a modal operator or by a script's loop."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ... import capture, preferences
from ...capture import session
from ...capture.base import CaptureOptions
from ...core.spec import ShotSpec
from ...link import current, spool, takes
from ...link.daemon import Phase
from ...link.records import Clip, JobRecord
from ...protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from ...protocol.late import evolve
from ...protocol.messages import MakePlan, Planned
from ...protocol.results import Input, Plan, PlanRequest
from ...version import addon_version
from . import checks
from .props import MAX_SEED
from .spec import delivery, has_own_seed, plan_request, seed_matters, shot_spec
from .stamp import Stamping

if TYPE_CHECKING:
    from ...capture.captured import CapturedShot
    from ...capture.session import CaptureProgress, CaptureSession

ANSWER_S = 30.0
QUICK_S = 0.015


class Shooting:
    """Call :meth:`step` until it returns False. ``words`` and ``fraction`` are for the progress bar; ``warnings`` say
    what was captured otherwise than the artist may think.

    Errors are raised from ``step`` as SecondUnitError; whatever happens, every scene setting is as it was.
    """

    is_take = True  # and says later what has changed since

    def __init__(
        self,
        context: bpy.types.Context,
        scene: bpy.types.Scene,
        shot,
        spec: ShotSpec | None = None,
        count: int = 0,
        offset: int = 0,
        objection: Callable[[dict[str, str]], None] | None = None,
    ):
        """``spec``, ``count``: what to capture, with its seed, and how many variations to make, where not as the shot
        says. The clip lands ``offset`` frames later than the scene shows it. ``objection`` is asked with the shot's
        stamps before anything is captured, and raises SecondUnitError where nothing new would come of it."""
        self._offset = offset
        self._objection = objection
        self.job_ids: tuple[str, ...] = tuple(uuid.uuid4().hex for _ in range(count or shot.variations))
        self.words = "Preparing"
        self.fraction = 0.0
        self.warnings: tuple[str, ...] = ()
        self._seed_matters = seed_matters(shot) or count > 1
        self._retries = shot.retries
        self._captured_with = shot.captured_with
        self._options = CaptureOptions(shading=shot.plate)
        as_it_stands = shot_spec(scene, context.view_layer, shot)
        self.spec = spec or as_it_stands
        if spec is None and not has_own_seed(shot):
            self.spec = evolve(self.spec, seed=random.SystemRandom().randint(0, MAX_SEED))
        self._stamping = Stamping(as_it_stands)
        self._spool = preferences.spool_folder() / self.job_ids[0]
        self._session: CaptureSession | None = None
        self._steps = self._run(context, scene)
        if problems := self.problems():
            raise SecondUnitError.from_info(problems[0])

    def problems(self) -> list[ErrorInfo]:
        """Everything that keeps this from being captured."""
        return checks.check(self.spec)

    def question(self) -> PlanRequest:
        """What the daemon is asked before anything is captured."""
        return plan_request(self.spec, seed_matters=self._seed_matters)

    def step(self) -> bool:
        """Does the next piece of work (a frame of capture, or a few quick ones); False when the job is handed over."""
        try:
            return next(self._steps, False) is not False
        except BaseException:
            self.cancel()
            raise

    def cancel(self) -> None:
        """Stops and puts every setting back."""
        capturing, self._session = self._session, None
        if capturing:
            capturing.abort()
        self._steps.close()
        with suppress(OSError):  # not empty: the shot is handed over and the tracker has it
            self._spool.rmdir()

    def _run(self, context: bpy.types.Context, scene: bpy.types.Scene) -> Iterator[bool]:
        plan = yield from self._plan()
        while self.is_take and self._stamping.turn(QUICK_S):
            yield True
        if self._objection:
            self._objection(self._stamping.done)
        backend = capture.choose(context, self._captured_with)
        self._session = session.CaptureSession(self.spec, plan, self._spool, backend, self._options, addon_version())
        self._session.begin()
        progress = None
        while progress is None or not progress.finished:
            progress = self._steps_of_capture(self._session)
            self.words = progress.what
            self.fraction = progress.done / max(1, progress.total)
            yield True
        captured = self._session.finish()
        self.warnings = captured.warnings
        self._session = None
        if Input.SEED not in plan.takes and len(self.job_ids) > 1:
            self.job_ids = self.job_ids[:1]
            self.warnings += ("One take only: the engine does not read the seed, so that all would be the same",)
        self.hand_over(captured, self._spool)

    def hand_over(self, captured: CapturedShot, folder: Path) -> None:
        """One job for each variation; all of them share what was captured."""
        request, files = captured.request(), captured.files
        journal = current.tracker.journal
        reserved = [r.take for r in journal.records() if r.shot_name == self.spec.name] if journal else []
        take = takes.next_take(current.tracker.take_folder, self.spec.name, reserved)
        batch = uuid.uuid4().hex if len(self.job_ids) > 1 else ""
        for number, job_id in enumerate(self.job_ids):
            seed = (request.seed + number) % (MAX_SEED + 1)
            own = spool.variation(folder, number) if batch else folder
            record = evolve(self._record(own), job_id=job_id, seed=seed, take=take + number, batch=batch)
            current.tracker.submit(record, evolve(request, seed=seed, retries=self._retries), files)

    def _steps_of_capture(self, capturing: CaptureSession) -> CaptureProgress:
        """One frame, and more while they are quick: each return to Blender has it draw the whole window again."""
        begun = time.monotonic()
        progress = capturing.step()
        while not progress.finished and time.monotonic() - begun < QUICK_S:
            progress = capturing.step()
        return progress

    def _plan(self) -> Generator[bool, None, Plan]:
        """Waits for the daemon and its plan."""
        request = self.question()
        if not current.link.ready:
            self.words = "Starting the daemon"
            yield from self._ready()
        self.words = "Planning"
        answers: list[object] = []
        current.link.ask(MakePlan(request), answers.append)
        deadline = time.monotonic() + ANSWER_S
        while not answers:
            if time.monotonic() > deadline:
                raise SecondUnitError(ErrorCode.TIMEOUT, "The daemon gives no plan", shot=self.spec.name)
            yield True
        answer = answers[0]
        if isinstance(answer, ErrorInfo):
            raise SecondUnitError.from_info(answer)
        if not isinstance(answer, Planned):
            raise SecondUnitError(ErrorCode.BAD_MESSAGE, "The daemon answered with something else than a plan")
        if answer.plan.problem:
            raise SecondUnitError.from_info(answer.plan.problem)
        return answer.plan

    def _ready(self) -> Iterator[bool]:
        link = current.link
        starts = preferences.start_when_needed()
        if link.phase in (Phase.STOPPED, Phase.ABSENT, Phase.BROKEN) and starts:
            link.start()
        deadline = time.monotonic() + ANSWER_S
        while not link.ready:
            hopeless = link.phase in (Phase.ABSENT, Phase.BROKEN) or (link.phase is Phase.STOPPED and not starts)
            failed = link.phase in (Phase.STOPPED, Phase.LOST) and link.error
            if hopeless or failed or time.monotonic() > deadline:
                raise (
                    SecondUnitError.from_info(link.error)
                    if link.error
                    else SecondUnitError(ErrorCode.NO_DAEMON, "No daemon is running", shot=self.spec.name)
                )
            yield True

    def _record(self, folder: Path) -> JobRecord:
        media = delivery(self.spec)
        return JobRecord(
            job_id="",
            shot_id=self.spec.uid,
            shot_name=self.spec.name,
            engine=self.spec.engine,
            seed=self.spec.seed,
            prompt=self.spec.prompt,
            clip=Clip(
                scene=self.spec.scene,
                first=media.first + self._offset,
                count=media.count,
                rate=media.rate,
                handle_before=media.handle_before,
                handle_after=media.handle_after,
            ),
            spool=str(folder),
            stamp=self._stamping.done,
        )
