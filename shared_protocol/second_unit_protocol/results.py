# SPDX-License-Identifier: GPL-3.0-or-later
"""What the daemon says about engines, plans, jobs and finished clips."""

from __future__ import annotations

from enum import StrEnum

from .errors import ErrorInfo
from .grid import FrameGrid, Rate, SceneRange
from .late import Factory, frozen
from .shot import BlobRef, PostStep, Quality, Scalar
from .states import JobState


class Input(StrEnum):
    """The things that a shot can carry; an engine says of each whether it takes it."""

    CAMERA = "camera"
    DEPTH = "depth"
    COLOUR = "colour"
    MOTION = "motion"
    REFERENCES = "references"
    EDITED_CLIP = "edited_clip"  # a source clip that is to be changed
    EXTENDED_CLIP = "extended_clip"  # a source clip that is kept and continued
    REGION = "region"
    REGION_MOTION = "region_motion"  # parts of a source clip that move otherwise
    CHARACTERS = "characters"
    LORAS = "loras"
    PROMPT = "prompt"
    NEGATIVE_PROMPT = "negative_prompt"
    STYLE = "style"
    STYLE_PICTURE = "style_picture"
    STYLE_STRENGTH = "style_strength"
    SEED = "seed"
    MOTION_STRENGTH = "motion_strength"
    QUALITY = "quality"


@frozen
class EngineInfo:
    """An engine as a user chooses it."""

    name: str
    label: str
    description: str
    takes: tuple[Input, ...]
    needs: tuple[Input, ...]  # refused without these
    captures: tuple[Input, ...]  # planes that capture must bring: DEPTH, COLOUR, MOTION
    licence: str
    frame_rule: str = "any"
    size_multiple: int = 1
    native_rate: Rate | None = None  # None: works at the scene's rate
    available: bool = True
    unavailable_reason: str = ""


@frozen
class PlanRequest:
    """The shot before it is captured: enough to say what an engine will do with it."""

    engine: str
    delivery: SceneRange
    width: int
    height: int
    given: tuple[Input, ...]  # what the shot holds (a non-empty prompt, references, …)
    reference_count: int = 0
    reference_frames: tuple[float, ...] = ()
    quality: Quality = Quality.STANDARD
    options: dict[str, Scalar] = Factory(dict)
    style: str = ""  # the words, since an engine may know some looks and not others
    post: tuple[PostStep, ...] = ()  # the finishing that follows


@frozen
class IgnoredInput:
    input: Input
    reason: str


@frozen
class Plan:
    """What the engine will do. Capture follows ``grid`` and the capture size; nothing is ignored unsaid."""

    engine: str
    grid: FrameGrid
    capture_width: int
    capture_height: int
    captures: tuple[Input, ...]
    takes: tuple[Input, ...]
    ignores: tuple[IgnoredInput, ...]
    memory_bytes: int
    seconds: float
    warnings: tuple[str, ...] = ()
    problem: ErrorInfo | None = None  # why it cannot be shot as it stands
    advice: tuple[str, ...] = ()  # the best engine for this shot here at each quality, and what would do better


class Kept(StrEnum):
    """How well a clip kept to its camera."""

    KEEPS = "keeps"
    DRIFTS = "drifts"
    WRONG_CAMERA = "wrong-camera"
    UNMEASURED = "unmeasured"


class Fault(StrEnum):
    """What a clip that strays does instead."""

    NONE = "none"
    STATIC = "static"
    SLOWER = "slower"
    FASTER = "faster"
    BACKWARDS = "backwards"
    PATH = "path"
    LENS = "lens"
    MOVES = "moves"  # where it should stand still


@frozen
class Adherence:
    """How well a clip kept to its camera (daemon/adherence; formulas in docs). Errors sum over ``frames``."""

    rot_err_rad: float
    trans_err: float  # max-normalised, as published
    trans_err_m: float  # metres, raw
    cam_mc: float
    frames: int
    failed_frames: tuple[int, ...]
    inlier_ratio: float
    coverage: float
    rot_curve_rad: tuple[float, ...] = ()
    trans_curve_m: tuple[float, ...] = ()
    verdict: str = ""
    kept: Kept = Kept.UNMEASURED
    fault: Fault = Fault.NONE
    shift_px: float = 0.0  # mean over the frames; what takes are ranked by
    rot_mean_deg: float = 0.0
    trans_aligned_m: float = 0.0  # mean, the path scaled to fit
    tsed: float | None = None
    depth_err: float | None = None
    flow_err_px: float | None = None
    lens_err: float | None = None
    shift_curve_px: tuple[float, ...] = ()
    lens_curve: tuple[float, ...] = ()  # 0 where the picture does not tell
    inlier_curve: tuple[float, ...] = ()
    flow_curve_px: tuple[float, ...] = ()  # of all frames but the first; -1 where it could not be compared
    measured_on: str = ""

    @property
    def rank(self) -> tuple[int, float]:
        """Sorts takes, the best first: by verdict, then by distance in the picture and frames that were lost."""
        order = (Kept.KEEPS, Kept.DRIFTS, Kept.WRONG_CAMERA, Kept.UNMEASURED)
        lost = len(self.failed_frames) / max(self.frames + len(self.failed_frames), 1)
        return order.index(self.kept), self.shift_px * (1 + lost)


@frozen
class ShotResult:
    """A finished clip and everything that is known about it."""

    clip: BlobRef  # MP4 at the scene's rate, one frame per scene frame of the delivery
    master: BlobRef  # lossless, clip frames as the engine made them
    poster: BlobRef  # JPEG
    holes: BlobRef | None  # lossless grey video: white where the engine had to invent
    frames: int
    rate: Rate
    width: int
    height: int
    engine: str
    engine_version: str
    seed: int
    takes: tuple[Input, ...]
    ignores: tuple[IgnoredInput, ...]
    adherence: Adherence | None
    figures: dict[str, float]  # e.g. hole_fraction
    seconds: dict[str, float]  # per stage
    provenance: str  # JSON, the same that the files carry
    warnings: tuple[str, ...] = ()
    sound: BlobRef | None = None  # WAV, 48 kHz stereo, exactly as long as the clip
    still: BlobRef | None = None  # PNG, the picture of a shot of one frame


@frozen
class JobInfo:
    """A job as the queue shows it."""

    job_id: str
    shot_id: str
    shot_name: str
    engine: str
    state: JobState
    reason: str
    created: float  # Unix seconds
    updated: float
    stage: str = ""
    fraction: float = 0.0
    seconds_left: float | None = None
    attempt: int = 0
    queue_place: int | None = None
    error: ErrorInfo | None = None
    result: ShotResult | None = None


@frozen
class DeviceInfo:
    name: str
    kind: str  # "cpu", "cuda", "mps"
    total_bytes: int
    free_bytes: int


@frozen
class DaemonInfo:
    """The daemon's own state, for a panel's header."""

    version: str
    pid: int
    uptime_s: float
    device: DeviceInfo
    queued: int
    running: int
    free_disk_bytes: int
    packages: dict[str, str]
