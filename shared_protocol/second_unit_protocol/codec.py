# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages to ZeroMQ frames and back.

A message is two frames, header and body, each a msgpack map; ``PutChunk`` and ``Chunk`` have a third, the raw bytes.
Whatever arrives, :func:`decode` either returns a valid message or raises :class:`DecodeError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, cast

import msgpack
from cattrs import BaseValidationError, transform_error

from .errors import ErrorCode, SecondUnitError
from .messages import (
    BY_KIND,
    CHUNK_BYTES,
    MAX_HEADER_BYTES,
    MAX_ITEMS,
    MAX_MESSAGE_BYTES,
    MAX_TEXT,
    Chunk,
    Header,
    PutChunk,
    kind_of,
)
from .structure import make_converter

Buffer = bytes | memoryview
T = TypeVar("T")

WITH_PAYLOAD = (PutChunk, Chunk)
_SHOWN_FAULTS = 3

_converter = make_converter()


def prepare() -> None:
    """Makes ready what reads and writes each message; else the first message of a kind takes milliseconds more."""
    for cls in BY_KIND.values():
        _converter.get_structure_hook(cls)
        _converter.get_unstructure_hook(cls)


class DecodeError(SecondUnitError):
    """What arrived is not a valid message. ``header`` is set where it could be read, so that a reply can name it."""

    def __init__(self, code: ErrorCode, cause: str, header: Header | None = None):
        super().__init__(code, cause)
        self.header = header


def encode(header: Header, message: object, payload: Buffer | None = None) -> list[Buffer]:
    """The frames of one message. Raises SecondUnitError(TOO_LARGE) beyond MAX_MESSAGE_BYTES."""
    if (payload is not None) != isinstance(message, WITH_PAYLOAD):
        raise TypeError(f"{header.kind} carries {'a' if payload is None else 'no'} payload")
    body = pack(message)
    if len(body) > MAX_MESSAGE_BYTES:
        cause = f"A {header.kind} message of {len(body)} bytes is larger than the {MAX_MESSAGE_BYTES} that are allowed"
        raise SecondUnitError(ErrorCode.TOO_LARGE, cause)
    frames: list[Buffer] = [pack(header), body]
    if payload is not None:
        frames.append(payload)
    return frames


def decode(frames: Sequence[Buffer]) -> tuple[Header, object, Buffer | None]:
    """Header, message and payload of one message's frames. Raises DecodeError, and nothing else."""
    if len(frames) not in (2, 3):
        raise DecodeError(ErrorCode.BAD_MESSAGE, f"A message has 2 or 3 frames, not {len(frames)}")
    if len(frames[0]) > MAX_HEADER_BYTES:
        raise DecodeError(ErrorCode.TOO_LARGE, f"A header has at most {MAX_HEADER_BYTES} bytes, not {len(frames[0])}")
    header = _read(Header, frames[0], None)
    cls = BY_KIND.get(header.kind)
    if cls is None:
        raise DecodeError(ErrorCode.UNKNOWN_KIND, f"There is no message called {header.kind!r}", header)
    if len(frames[1]) > MAX_MESSAGE_BYTES:
        cause = f"A message has at most {MAX_MESSAGE_BYTES} bytes, not {len(frames[1])}"
        raise DecodeError(ErrorCode.TOO_LARGE, cause, header)
    payload = frames[2] if len(frames) == 3 else None
    if (payload is not None) != (cls in WITH_PAYLOAD):
        raise DecodeError(ErrorCode.BAD_MESSAGE, f"{header.kind} does not have {len(frames)} frames", header)
    if payload is not None and len(payload) > CHUNK_BYTES:
        cause = f"A chunk has at most {CHUNK_BYTES} bytes, not {len(payload)}"
        raise DecodeError(ErrorCode.TOO_LARGE, cause, header)
    return header, _read(cls, frames[1], header), payload


def header_of(message: object, id: str, parent: str = "", **more: Any) -> Header:
    """The header that belongs to a message."""
    return Header(kind_of(type(message)), id, parent, **more)


def pack(value: object) -> bytes:
    """One attrs object as msgpack, for a frame or a database row. What is not Unicode in a text becomes '?'."""
    return cast(bytes, msgpack.packb(_converter.unstructure(value), unicode_errors="replace"))


def unpack(cls: type[T], packed: Buffer) -> T:
    """What :func:`pack` packed. Raises SecondUnitError(BAD_MESSAGE)."""
    return _read(cls, packed, None)


def _read(cls: type[T], packed: Buffer, header: Header | None) -> T:
    name = kind_of(cls)
    try:
        plain = msgpack.unpackb(
            packed,
            max_str_len=4 * MAX_TEXT,  # in bytes of UTF-8
            max_bin_len=MAX_MESSAGE_BYTES,
            max_array_len=MAX_ITEMS,
            max_map_len=MAX_ITEMS,
            max_ext_len=0,
        )
        return _converter.structure(plain, cls)
    except BaseValidationError as error:
        faults = transform_error(error, path=name)
        cause = f"{name} is not valid: {'; '.join(faults[:_SHOWN_FAULTS])}"
    except (ValueError, TypeError, OverflowError, RecursionError, msgpack.UnpackException) as error:
        cause = f"{name} cannot be read ({error})"
    raise DecodeError(ErrorCode.BAD_MESSAGE, cause[:500], header)
