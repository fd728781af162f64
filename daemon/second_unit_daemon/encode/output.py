# SPDX-License-Identifier: GPL-3.0-or-later
"""One video stream written to one file: exact frame times, metadata, and no half-written file left behind."""

from __future__ import annotations

import contextlib
import errno
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.video.stream import VideoStream
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate

# Enough to find "no space" whether the number arrives as errno or as FFmpeg's negated tag.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def disk_error(error: OSError, path: Path) -> SecondUnitError | OSError:
    """The error that a person should see for a failed write to ``path``."""
    if error.errno in _FULL:
        return SecondUnitError(
            ErrorCode.DISK_FULL, f"The disk is full: {path.name} could not be written to {path.parent}"
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR):
        return SecondUnitError(ErrorCode.NOT_WRITABLE, f"{path} cannot be made ({error.strerror})")
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return SecondUnitError(ErrorCode.NOT_WRITABLE, f"{path.parent} cannot be written to ({error.strerror})")
    return error


class VideoOutput:
    """A container with one video stream. Frame ``i`` is shown from ``i / rate`` to ``(i + 1) / rate`` seconds, exactly.

    Used through its subclasses as a context manager: leaving it by an exception removes the file.
    """

    def __init__(
        self,
        path: Path,
        codec: str,
        rate: Rate,
        metadata: dict[str, str],
        *,
        container: str,
        container_options: dict[str, str],
        codec_options: dict[str, str],
    ):
        self.path = Path(path)
        self.rate = rate
        self.frames = 0
        self._open = True
        try:
            self._container = av.open(str(self.path), "w", format=container, options=container_options)
        except OSError as error:
            raise disk_error(error, self.path) from error
        self._container.metadata.update(metadata)
        stream = self._container.add_stream(codec, rate=rate.fraction, options=codec_options)
        assert isinstance(stream, VideoStream)
        stream.codec_context.time_base = 1 / rate.fraction
        self._stream = stream

    def _encode(self, frame: av.VideoFrame) -> None:
        frame.pts = self.frames
        frame.time_base = 1 / self.rate.fraction
        frame.duration = 1
        self._mux(frame)
        self.frames += 1

    def _mux(self, frame: av.VideoFrame | None) -> None:
        try:
            for packet in self._stream.encode(frame):
                self._container.mux(packet)
        except OSError as error:
            raise disk_error(error, self.path) from error

    def close(self) -> None:
        """Finishes the file; where that fails it is removed. Raises SecondUnitError(DISK_FULL), ValueError if empty."""
        if not self._open:
            return
        try:
            if self.frames == 0:
                raise ValueError(f"{self.path.name} was given no frames")
            self._mux(None)
            self._open = False
            self._container.close()
        except OSError as error:
            self.abort()
            raise disk_error(error, self.path) from error
        except BaseException:
            self.abort()
            raise

    def abort(self) -> None:
        """Stops and removes the file."""
        self._open = False
        with contextlib.suppress(OSError):  # the file is thrown away all the same
            self._container.close()
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()
