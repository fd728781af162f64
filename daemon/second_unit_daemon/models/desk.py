# SPDX-License-Identifier: GPL-3.0-or-later
"""Every model with where it stands, and changes to their weights: one at a time, each in a process of its own.

A process, because a download can only be stopped by ending what does it, and because the hub's library is not for the
daemon's own. All methods are called on the control thread; a reading thread posts to it.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable

from attrs import define, evolve
from second_unit_protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from second_unit_protocol.messages import ModelChanged
from second_unit_protocol.models import ModelChange, ModelInfo, ModelLicence, ModelState

from ..engines.diffusion import catalogue, hub, licences, weights
from ..engines.diffusion.spec import ModelSpec

log = logging.getLogger(__name__)

Post = Callable[[Callable[[], None]], None]
COMMAND = (sys.executable, "-m", "second_unit_daemon.models.child")
STATES = {
    ModelChange.FETCH: ModelState.FETCHING,
    ModelChange.RENEW: ModelState.FETCHING,
    ModelChange.VERIFY: ModelState.VERIFYING,
    ModelChange.REMOVE: ModelState.REMOVING,
}


@define
class _Work:
    """A change that waits or is under way. ``outcome`` is its process's last word."""

    name: str
    change: ModelChange
    process: subprocess.Popen[str] | None = None
    done: int = 0
    total: int = 0
    outcome: dict[str, object] | None = None
    stopped: bool = False


class ModelDesk:
    """Give it a way to post and to publish with :meth:`attach` before the first change."""

    def __init__(self, command: tuple[str, ...] = COMMAND):
        self._command = command
        self._post: Post = lambda work: work()
        self._publish: Callable[[ModelChanged], None] = lambda message: None
        self._queue: list[_Work] = []  # the first is under way
        self._said: dict[str, tuple[str, ErrorInfo | None]] = {}  # what the last change of a model came to

    def attach(self, post: Post, publish: Callable[[ModelChanged], None]) -> None:
        self._post, self._publish = post, publish

    def listed(self) -> tuple[tuple[ModelInfo, ...], tuple[str, ...], str]:
        """(every model that is described rightly, names of LoRAs, the folder that those lie in)."""
        right, wrong = catalogue.described()
        for error in wrong:  # the list of engines says it too
            log.warning("%s", error)
        return tuple(self._info(spec) for spec in right), weights.loras(), str(weights.lora_folder())

    def change(self, name: str, change: ModelChange, accept_licence: bool) -> ModelInfo:
        """Begins it, or has it wait. Raises SecondUnitError, for a licence that was not accepted among others."""
        spec = catalogue.model(name)
        under_way = next((work for work in self._queue if work.name == name and not work.stopped), None)
        if change is ModelChange.STOP:
            if under_way:
                self._stop(under_way)
        elif under_way is None:
            _check(spec, change, accept_licence)
            self._said.pop(name, None)
            self._queue.append(_Work(name, change))
            self._next()
        elif under_way.change is not change:
            cause = f"Something else is being done with {spec.label} ({STATES[under_way.change]})"
            raise SecondUnitError(ErrorCode.WRONG_STATE, cause, remedy="Wait for it, or stop it")
        return self._info(spec)

    def shut_down(self) -> None:
        """Ends what is under way; what was fetched is kept."""
        self._publish = lambda message: None
        for work in self._queue:
            if work.process:
                work.process.kill()
        self._queue.clear()

    def _next(self) -> None:
        if not self._queue or self._queue[0].process:
            return
        work = self._queue[0]
        command = [*self._command, work.change, work.name]
        try:
            work.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
            )
        except OSError as error:
            cause = f"{STATES[work.change].capitalize()} {work.name} could not begin ({error})"
            self._over(work, {}, SecondUnitError(ErrorCode.INTERNAL, cause).info)
            return
        log.info("%s %s", work.change, work.name)
        threading.Thread(target=self._read, args=(work, work.process), name="model", daemon=True).start()

    def _read(self, work: _Work, process: subprocess.Popen[str]) -> None:
        """On a thread of its own: what the process says, until it ends."""
        assert process.stdout is not None and process.stdin is not None
        with process.stdout as lines:
            for line in lines:
                try:
                    told = json.loads(line)
                except ValueError:
                    continue
                self._post(lambda told=told: self._hear(work, told))
        code = process.wait()
        process.stdin.close()
        self._post(lambda: self._ended(work, code))

    def _hear(self, work: _Work, told: dict[str, object]) -> None:
        if work.stopped:
            return
        if "done" in told:
            now = int(str(told["done"])), int(str(told["total"]))
            if now != (work.done, work.total):
                work.done, work.total = now
                self._announce(work.name)
        else:
            work.outcome = told

    def _ended(self, work: _Work, code: int) -> None:
        error = None
        if not work.outcome and not work.stopped:
            cause = f"{STATES[work.change].capitalize()} {work.name} ended in the middle (exit code {code})"
            error = SecondUnitError(ErrorCode.INTERNAL, cause, remedy="Try again: what was fetched is kept").info
        self._over(work, work.outcome or {}, error)

    def _over(self, work: _Work, outcome: dict[str, object], error: ErrorInfo | None) -> None:
        told = outcome.get("error")
        if isinstance(told, dict):
            error = ErrorInfo(ErrorCode(told["code"]), told["cause"], told["remedy"], told.get("shot", ""))
        if error:
            log.warning("%s", error.sentence())
        self._said[work.name] = str(outcome.get("note", "")), error
        if work in self._queue:
            self._queue.remove(work)
        self._announce(work.name)
        self._next()

    def _stop(self, work: _Work) -> None:
        work.stopped = True
        if work.process:
            work.process.kill()  # its end is heard, and the next begins
        else:
            self._queue.remove(work)

    def _announce(self, name: str) -> None:
        self._publish(ModelChanged(self._info(catalogue.model(name))))

    def _info(self, spec: ModelSpec) -> ModelInfo:
        licence, here = spec.licence, weights.is_here(spec)
        note, error = self._said.get(spec.name, ("", None))
        info = ModelInfo(
            name=spec.name,
            label=spec.label,
            description=spec.description,
            licence=ModelLicence(
                licence.name, licence.url, licence.note, ask=licences.must_ask(licence), gated=licence.gated
            ),
            bytes=spec.weight_bytes,
            state=ModelState.HERE if here else ModelState.ABSENT,
            place=str(spec.folder or spec.repository),
            commit=weights.commit_of(spec) if here else "",
            fetchable=spec.folder is None and bool(spec.repository),
            shared_with=hub.sharing(spec),
            note=note,
            error=error,
        )
        work = next((work for work in self._queue if work.name == spec.name and not work.stopped), None)
        if work is None:
            return info
        state = STATES[work.change] if work.process else ModelState.WAITING
        return evolve(info, state=state, done_bytes=work.done, total_bytes=work.total)


def _check(spec: ModelSpec, change: ModelChange, accept_licence: bool) -> None:
    hub.check_published(spec)
    if change in (ModelChange.FETCH, ModelChange.RENEW) and licences.must_ask(spec.licence):
        if not accept_licence:
            cause = f"{spec.label} comes under {spec.licence.name} and is fetched once that is accepted"
            remedy = f"Read it ({spec.licence.url}) and accept it, or choose another model"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
        licences.accept(spec.licence)
