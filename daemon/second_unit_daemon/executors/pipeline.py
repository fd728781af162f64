# SPDX-License-Identifier: GPL-3.0-or-later
"""One shot, rendered: engine, adherence, master, conform, clip. One pass; memory does not grow with the clip."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from attrs import frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.messages import Preview
from second_unit_protocol.results import Adherence, DeviceInfo, Plan

from .. import __version__
from ..adherence.meter import AdherenceMeter
from ..conditioning.shot_data import ShotData
from ..encode.jpeg import jpeg
from ..encode.sound import fitted, resampled, sample_count
from ..engines.base import Engine, EngineFrame, EngineSound, Frame, JobControl
from ..jobs.admission import plan_request_of
from ..post.foreseen import with_finishing
from ..post.job import Finishing
from ..registration.fit import TOLD
from ..registration.shot import registered
from .characters import CharacterLikeness
from .dialogue import Files, Report
from .likeness import Likeness
from .outputs import Outputs
from .progress import Progress, Send
from .provenance import provenance_of
from .rehearsal import let_it_finish
from .stopwatch import Stopwatch

PREVIEW_WIDTH = 320
PREVIEW_QUALITY = 75
PREVIEW_INTERVAL_S = 0.4


@frozen
class Outside:
    """What a running job tells the world, and how it hears of a cancel."""

    progress: Send
    preview: Callable[[Preview], None]
    check: Callable[[], None]  # raises Cancelled
    keep: Path | None = None  # for engines: finished parts, which a later job or attempt may take up


class Pipeline:
    """Renders one job into ``folder``. Engines may be used again for the next job."""

    def __init__(self, job_id: str, shot: ShotData, engine: Engine, device: DeviceInfo, folder: Path, outside: Outside):
        self._job_id = job_id
        self._shot = shot
        self._engine = engine
        self._folder = folder
        self._outside = outside
        self._plan = self._planned(device)
        self._clock = Stopwatch()
        stages = getattr(engine, "stages", {})
        expected_s = with_finishing(self._plan, plan_request_of(shot.request)).seconds
        self._progress = Progress(outside.progress, len(shot), expected_s, stages)
        self._previewed = -PREVIEW_INTERVAL_S
        self._notes: tuple[str, ...] = ()
        lineage = shot.request.lineage
        self._characters = CharacterLikeness(shot)
        self._likeness = Likeness(shot.blob_path(lineage.alike)) if lineage and lineage.alike else None

    def run(self) -> tuple[Files, Report]:
        """Raises SecondUnitError, Cancelled, or whatever an engine lets escape."""
        request = self._shot.request
        self._progress.stage("preparing", 0.0)
        let_it_finish(self._outside.check)
        version = str(getattr(self._engine, "version", __version__))
        provenance = provenance_of(request, self._plan, version)
        self._fit_references(provenance)
        finishing = Finishing(self._shot)
        meter = AdherenceMeter(self._shot)
        with (
            Outputs(self._folder, request, provenance, finishing.stream) as outputs,
            closing(self._clip_frames(meter, outputs, provenance)) as frames,
        ):
            made = finishing.run(frames)
            if request.post:
                provenance["finishing"] = finishing.facts()  # with the ways that the steps go, for the files' metadata
            for image in made:
                with self._clock("clip"):
                    outputs.deliver(image)
            if request.post:
                provenance["finishing"] = finishing.facts()  # with what the steps found
            self._progress.stage("finishing", 0.97)
            with self._clock("sound"):
                self._add_sound(outputs, finishing, provenance)
            with self._clock("adherence"):
                adherence = meter.finish()
        self._outside.check()
        return outputs.files(), self._report(version, provenance, adherence, finishing)

    def _fit_references(self, provenance: dict[str, object]) -> None:
        """References are used as they fit from here on. Raises SecondUnitError for one that cannot be made to."""
        request = self._shot.request
        if not request.fit_references or request.facts.stand_in or not request.references:
            return
        with self._clock("references"):
            self._shot, fits = registered(self._shot, partial(self._show, 0))
        self._notes += tuple(fit.words for fit in fits if fit.verdict in TOLD)
        provenance["references_fit"] = {
            fit.name: {
                "verdict": fit.verdict,
                "model": fit.model,
                "off": fit.found and round(fit.found.off, 5),
            }
            for fit in fits
        }

    def _planned(self, device: DeviceInfo) -> Plan:
        plan = self._engine.plan(plan_request_of(self._shot.request), device)
        if plan.problem:
            raise SecondUnitError.from_info(plan.problem)
        return plan

    def _clip_frames(self, meter: AdherenceMeter, outputs: Outputs, provenance: dict[str, object]) -> Generator[Frame]:
        """The engine's frames on their way to the clip: each is measured, kept in the master and shown."""
        control = JobControl(
            self._progress.engine, self._outside.check, self._show, self._outside.keep, self._preview_due
        )
        with ExitStack() as engine:
            frames = self._engine.frames(self._shot, control)
            if isinstance(frames, Generator):  # whatever happens, the engine lets go of what it holds now, not some day
                engine.enter_context(closing(frames))
            yield from self._taken(self._clock.pulling("engine", frames), meter, outputs, provenance)

    def _taken(
        self, frames: Iterator[EngineFrame], meter: AdherenceMeter, outputs: Outputs, provenance: dict[str, object]
    ) -> Generator[Frame]:
        for index, frame in enumerate(frames):
            self._outside.check()
            if index == 0 and (facts := getattr(self._engine, "facts", None)):
                provenance["made_with"] = facts()
            if index == len(self._shot):
                cause = f"The engine {self._shot.request.engine} made more than the {len(self._shot)} frames asked for"
                raise SecondUnitError(ErrorCode.ENGINE_FAILED, cause)
            with self._clock("adherence"):
                meter.add(index, frame.measured)
            with self._clock("master"):
                outputs.add(frame)
            if self._likeness:
                self._likeness.add(frame.image)
            self._characters.add(index, frame.image)
            self._show(index, frame.image)
            self._progress.frame(index + 1)
            yield frame.image

    def _add_sound(self, outputs: Outputs, finishing: Finishing, provenance: dict[str, object]) -> None:
        """The sound that the shot asks for, else the one that the engine made with its frames; as long as the clip."""
        designed = finishing.sound()
        if designed is not None:
            sound: dict[str, list[dict[str, str]]] = {}
            for layer in designed.layers:
                told = {"source": layer.source, "why": layer.why}
                sound.setdefault(layer.how, []).append(told | ({"credit": layer.credit} if layer.credit else {}))
            provenance["sound"] = sound
            outputs.add_sound(designed.sound)
            return
        make = getattr(self._engine, "sound", None)
        made: EngineSound | None = make() if make else None
        if made is not None:
            delivery = self._shot.request.delivery
            samples = sample_count(delivery.count, delivery.rate)
            outputs.add_sound(fitted(resampled(made.samples, made.rate), samples))

    def _preview_due(self) -> bool:
        return time.monotonic() - self._previewed >= PREVIEW_INTERVAL_S

    def _show(self, index: int, image: Frame) -> None:
        if not self._preview_due():
            return
        self._previewed = time.monotonic()
        height, width = image.shape[:2]
        small_width = min(width, PREVIEW_WIDTH)
        small_height = max(1, round(height * small_width / width))
        data = jpeg(image, PREVIEW_WIDTH, PREVIEW_QUALITY)
        self._outside.preview(Preview(self._job_id, index, small_width, small_height, data))

    def _report(
        self, version: str, provenance: dict[str, object], adherence: Adherence | None, finishing: Finishing
    ) -> Report:
        request = self._shot.request
        notes = getattr(self._engine, "notes", tuple)
        alike = self._likeness.figure() if self._likeness else None
        return Report(
            frames=request.delivery.count,
            rate=request.delivery.rate,
            width=finishing.stream.width,
            height=finishing.stream.height,
            engine=request.engine,
            engine_version=version,
            seed=request.seed,
            takes=self._plan.takes,
            ignores=self._plan.ignores,
            adherence=adherence,
            figures=self._engine.figures() | self._characters.figures() | ({} if alike is None else {"alike": alike}),
            seconds={stage: round(seconds, 4) for stage, seconds in self._clock.seconds.items()},
            provenance=json.dumps(provenance, ensure_ascii=False, sort_keys=True),
            warnings=(*self._plan.warnings, *self._notes, *notes(), *finishing.notes),
        )
