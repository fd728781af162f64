# SPDX-License-Identifier: GPL-3.0-or-later
"""The finishing that a shot asks for, between the engine's frames and the delivered clip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.shot import PostStep

from ..encode.sound import sample_count
from . import catalogue
from .chain import Chain
from .conform import conform
from .stream import Stream

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData
    from .interpolate.step import Interpolate
    from .sound.design import Designed
    from .stream import Picture

STABILISE, IN_BETWEENS = "stabilise", "interpolate"


class Finishing:
    """Clip frames to delivered frames: onto their camera and to the scene's rate first, then through the other steps in
    their order.

    With the step ``interpolate``, frames between the clip's are made; without, the nearest clip frame is shown.
    """

    def __init__(self, shot: ShotData):
        """Raises SecondUnitError where a step cannot run here."""
        asked = shot.request.post
        self._shot = shot
        self._asked_sound = next((step for step in asked if step.step == catalogue.SOUND), None)
        self.notes: list[str] = []  # for the take: what could not be done
        self._between = self._in_betweens(asked)
        request = shot.request
        self._clip = Stream(request.width, request.height, request.grid.clip_rate, request.grid.count)
        self._onto_camera = Chain([step for step in asked if step.step == STABILISE], shot)
        self._onto_camera.shape(self._clip)
        apart = (STABILISE, IN_BETWEENS, catalogue.SOUND)
        self._chain = Chain([step for step in asked if step.step not in apart], shot)
        delivery = request.delivery
        self._conformed = Stream(request.width, request.height, delivery.rate, delivery.count)
        self.stream = self._chain.shape(self._conformed)

    def run(self, frames: Iterator[Picture]) -> Iterator[Picture]:
        """``frames``: the engine's, one per time of the grid. Yields the frames of ``stream``."""
        request = self._shot.request
        steady = self._onto_camera.run(frames, self._clip)
        if self._between is None:
            at_rate = conform(steady, request.grid, request.delivery)
        else:
            at_rate = self._between.conformed(steady)
        return self._chain.run(at_rate, self._conformed)

    def _in_betweens(self, asked: tuple[PostStep, ...]) -> Interpolate | None:
        step = next((step for step in asked if step.step == IN_BETWEENS), None)
        if step is None:
            return None
        from .interpolate.step import Interpolate

        self._between_settings = catalogue.settings(step)
        return Interpolate(self._between_settings, self._shot)

    def sound(self) -> Designed | None:
        """The sound that the shot asks for, as long as the clip; None where it asks for none or none can be made."""
        if self._asked_sound is None:
            return None
        from .sound.design import design

        settings = catalogue.settings(self._asked_sound)
        prompt = str(settings["prompt"]) or self._shot.request.prompt
        samples = sample_count(self._conformed.frames, self._conformed.rate)
        try:
            model = Path(str(settings["model"])).expanduser() if settings["model"] else None
            return design(prompt, samples, int(settings["seed"]), float(settings["lufs"]), self._shot, model=model)
        except SecondUnitError as error:  # the picture took an hour: it is not thrown away for want of sound
            self.notes.append(f"The take is silent: {error.info.cause}. {error.info.remedy}")
            return None

    def facts(self) -> list[dict[str, Any]]:
        """What was asked of the finishing and, once the frames are through, what it did; for the provenance."""
        sound = [{"step": catalogue.SOUND, **catalogue.settings(self._asked_sound)}] if self._asked_sound else []
        between = []
        if self._between:
            between = [{"step": IN_BETWEENS, **self._between_settings, **self._between.facts()}]
        return [*self._onto_camera.facts(), *between, *self._chain.facts(), *sound]
