# SPDX-License-Identifier: GPL-3.0-or-later
"""One frozen class per message. docs/protocol.md is normative; a test keeps the two in step.

Requests go from client to daemon and each gets exactly one reply (its ``parent`` is the request's id), which may be
:class:`ErrorReply`. Events come unasked after :class:`Subscribe`. Control and bulk travel on sockets of their own, so
an upload never delays a cancel.
"""

from __future__ import annotations

from .errors import ErrorInfo
from .late import and_, field, frozen, ge, le, matches_re, max_len
from .models import ModelChange, ModelInfo
from .results import DaemonInfo, EngineInfo, JobInfo, Plan, PlanRequest
from .shot import BlobRef, ShotRequest

PROTOCOL_VERSION = 1
MIN_PROTOCOL_VERSION = 1

CHUNK_BYTES = 1 << 18
CREDIT_CHUNKS = 16  # per upload; the client asks as far ahead in a download
MAX_MESSAGE_BYTES = 32 << 20
MAX_BLOB_BYTES = 64 << 30
MAX_ITEMS = 20_000  # entries of any list or map in a message
MAX_TEXT = 100_000  # characters
MAX_HEADER_BYTES = 1024
MAX_JOBS_LISTED = 1000
MAX_OPEN_UPLOADS = 64  # of one session
MAX_WAITING_REPLIES = 256  # of one session that does not read them; then it is dropped
MAX_PREVIEW_BYTES = 1 << 20

PREVIEWS = "previews"  # capability: the client wants Preview events
CAPABILITIES = (PREVIEWS,)

JOB_ID = r"[0-9a-f]{32}"


@frozen
class Header:
    """First part of every message."""

    kind: str
    id: str  # unique per sender
    parent: str = ""  # id of the request that this answers
    version: int = PROTOCOL_VERSION


# --- control: requests -------------------------------------------------------------------------------------------


@frozen
class Hello:
    """First request of a session."""

    min_version: int
    max_version: int
    client: str  # e.g. "blender 5.2.2, second_unit 0.1.0"
    capabilities: tuple[str, ...] = ()


@frozen
class Ping:
    pass


@frozen
class GetStatus:
    pass


@frozen
class ListEngines:
    pass


@frozen
class MakePlan:
    request: PlanRequest


@frozen
class Submit:
    """Asks for a job. ``job_id`` is the client's (UUID hex), so that sending it twice makes one job."""

    job_id: str = field(validator=matches_re(JOB_ID))
    shot: ShotRequest


@frozen
class CancelJob:
    job_id: str


@frozen
class RetryJob:
    job_id: str


@frozen
class MoveJob:
    """Has a queued job run right before another of this client's; ``before`` empty: after all of them."""

    job_id: str
    before: str = ""


@frozen
class ListJobs:
    """Newest first. ``shot_id`` empty: all of this client's jobs."""

    shot_id: str = ""
    limit: int = field(default=100, validator=and_(ge(1), le(MAX_JOBS_LISTED)))


@frozen
class GetJob:
    job_id: str


@frozen
class GetShot:
    """The shot that a job was asked for, as it was sent; its blobs can be fetched while the daemon keeps them."""

    job_id: str


@frozen
class Subscribe:
    """Events of these jobs (empty: of all of this client's jobs) until the session ends."""

    job_ids: tuple[str, ...] = ()


@frozen
class Acknowledge:
    """The result is safe on the client's disk and has landed: succeeded becomes delivered."""

    job_id: str


@frozen
class ListModels:
    pass


@frozen
class ChangeModel:
    """``accept_licence``: the user has read the model's licence and accepts it; it is asked for once."""

    name: str
    change: ModelChange
    accept_licence: bool = False


@frozen
class FreeMemory:
    """Has idle workers let go of the device, for a program that needs it now."""


@frozen
class Shutdown:
    """Stops the daemon; a running job is queued again for its next start."""


# --- control: replies --------------------------------------------------------------------------------------------


@frozen
class Welcome:
    version: int  # the protocol version both will speak
    daemon_version: str
    session: str
    bulk_endpoint: str
    capabilities: tuple[str, ...] = ()


@frozen
class Pong:
    pass


@frozen
class Status:
    info: DaemonInfo


@frozen
class Engines:
    engines: tuple[EngineInfo, ...]


@frozen
class Planned:
    plan: Plan


@frozen
class Submitted:
    """``missing``: blobs to put before the job leaves ``waiting``; the daemon moves it on by itself."""

    job: JobInfo
    missing: tuple[BlobRef, ...]


@frozen
class Job:
    job: JobInfo


@frozen
class Jobs:
    jobs: tuple[JobInfo, ...]


@frozen
class Shot:
    shot: ShotRequest


@frozen
class Subscribed:
    pass


@frozen
class Models:
    """``loras``: names of the files in ``lora_folder``."""

    models: tuple[ModelInfo, ...]
    loras: tuple[str, ...]
    lora_folder: str


@frozen
class Model:
    model: ModelInfo


@frozen
class MemoryFreed:
    pass


@frozen
class Stopping:
    pass


@frozen
class ErrorReply:
    error: ErrorInfo


# --- control: events ---------------------------------------------------------------------------------------------


@frozen
class JobChanged:
    """State, stage, progress or result changed. The whole job: a lost event costs nothing."""

    job: JobInfo


@frozen
class ModelChanged:
    """State or progress of a model's weights changed. Goes to every session that subscribed to all jobs."""

    model: ModelInfo


@frozen
class Preview:
    """A small picture of a running job."""

    job_id: str
    clip_frame: int
    width: int
    height: int
    jpeg: bytes = field(repr=False, validator=max_len(MAX_PREVIEW_BYTES))


# --- bulk --------------------------------------------------------------------------------------------------------


@frozen
class HaveBlobs:
    """Which of these does the daemon lack?"""

    blobs: tuple[BlobRef, ...]


@frozen
class MissingBlobs:
    blobs: tuple[BlobRef, ...]


@frozen
class PutBlob:
    """Opens an upload; answered by PutCredit (or PutDone when the blob is there already)."""

    blob: BlobRef


@frozen
class PutCredit:
    """Chunks up to byte ``upto`` (exclusive) may be sent; ``received`` bytes are on the daemon's side."""

    digest: str
    received: int
    upto: int


@frozen
class PutChunk:
    """The next bytes of an open upload; they travel as their own ZeroMQ frame after this message.

    Not answered by itself: credit, PutDone or ErrorReply follow with the id of the PutBlob as parent.
    """

    digest: str
    offset: int


@frozen
class PutDone:
    """The blob is whole, verified and on disk."""

    digest: str


@frozen
class GetChunk:
    """Asks for ``length`` bytes at ``offset``; the client asks ahead by as many chunks as it wants in flight."""

    digest: str
    offset: int = field(validator=ge(0))
    length: int = field(validator=and_(ge(0), le(CHUNK_BYTES)))


@frozen
class Chunk:
    """Bytes of a blob; they travel as their own ZeroMQ frame after this message."""

    digest: str
    offset: int
    size: int  # of the whole blob


REQUESTS = (
    Hello, Ping, GetStatus, ListEngines, MakePlan, Submit, CancelJob, RetryJob, MoveJob, ListJobs, GetJob, GetShot,
    Subscribe, Acknowledge, ListModels, ChangeModel, FreeMemory, Shutdown, HaveBlobs, PutBlob, PutChunk, GetChunk,
)  # fmt: skip
REPLIES = (
    Welcome, Pong, Status, Engines, Planned, Submitted, Job, Jobs, Shot, Subscribed, Models, Model, MemoryFreed,
    Stopping, ErrorReply, MissingBlobs, PutCredit, PutDone, Chunk,
)  # fmt: skip
EVENTS = (JobChanged, ModelChanged, Preview)
EventMessage = JobChanged | ModelChanged | Preview
MESSAGES = (*REQUESTS, *REPLIES, *EVENTS)

Message = object  # any instance of a class in MESSAGES


def kind_of(cls: type) -> str:
    """Wire name of a message class: ``GetStatus`` is ``get-status``."""
    return "".join("-" + c.lower() if c.isupper() else c for c in cls.__name__).lstrip("-")


BY_KIND: dict[str, type] = {kind_of(cls): cls for cls in MESSAGES}
