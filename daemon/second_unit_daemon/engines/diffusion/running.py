# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a pipeline: seeded on the processor, cancelled within a block, its steps counted, its latents shown."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any

import numpy as np
import torch
from attrs import field, frozen
from numpy.typing import NDArray

from ..base import Cancelled, JobControl
from . import previews
from .loading import Loaded

log = logging.getLogger(__name__)

DENOISING = "denoising"
DECODING = "decoding"


class BadPicturesError(RuntimeError):
    """A run ended, and what it made is no picture."""


@frozen(eq=False)
class Made:
    """What one run made: frames (F, h, w, 3) uint8; sound (N, channels) float32 and its rate where there is one."""

    frames: NDArray[np.uint8] = field(repr=False)
    sound: tuple[NDArray[np.float32], int] | None = field(default=None, repr=False)


def generator_of(seed: int) -> torch.Generator:
    """Always on the processor: the same seed gives the same noise on every device, alone or in a batch."""
    return torch.Generator("cpu").manual_seed(seed)


def run(
    loaded: Loaded,
    pipeline: Any,
    arguments: dict[str, Any],
    generator: torch.Generator,
    control: JobControl,
    share: tuple[float, float],
) -> Made:
    """Calls the pipeline. ``share``: from where to where this run takes the denoising stage (several windows)."""
    parameters = inspect.signature(pipeline.__call__).parameters
    call = {name: value for name, value in arguments.items() if value is not None}
    call = loaded.runner.arguments(call) | {"generator": generator, "output_type": "np"}
    if "callback_on_step_end" in parameters:
        call["callback_on_step_end"] = _shower(loaded, pipeline, control, call)
    unknown = sorted(set(call) - set(parameters))
    if unknown:
        raise TypeError(f"{type(pipeline).__name__} takes no {', '.join(unknown)}")
    with ExitStack() as stack:
        stack.enter_context(_cancellable(pipeline, control.check))
        stack.enter_context(_counted(pipeline, control, share))
        try:
            output = loaded.runner.run(loaded, pipeline, call)
        finally:
            loaded.free()  # a cache that holds half a run would spoil the next one
    return Made(_frames(output), _sound(output, pipeline))


@contextmanager
def _cancellable(pipeline: Any, check: Callable[[], None]) -> Iterator[None]:
    """Asks before every block of every network, so that a cancel takes no longer than one of them."""

    def ask(*_: object) -> None:
        check()

    handles = [block.register_forward_pre_hook(ask) for block in _blocks(pipeline)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _blocks(pipeline: Any) -> Iterator[torch.nn.Module]:
    """Entries of every component's module lists; compiled blocks are left alone, a hook would break their graph."""
    seen = set()
    for part in pipeline.components.values():
        if not isinstance(part, torch.nn.Module):
            continue
        for module in part.modules():
            if isinstance(module, torch.nn.ModuleList):
                for block in module:
                    if id(block) not in seen and getattr(block, "_compiled_call_impl", None) is None:
                        seen.add(id(block))
                        yield block


@contextmanager
def _counted(pipeline: Any, control: JobControl, share: tuple[float, float]) -> Iterator[None]:
    """Every pipeline opens a progress bar; ours reports. The instance's attribute hides the class's method."""

    def bar(iterable: Any = None, total: int | None = None) -> _Bar:
        return _Bar(control, share, iterable, total)

    pipeline.progress_bar = bar
    try:
        yield
    finally:
        del pipeline.progress_bar


class _Bar:
    """Stands in for tqdm as pipelines use it."""

    def __init__(self, control: JobControl, share: tuple[float, float], iterable: Any, total: int | None):
        self._control = control
        self._share = share
        self._iterable = iterable
        self._total = total if total is not None else len(iterable)
        self._done = 0
        self._say()

    def __enter__(self) -> _Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._share[1] >= 1.0:
            self._control.progress(DECODING, 0.0)

    def __iter__(self) -> Iterator[Any]:
        for item in self._iterable:
            yield item
            self.update()

    def update(self, count: int = 1) -> None:
        self._done += count
        self._control.check()
        self._say()

    def set_postfix(self, *_: object, **__: object) -> None:
        """Pipelines may decorate the bar; nothing of it is shown."""

    def _say(self) -> None:
        low, high = self._share
        self._control.progress(DENOISING, low + (high - low) * self._done / max(self._total, 1))


def _shower(loaded: Loaded, pipeline: Any, control: JobControl, call: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """Shows the middle of the clip after a step, where a preview is due. One that fails is not worth a job."""
    broken = False
    sizes = [int(call.get(word) or 0) for word in ("width", "height", "num_frames")]

    def show(_: Any, step: int, __: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        nonlocal broken
        latents, vae = tensors.get("latents"), getattr(pipeline, "vae", None)
        if control.preview is None or broken or vae is None or latents is None or not control.preview_due():
            return tensors
        try:
            plain = previews.unpacked(latents, pipeline, *sizes)
            if plain is not None:
                control.preview(step, loaded.previewer.picture(plain, vae))
        except Cancelled:
            raise
        except Exception:
            broken = True
            log.exception("previews are off for this job")
        return tensors

    return show


def _frames(output: Any) -> NDArray[np.uint8]:
    """(F, h, w, 3) uint8 of the first clip, or of the pictures. Each pipeline names and batches them its own way."""
    named = (getattr(output, name, None) for name in ("frames", "video", "images"))
    frames = next((found for found in named if found is not None), None)
    values = np.asarray(output[0] if frames is None else frames, np.float32)
    if values.ndim == 5:
        values = values[0]
    if not np.isfinite(values).all():
        raise BadPicturesError("the model made pictures that are not numbers")
    return np.rint(np.clip(values, 0.0, 1.0) * 255.0).astype(np.uint8)


def _sound(output: Any, pipeline: Any) -> tuple[NDArray[np.float32], int] | None:
    sound = getattr(output, "audio", None)
    if sound is None:
        return None
    vocoder = getattr(pipeline, "vocoder", None)
    rate = int(getattr(getattr(vocoder, "config", None), "output_sampling_rate", 0) or 24_000)
    samples = sound[0].float().cpu().numpy()
    return np.ascontiguousarray(samples.T, np.float32), rate
