# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot made: window after window through door, pipeline and finish; a step down when memory runs out."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import numpy as np
import torch
from attrs import evolve, frozen
from numpy.typing import NDArray
from second_unit_protocol.shot import Lora, Scalar

from ...conditioning.shot_data import ShotData
from ..base import EngineFrame, EngineSound, JobControl
from . import loading, running
from .family import Door
from .loading import Loaded
from .memory import WORDS
from .planning import Decision
from .running import Made

log = logging.getLogger(__name__)


@frozen
class Said:
    """What a run leaves beside its frames, filled in as it becomes known."""

    figures: dict[str, float]
    notes: list[str]
    facts: dict[str, Scalar]
    sound: list[EngineSound]

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)


def make(shot: ShotData, decision: Decision, control: JobControl, said: Said) -> Iterator[EngineFrame]:
    """Yields every clip frame at the delivered size."""
    maker = _Maker(shot, decision, control, said)
    holes = pixels = 0
    before: NDArray[np.uint8] | None = None
    for number, window in enumerate(decision.windows):
        control.progress("preparing", 0.0)
        door = decision.family.door(shot, decision, window, before)
        for note in door.notes:
            said.note(note)
        made = maker.run(number, door)
        said.facts.update(maker.decision.facts() | maker.facts)
        if made.sound and not said.sound:
            said.sound.append(EngineSound(*made.sound))
        for place in range(window.context, window.count):
            control.check()
            frame = decision.family.finish(shot, decision, door, made.frames[place], place)
            if frame.holes is not None:
                holes += int(np.count_nonzero(frame.holes))
            pixels += frame.image.shape[0] * frame.image.shape[1]
            yield frame
        if number + 1 < len(decision.windows):
            following = decision.windows[number + 1]
            before = made.frames[following.start - window.start :]
    said.figures["hole_fraction"] = holes / max(pixels, 1)
    if peak := maker.peak_bytes():
        said.figures["peak_bytes"] = peak


class _Maker:
    """Holds what changes while a shot is made: the placement after a step down, the generator."""

    def __init__(self, shot: ShotData, decision: Decision, control: JobControl, said: Said):
        self.decision = decision
        self.facts: dict[str, Scalar] = {}
        self._shot = shot
        self._control = control
        self._said = said
        self._generator = running.generator_of(shot.request.seed)
        self._stepped_down = False
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()

    def run(self, number: int, door: Door) -> Made:
        """One window. When memory runs out, once, the next way of placing the model is tried from the same noise."""
        state = self._generator.get_state()
        try:
            return self._attempt(number, door)
        except (torch.OutOfMemoryError, MemoryError) as error:
            if self._stepped_down or not self.decision.rest:
                raise
            failed = str(error)
        # Outside of the handler: the traceback holds every tensor of the run that failed.
        self._step_down(failed)
        self._generator.set_state(state)
        return self._attempt(number, door)

    def peak_bytes(self) -> float:
        return float(torch.cuda.max_memory_allocated()) if torch.cuda.is_available() else 0.0

    def _attempt(self, number: int, door: Door) -> Made:
        self._control.progress("loading weights", 0.0)
        loaded = loading.loaded(self.decision, self._loras())
        for note in loaded.notes:
            self._said.note(note)
        self.facts |= loaded.facts
        pipeline = loaded.face(self.decision.pipeline)
        self._read_prompts(pipeline, door)
        arguments = self._arguments(loaded, pipeline, door)
        total = len(self.decision.windows)
        share = (number / total, (number + 1) / total)
        return running.run(loaded, pipeline, arguments, self._generator, self._control, share)

    def _step_down(self, failed: str) -> None:
        tried, following = self.decision.need, self.decision.rest[0]
        self._stepped_down = True
        loading.release()
        self.decision = evolve(self.decision, need=following, rest=self.decision.rest[1:])
        log.warning("out of memory with %s (%s); trying %s", tried, failed, following)
        words = WORDS[following.placement] + (", the VAE works in tiles" if following.tiled else "")
        self._said.note(f"Memory ran out, so the shot was made again with less: {words}")

    def _loras(self) -> tuple[Lora, ...]:
        draft = self.decision.spec.draft_lora
        first = (Lora(draft.name, draft.strength),) if draft and self.decision.draft_lora else ()
        return (*first, *self.decision.loras, *self._shot.request.loras)

    def _arguments(self, loaded: Loaded, pipeline: object, door: Door) -> dict[str, object]:
        effort = self.decision.effort
        common: dict[str, object] = {"num_inference_steps": effort.steps, "guidance_scale": effort.guidance}
        if effort.guidance_2 is not None and getattr(pipeline.config, "boundary_ratio", None) is not None:  # type: ignore[attr-defined]
            common["guidance_scale_2"] = effort.guidance_2
        return common | door.arguments

    def _read_prompts(self, pipeline: object, door: Door) -> None:
        """Says where a tokenizer would cut a text off: models do so in silence."""
        tokenizer = getattr(pipeline, "tokenizer", None)
        longest = int(door.arguments.get("max_sequence_length") or self.decision.spec.prompt_tokens)
        if tokenizer is None:
            return
        for word in ("prompt", "negative_prompt"):
            text = door.arguments.get(word)
            if not text:
                continue
            count = len(tokenizer(text, truncation=False, verbose=False)["input_ids"])
            if count > longest:
                name = word.replace("_", " ")
                self._said.note(
                    f"The {name} is {count} tokens long; {self.decision.spec.label} read the first {longest}"
                )
