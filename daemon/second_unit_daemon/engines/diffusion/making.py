# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot made: window after window through door, pipeline and finish; a step down when memory runs out."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import numpy as np
import torch
from attrs import evolve, frozen
from numpy.typing import NDArray
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.results import Input
from second_unit_protocol.shot import Lora, Scalar, SourceUse

from ...conditioning.shot_data import ShotData
from ...conditioning.source_clip import reached
from ..base import Cancelled, EngineFrame, EngineSound, JobControl
from . import kept, loading, peaks, running, seam, weights
from .doors.fitting import to_model
from .family import Door, Window
from .loading import Loaded
from .memory import WORDS
from .planning import Decision
from .running import Made
from .waiting import Waiting

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
    """Yields every clip frame at the delivered size. Where two windows overlap, one goes over into the other."""
    maker = _Maker(shot, decision, control, said)
    holes = pixels = 0
    for frame in (_joined_back if decision.windows[0].back else _joined)(maker):
        control.check()
        if frame.holes is not None:
            holes += int(np.count_nonzero(frame.holes))
        pixels += frame.image.shape[0] * frame.image.shape[1]
        yield frame
    said.figures["hole_fraction"] = holes / max(pixels, 1)
    if peak := maker.peak_bytes():
        said.figures["peak_bytes"] = peak
        peaks.learn(maker.decision.spec, maker.decision.need, maker.decision.dtype, peak)


def _joined(maker: _Maker) -> Iterator[EngineFrame]:
    windows = maker.decision.windows
    before: NDArray[np.uint8] | None = None
    held: list[EngineFrame] = []  # the end of the window before, which the next one shows too
    for number, window in enumerate(windows):
        door, made = maker.window(number, window, before)
        after = windows[number + 1].start - window.start if number + 1 < len(windows) else window.count
        ending = []
        for place in range(window.count):
            frame = maker.finished(door, made, window, place)
            if place < len(held):
                frame = _mixed(held[place], frame, seam.share_at(place, len(held)))
            if place < after:
                yield frame
            else:
                ending.append(frame)
        held = ending
        before = made[after:]


def _joined_back(maker: _Maker) -> Iterator[EngineFrame]:
    """The same from the last window to the first; what is done waits on disk until the beginning is there."""
    windows = maker.decision.windows
    before: NDArray[np.uint8] | None = None
    held: list[EngineFrame] = []  # the beginning of the window after, which the next one shows too
    with Waiting() as waiting:
        for number, window in enumerate(windows):
            door, made = maker.window(number, window, before)
            following = windows[number + 1] if number + 1 < len(windows) else None
            shared = following.start + following.count - window.start if following else 0
            beginning, done = [], []
            for place in range(window.count):
                frame = maker.finished(door, made, window, place)
                ahead = place - (window.count - len(held))
                if ahead >= 0:
                    frame = _mixed(held[ahead], frame, seam.share_at(len(held) - 1 - ahead, len(held)))
                (beginning if place < shared else done).append(frame)
            waiting.add(done)
            held, before = beginning, made[:shared]
        yield from waiting.latest_first()


def _mixed(old: EngineFrame, new: EngineFrame, share: float) -> EngineFrame:
    image = seam.mixed(old.image, new.image, share)
    return EngineFrame(image, seam.mixed(old.measured, new.measured, share), old.holes if share < 0.5 else new.holes)


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
        self._windows = kept.Windows(control.keep) if control.keep else None
        self._kept = 0
        source = shot.request.source
        extends = source is not None and source.use is SourceUse.EXTEND and Input.EXTENDED_CLIP in decision.plan.takes
        self._reached = reached(shot) if extends else None
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()

    def window(self, number: int, window: Window, before: NDArray[np.uint8] | None) -> tuple[Door, NDArray[np.uint8]]:
        """Its door, and its frames (F, h, w, 3) with the colours of what is known in it."""
        self._control.progress("preparing", 0.0)
        door = self.decision.family.door(self._shot, self.decision, window, before)
        for note in door.notes:
            self._said.note(note)
        made = self._made(number, door)
        self._said.facts.update(self.decision.facts() | self.facts)
        if made.sound and not self._said.sound:
            self._said.sound.append(EngineSound(*made.sound))
        return door, self._matched(door, window, made.frames, before if window.context else None)

    def _made(self, number: int, door: Door) -> Made:
        """Kept from an earlier attempt, or made. One that fails is shot again, once, with the noise that follows."""
        address, keep = self._address(door), self._windows
        found = keep.find(address) if keep and address else None
        if found is not None:
            self._generator.set_state(found.state)
            self._kept += 1
            self._said.figures["windows_kept"] = self._kept
            self._control.progress(running.DENOISING, (number + 1) / len(self.decision.windows))
            return found.made
        try:
            made = self.run(number, door)
        except (Cancelled, SecondUnitError, torch.OutOfMemoryError, MemoryError):
            raise
        except RuntimeError as error:
            failed = str(error)
            log.warning("window %d failed: %s", number + 1, failed)
            made = None
        if made is None:  # outside of the handler: the traceback holds every tensor of the run that failed
            made = self.run(number, door)
            self._said.note(f"Part {number + 1} of {len(self.decision.windows)} failed and was shot again")
        if keep and address:
            keep.keep(address, made, self._generator.get_state())
        return made

    def _address(self, door: Door) -> str | None:
        """Of all that goes into a window: what the pipeline is given, how it works, and the noise."""
        if self._windows is None:
            return None
        folder = weights.lora_folder()
        files = [(lora, weights.stamp(folder / f"{lora.name}.safetensors")) for lora in self._loras()]
        files += [(name, weights.stamp(path)) for name, path in self.decision.spec.gguf.items()]
        decision = self.decision
        return kept.address_of(
            decision.facts(), decision.effort, decision.options, files, door.arguments, self._generator.get_state()
        )

    def finished(self, door: Door, made: NDArray[np.uint8], window: Window, place: int) -> EngineFrame:
        """The window's frame as it is delivered; the last frames of a clip that goes on give way to made ones."""
        frame = self.decision.family.finish(self._shot, self.decision, door, made[place], place)
        if self._reached is None:
            return frame
        at, reached = window.start + place, self._reached
        after = seam.share_at(at - reached.start, len(reached)) if reached.stop < len(self._shot) else 0.0
        ahead = seam.share_at(reached.stop - 1 - at, len(reached)) if reached.start > 0 else 0.0
        if at not in reached or not (share := max(after, ahead)):
            return frame
        return EngineFrame(seam.mixed(frame.image, frame.measured, share), frame.measured, frame.holes)

    def _matched(
        self, door: Door, window: Window, made: NDArray[np.uint8], before: NDArray[np.uint8] | None
    ) -> NDArray[np.uint8]:
        size = self.decision.size
        known = dict(zip(window.known, before, strict=True)) if before is not None else {}
        for place in door.certain:
            plate = door.known(place) if door.known else None
            if plate is not None:
                known[place] = to_model(plate[0], size)
        if not known or not self.decision.options["match"]:
            return made
        places = sorted(known)
        drift = seam.drift_of([made[place] for place in places], [known[place] for place in places])
        for name, value in (("drift", drift.before), ("drift_left", drift.after)):
            self._said.figures[name] = max(self._said.figures.get(name, 0.0), value)
        return drift.corrected(made)

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
