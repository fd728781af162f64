# SPDX-License-Identifier: GPL-3.0-or-later
"""What would be done with a shot: frames, sizes, effort, memory, time. Sums only, for daemon and worker alike."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, sqrt

from attrs import field, frozen
from second_unit_protocol.errors import REMEDY, ErrorCode, ErrorInfo
from second_unit_protocol.grid import FrameGrid, Rate
from second_unit_protocol.limits import MAX_SIDE, MIN_SIDE
from second_unit_protocol.results import DeviceInfo, IgnoredInput, Input, Plan, PlanRequest
from second_unit_protocol.shot import Lora, Quality, Scalar

from . import memory, peaks, timing, weights
from .family import NEVER, PARTLY, Family, Option, Window
from .memory import Load, Need
from .spec import DENOISERS, Effort, ModelSpec

LARGER_THAN_TRAINED = 1.05  # rounding to the model's multiple may go this far beyond its largest frame
DRAFT_SHARE = 0.25  # of the pixels, where the model was trained on so small a frame
LEAST_DRAFT_SIDE = 64
CPU_PARAMETERS = 300_000_000  # of all transformers; more takes days on a processor

SHARED_OPTIONS = (
    Option("steps", 0, "denoising steps; 0: as the quality says"),
    Option("guidance", -1.0, "how strictly the prompt is followed; below 0: as the quality says"),
    Option("placement", "auto", "where weights are kept", ("auto", *memory.Placement)),
    Option("attention", "auto", "attention back-end: auto, native, flash, sage … as diffusers names them"),
    Option("cache", False, "first-block cache: faster, a little less exact"),
    Option("compile", False, "compile the transformer's blocks: slower to start, then faster"),
    Option("draft_lora", True, "draft with the model's few-step LoRA where it is there"),
    Option("composite", True, "put known pixels back into the finished picture"),
    Option("match", True, "take back the drift in colour and exposure that known frames show"),
)


@frozen
class Size:
    """The model's pixels, and those that capture brings; one is the other scaled, axis by axis."""

    width: int
    height: int
    capture_width: int
    capture_height: int


@frozen
class Decision:
    """Everything that was decided about one shot. ``options`` holds every option, the defaults too."""

    spec: ModelSpec
    family: Family = field(repr=False)
    pipeline: str
    mode: str  # the family's own (see Review)
    size: Size
    grid: FrameGrid
    windows: tuple[Window, ...]
    effort: Effort
    dtype: str
    need: Need
    rest: tuple[Need, ...] = field(repr=False)  # what to fall back to when memory runs out, in this order
    device_kind: str
    options: dict[str, Scalar]
    draft_lora: bool
    loras: tuple[Lora, ...]  # that the family needs for this way of working
    plan: Plan = field(repr=False)

    def facts(self) -> dict[str, Scalar]:
        """What goes into the provenance."""
        return {
            "model": self.spec.name,
            "repository": self.spec.repository or str(self.spec.folder),
            "revision": weights.commit_of(self.spec),
            "pipeline": self.pipeline,
            "mode": self.mode,
            "steps": self.effort.steps,
            "guidance": self.effort.guidance,
            "model_size": f"{self.size.width}x{self.size.height}",
            "windows": len(self.windows),
            "dtype": self.dtype,
            "device": self.device_kind,
            "placement": self.need.placement.value,
            "vae_tiling": self.need.tiled,
        } | self._in_force()

    def _in_force(self) -> dict[str, Scalar]:
        """What is only told where it is so."""
        files = {f"gguf.{name}": path.name for name, path in self.spec.gguf.items()}
        return files | {name: self.options[name] for name in ("cache", "compile") if self.options[name]}


def decide(spec: ModelSpec, family: Family, request: PlanRequest, device: DeviceInfo) -> Decision:
    """Never raises for a bad shot: ``Decision.plan.problem`` says what is wrong with it."""
    options, complaints = _options(spec, family, request)
    effort, lora, effort_words = _effort(spec, request, options)
    review = family.review(request, spec, options)
    size = size_for(spec, request.width, request.height, request.quality)
    grid = grid_for(spec, family, request)
    windows = windows_for(spec, family, grid.count, back=_goes_back(request))
    load = Load(size.width, size.height, windows[0].count, _extra_latents(request))
    dtype = "float32" if device.kind == "cpu" else spec.dtype
    ways, placement_complaints = _ways(spec, load, dtype, device, options)
    chosen = memory.choose(ways, device.free_bytes) or ways[-1]
    passes = effort.steps * (2 if effort.guidance > 1 else 1) * len(windows)
    seconds = timing.seconds(spec, load, passes, device, chosen.placement)
    ignores = _ignores(spec, family, request, effort, review.ignores)
    problem = (
        _basic_problem(request)
        or review.problem
        or _length_problem(spec, grid, windows)
        or _cpu_problem(spec, device, seconds)
        or _memory_problem(spec, size, chosen, device)
    )
    plan = Plan(
        engine=spec.name,
        grid=grid,
        capture_width=size.capture_width,
        capture_height=size.capture_height,
        captures=family.captures,
        takes=tuple(kind for kind in request.given if kind not in ignores),
        ignores=tuple(IgnoredInput(kind, reason) for kind, reason in ignores.items()),
        memory_bytes=chosen.total,
        seconds=seconds,
        warnings=(
            *complaints,
            *placement_complaints,
            *review.warnings,
            *effort_words,
            *_size_words(spec, request, size),
            *_length_words(spec, grid, windows),
            *_placement_words(chosen, device),
        ),
        problem=problem,
    )
    rest = tuple(ways[ways.index(chosen) + 1 :])
    return Decision(
        spec=spec,
        family=family,
        pipeline=review.pipeline,
        mode=review.mode,
        size=size,
        grid=grid,
        windows=windows,
        effort=effort,
        dtype=dtype,
        need=chosen,
        rest=rest,
        device_kind=device.kind,
        options=options,
        draft_lora=lora,
        loras=review.loras,
        plan=plan,
    )


# --- sizes and frames --------------------------------------------------------------------------------------------


def size_for(spec: ModelSpec, width: int, height: int, quality: Quality = Quality.STANDARD) -> Size:
    """A size that the model makes, near the asked-for one; a draft's is smaller, with the capture of the others.

    Up to the model's largest frame nothing is scaled: both sides are raised to its multiple and the clip is the centre.
    Beyond it the model works smaller; capture covers at least the clip, so that the picture scales back to it. A model
    of one size only works at that, with the clip as its centre.
    """
    if spec.size:
        return _around(spec.size[0], spec.size[1], width, height)
    m = spec.multiple
    across, down = (ceil(side / m) * m for side in (width, height))
    if across * down <= spec.pixels[1] * LARGER_THAN_TRAINED:
        full = Size(across, down, across, down)
    else:
        scale = sqrt(spec.pixels[1] / (width * height))
        inner_width, inner_height = (max(round(side * scale / m), 1) * m for side in (width, height))
        full = _around(inner_width, inner_height, width, height)
    return _draft(spec, full) if quality is Quality.DRAFT else full


def _draft(spec: ModelSpec, full: Size) -> Size:
    """What is captured stays the same, so that the final is made of the very planes that the draft was made of."""
    pixels = full.width * full.height
    share = sqrt(min(max(spec.pixels[0] / pixels, DRAFT_SHARE), 1.0))
    m = spec.multiple
    width, height = (ceil(max(side * share, LEAST_DRAFT_SIDE) / m) * m for side in (full.width, full.height))
    return Size(min(width, full.width), min(height, full.height), full.capture_width, full.capture_height)


def _around(inner_width: int, inner_height: int, width: int, height: int) -> Size:
    """The model's size, and a capture of the same aspect that just covers the clip."""
    scale = min(inner_width / width, inner_height / height)
    across, down = max(round(inner_width / scale), width), max(round(inner_height / scale), height)
    return Size(inner_width, inner_height, across, down)


def grid_for(spec: ModelSpec, family: Family, request: PlanRequest) -> FrameGrid:
    """Clip frames at the model's own rate, from the delivery's first frame to its last or a little beyond.

    A family that spans the shot has its rate changed a little, so that its last frame is the delivery's last. A clip of
    which only a part is made anew keeps its own rate: all else has to be the same in each of its frames.
    """
    delivery = request.delivery
    scene = delivery.rate
    rate = scene if Input.EDITED_CLIP in request.given and PARTLY & set(request.given) else spec.rate or scene
    intervals = max(delivery.count - 1, 0) * rate.fraction / scene.fraction
    wanted = ceil(intervals) + 1
    count = spec.frames.at_least(wanted) or wanted
    if family.spans and delivery.count > 1 and count > 1:
        rate = Rate.of(scene.fraction * (count - 1) / (delivery.count - 1))
    return FrameGrid(delivery.first, count, scene, rate)


def _goes_back(request: PlanRequest) -> bool:
    """Whether what is known stands at the end: a clip that is extended before its beginning."""
    delivery = request.delivery
    return Input.EXTENDED_CLIP in request.given and delivery.handle_after > 0 and delivery.handle_before == 0


def windows_for(spec: ModelSpec, family: Family, count: int, *, back: bool = False) -> tuple[Window, ...]:
    """One window, or several of the model's own length that overlap by the family's context frames (the last, more).

    In the order in which they are made; ``back``: from the end, where something is known, to the beginning.
    """
    length = spec.window
    if count <= length or not family.overlap:
        return (Window(0, count),)
    step = length - min(family.overlap, length // 2 + 1)
    starts = [*range(0, count - length, step), count - length]
    contexts = [0, *(before + length - start for before, start in pairwise(starts))]
    if back:
        starts = [count - length - start for start in starts]
    return tuple(Window(start, length, context, back) for start, context in zip(starts, contexts, strict=True))


def _extra_latents(request: PlanRequest) -> int:
    return 1 if Input.CHARACTERS in request.given else 0


# --- effort and options ------------------------------------------------------------------------------------------


def _options(spec: ModelSpec, family: Family, request: PlanRequest) -> tuple[dict[str, Scalar], tuple[str, ...]]:
    known = {option.name: option for option in (*SHARED_OPTIONS, *family.options)}
    values = {name: option.default for name, option in known.items()} | spec.defaults
    complaints = []
    for name, value in request.options.items():
        option = known.get(name)
        if option is None:
            complaints.append(f"{spec.label} has no option {name}; it has {', '.join(known)}")
        elif (fault := _fault(option, value)) is not None:
            complaints.append(f"The option {name} is left at {values[name]}: {fault}")
        else:
            values[name] = type(option.default)(value)
    return values, tuple(complaints)


def _fault(option: Option, value: Scalar) -> str | None:
    kind = type(option.default)
    if not (isinstance(value, kind) or (kind is float and isinstance(value, int))) or (
        isinstance(value, bool) and kind is not bool
    ):
        return f"{value!r} is not {kind.__name__}"
    if option.choices and value not in option.choices:
        return f"{value!r} is none of {', '.join(map(str, option.choices))}"
    return None


def _effort(spec: ModelSpec, request: PlanRequest, options: dict[str, Scalar]) -> tuple[Effort, bool, tuple[str, ...]]:
    effort, words, lora = spec.efforts[request.quality], (), False
    draft = spec.draft_lora
    if draft and request.quality is Quality.DRAFT and options["draft_lora"]:
        lora = weights.lora_path(draft.name, draft).is_file()
        effort = draft.effort if lora else effort
        if not lora:
            words = (
                f"A draft would take {draft.effort.steps} steps instead of {effort.steps} with the LoRA {draft.name}: "
                + (
                    f"fetch it with second-unit models pull {spec.name}"
                    if draft.repository and not spec.folder
                    else f"put it into {weights.lora_folder()}"
                ),
            )
    steps = int(options["steps"]) if int(options["steps"]) > 0 else effort.steps
    guidance = float(options["guidance"])
    if guidance >= 0:
        return Effort(steps, guidance, guidance if effort.guidance_2 is not None else None), lora, words
    return Effort(steps, effort.guidance, effort.guidance_2), lora, words


def _ways(
    spec: ModelSpec, load: Load, dtype: str, device: DeviceInfo, options: dict[str, Scalar]
) -> tuple[list[Need], tuple[str, ...]]:
    """What may be tried, fastest first, and a sentence where the placement that was asked for is not possible."""
    asked, ways, words = str(options["placement"]), memory.ladder(spec, load, dtype, device.kind), ()
    if asked != "auto":
        placement = memory.Placement(asked)
        why = memory.obstacle(spec, placement)
        if device.kind != "cuda" and placement is not memory.Placement.FULL:
            why = f"{device.name} has no memory beside the machine's own"
        if why:
            words = (f"The placement {asked} cannot be had ({why}); it is chosen as if none had been asked for",)
        else:
            ways = [memory.need(spec, load, placement, tiled, dtype) for tiled in (False, True)]
    return [peaks.corrected(spec, way, dtype) for way in ways], words


def _ignores(
    spec: ModelSpec, family: Family, request: PlanRequest, effort: Effort, reviewed: dict[Input, str]
) -> dict[Input, str]:
    reasons = NEVER | family.reasons
    found = {kind: reasons[kind] for kind in request.given if kind in reasons and kind not in family.takes}
    found |= {kind: reason for kind, reason in reviewed.items() if kind in request.given}
    negative = Input.NEGATIVE_PROMPT
    if negative in request.given and negative not in found and effort.guidance <= 1:
        why = "is distilled and works" if spec.distilled else "works here"
        found[negative] = (
            f"{spec.label} {why} without guidance, in which negative prompts act; "
            "set the option guidance above 1 to use it, at twice the time"
        )
    return found


# --- sentences ---------------------------------------------------------------------------------------------------


def _size_words(spec: ModelSpec, request: PlanRequest, size: Size) -> tuple[str, ...]:
    if (size.width, size.height) != (size.capture_width, size.capture_height):
        what = "drafts" if request.quality is Quality.DRAFT else "works"
        return (
            f"{spec.label} {what} at {size.width} × {size.height}; what it invents is enlarged to "
            f"{request.width} × {request.height}",
        )
    if request.width * request.height < spec.pixels[0]:
        return (f"{spec.label} was trained on larger pictures: at {request.width} × {request.height} it may do badly",)
    return ()


def _length_words(spec: ModelSpec, grid: FrameGrid, windows: tuple[Window, ...]) -> tuple[str, ...]:
    if len(windows) > 1:
        order = (
            "from the last to the first, each leading to the one after it"
            if windows[0].back
            else ("each continuing the one before")
        )
        return (
            f"The shot's {grid.count} clip frames are made in {len(windows)} parts of {spec.window}, {order}, "
            "whose colours it is brought to",
        )
    if grid.count > spec.window:
        return (f"{spec.label} was trained on {spec.window} frames; the shot has {grid.count} and may come out badly",)
    return ()


def _placement_words(chosen: Need, device: DeviceInfo) -> tuple[str, ...]:
    if device.kind == "cpu" or chosen.placement is memory.Placement.FULL:
        return ()
    return (f"The card is too small for the whole model: {memory.WORDS[chosen.placement]}",)


def _basic_problem(request: PlanRequest) -> ErrorInfo | None:
    if request.delivery.count < 1:
        cause = f"The shot runs from frame {request.delivery.first} to {request.delivery.last}"
        return _error(ErrorCode.EMPTY_RANGE, cause)
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in (request.width, request.height)):
        return _error(ErrorCode.BAD_SIZE, f"The shot's size is {request.width} × {request.height}")
    return None


def _length_problem(spec: ModelSpec, grid: FrameGrid, windows: tuple[Window, ...]) -> ErrorInfo | None:
    if all(spec.frames.at_least(window.count) == window.count for window in windows):
        return None
    longest = int(spec.frames.text) if spec.frames.text.isdigit() else spec.window
    cause = (
        f"{spec.label} makes {longest} frames at most ({float(grid.clip_rate):g} a second); the shot needs {grid.count}"
    )
    return _error(ErrorCode.TOO_LONG, cause)


def _cpu_problem(spec: ModelSpec, device: DeviceInfo, seconds: float) -> ErrorInfo | None:
    denoising = sum(count for name, count in spec.parameters.items() if name.startswith(DENOISERS))
    if device.kind != "cpu" or denoising <= CPU_PARAMETERS:
        return None
    cause = f"{spec.label} needs a graphics card: on this processor the shot would take about {timing.words(seconds)}"
    return _error(ErrorCode.NO_CARD, cause)


def _memory_problem(spec: ModelSpec, size: Size, chosen: Need, device: DeviceInfo) -> ErrorInfo | None:
    if chosen.total <= device.free_bytes * memory.SPARE:
        return None
    cause = (
        f"{spec.label} at {size.width} × {size.height} needs {chosen.total / 1e9:.1f} GB even when "
        f"{memory.WORDS[chosen.placement]}; {device.name} has {device.free_bytes / 1e9:.1f} GB free"
    )
    return _error(ErrorCode.OUT_OF_MEMORY, cause)


def _error(code: ErrorCode, cause: str, remedy: str = "") -> ErrorInfo:
    return ErrorInfo(code, cause, remedy or REMEDY[code])
