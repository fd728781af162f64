# SPDX-License-Identifier: GPL-3.0-or-later
"""What a worker process and the daemon say to each other over the worker's standard input and output.

A message is a big-endian uint32 length and that many bytes: a packed Envelope.
"""

from __future__ import annotations

import struct
from typing import IO

from attrs import asdict, field, frozen
from second_unit_protocol.codec import pack, unpack
from second_unit_protocol.errors import ErrorInfo
from second_unit_protocol.grid import Rate
from second_unit_protocol.messages import Preview
from second_unit_protocol.results import Adherence, DeviceInfo, IgnoredInput, Input, ShotResult
from second_unit_protocol.shot import BlobRef, ShotRequest

MAX_BYTES = 256 << 20


@frozen
class Envelope:
    """A message's class by name, and the message itself, packed."""

    name: str
    body: bytes


class DialogueError(Exception):
    """The other side sent what no message is."""


# --- to the worker -----------------------------------------------------------------------------------------------


@frozen
class RunTask:
    """``blobs`` is the root of the blob store; ``scratch`` an empty folder for what is made."""

    job_id: str
    attempt: int
    shot: ShotRequest = field(repr=False)
    device: DeviceInfo
    blobs: str
    scratch: str


@frozen
class StopTask:
    """``attempt`` too, so that a stop that comes too late does not stop the job's next attempt."""

    job_id: str
    attempt: int


# --- from the worker ---------------------------------------------------------------------------------------------


@frozen
class WorkerReady:
    pid: int


@frozen
class TaskBegan:
    job_id: str


@frozen
class TaskProgressed:
    """``fraction`` is of the whole job."""

    job_id: str
    stage: str
    fraction: float
    seconds_left: float | None


@frozen
class TaskPreviewed:
    preview: Preview


@frozen
class Files:
    """Names of the finished files inside the scratch folder."""

    clip: str
    master: str
    poster: str
    holes: str | None
    sound: str | None = None
    still: str | None = None


@frozen
class Report:
    """A ShotResult but for its blobs, which the daemon makes of the files."""

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
    figures: dict[str, float]
    seconds: dict[str, float]
    provenance: str
    warnings: tuple[str, ...]

    def result(
        self,
        clip: BlobRef,
        master: BlobRef,
        poster: BlobRef,
        holes: BlobRef | None,
        sound: BlobRef | None = None,
        still: BlobRef | None = None,
    ) -> ShotResult:
        plain = asdict(self, recurse=False)
        return ShotResult(clip=clip, master=master, poster=poster, holes=holes, sound=sound, still=still, **plain)


@frozen
class TaskFinished:
    job_id: str
    files: Files
    report: Report


@frozen
class TaskFailed:
    job_id: str
    error: ErrorInfo


@frozen
class TaskStopped:
    job_id: str


MESSAGES = (
    RunTask,
    StopTask,
    WorkerReady,
    TaskBegan,
    TaskProgressed,
    TaskPreviewed,
    TaskFinished,
    TaskFailed,
    TaskStopped,
)
BY_NAME = {cls.__name__: cls for cls in MESSAGES}


def write_message(stream: IO[bytes], message: object) -> None:
    """Writes and flushes one message."""
    body = pack(Envelope(type(message).__name__, pack(message)))
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


def read_message(stream: IO[bytes]) -> object | None:
    """The next message, or None at the end of the stream. Raises DialogueError."""
    prefix = stream.read(4)
    if not prefix:
        return None
    try:
        (length,) = struct.unpack(">I", prefix)
        if length > MAX_BYTES:
            raise ValueError(f"{length} bytes are more than a message has")
        envelope = unpack(Envelope, stream.read(length))
        return unpack(BY_NAME[envelope.name], envelope.body)
    except Exception as error:
        raise DialogueError(f"not a message: {error}") from error
