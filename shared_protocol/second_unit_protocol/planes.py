# SPDX-License-Identifier: GPL-3.0-or-later
"""Lossless packing of captured planes, with the standard library alone, fast enough to run beside a capture.

A packed plane is ``b"SUP1"``, a little-endian uint32 header length, a msgpack header (kind, dtype, shape) and the zlib
stream of the byte-shuffled samples. Byte shuffling groups bytes of equal significance, as HDF5's
shuffle filter does; numbers of neighbouring pixels then differ in few bytes. Groups that hardly shrink (a depth's last
bits, a picture's grain) are stored inside that stream as they are: they cost most of the time on both sides.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import cast

from .errors import ErrorCode, SecondUnitError

MAGIC = b"SUP1"
ITEM_BYTES = {"|u1": 1, "<u2": 2, "<u4": 4, "<f4": 4, "<f8": 8}
MAX_PLANE_BYTES = 1 << 30
WORTHWHILE = 0.6  # what is left of a group of bytes, at most, for it to be compressed
_PIECES, _PIECE_BYTES = 8, 4096  # of a group, that are tried
_STREAM_START, _STREAM_END = b"\x78\x01", b"\x03\x00"  # zlib's header; an empty last block


def pack_plane(samples: bytes | memoryview, dtype: str, shape: tuple[int, ...], level: int = 1) -> bytes:
    """Packs C-ordered little-endian ``samples``; ``dtype`` is one of ITEM_BYTES."""
    raw, stride = bytes(samples), lane_count(dtype, shape)
    return pack_lanes([raw[i::stride] for i in range(stride)] if stride > 1 else [raw], dtype, shape, level)


def lane_count(dtype: str, shape: tuple[int, ...]) -> int:
    """Lanes of a plane: every how many bytes one of the same kind comes. Interleaved channels part like a number's."""
    return shape[-1] if len(shape) == 3 else ITEM_BYTES[dtype]


def pack_lanes(lanes: Sequence[bytes | memoryview], dtype: str, shape: tuple[int, ...], level: int = 1) -> bytes:
    """The same for callers that have a faster way to part them: byte i of lane j is byte ``i * lanes + j``."""
    import msgpack  # not with this module: shot.py has it imported whenever Blender starts

    size, expected = sum(map(len, lanes)), ITEM_BYTES[dtype]
    for side in shape:
        expected *= side
    if size != expected:
        raise ValueError(f"{size} bytes do not fill {shape} of {dtype}")
    header = cast(bytes, msgpack.packb({"dtype": dtype, "shape": list(shape), "stride": lane_count(dtype, shape)}))
    return MAGIC + struct.pack("<I", len(header)) + header + _compressed(lanes, level)


def _compressed(lanes: Sequence[bytes | memoryview], level: int) -> bytes:
    """One zlib stream of all lanes, each at a level of its own."""
    parts, check = [_STREAM_START], zlib.adler32(b"")
    for lane in lanes:
        deflate = zlib.compressobj(level if _shrinks(lane) else 0, zlib.DEFLATED, -zlib.MAX_WBITS)
        parts += deflate.compress(lane), deflate.flush(zlib.Z_FULL_FLUSH)  # ends at a whole byte, and not the stream
        check = zlib.adler32(lane, check)
    return b"".join([*parts, _STREAM_END, struct.pack(">I", check)])


def _shrinks(lane: bytes | memoryview) -> bool:
    """Whether compressing is worth its time, by a few pieces."""
    step = len(lane) // _PIECES
    if step <= _PIECE_BYTES:
        return True
    pieces = b"".join(lane[i * step : i * step + _PIECE_BYTES] for i in range(_PIECES))
    return len(zlib.compress(pieces, 1)) <= WORTHWHILE * len(pieces)


def unpack_plane(packed: bytes | memoryview) -> tuple[bytearray, str, tuple[int, ...]]:
    """Returns (samples, dtype, shape). Raises SecondUnitError(BLOB_CORRUPT) for what pack_plane did not make."""
    shuffled, stride, dtype, shape = unpack_lanes(packed)
    if stride == 1:
        return bytearray(shuffled), dtype, shape
    samples = bytearray(len(shuffled))
    lane = len(shuffled) // stride
    for i in range(stride):
        samples[i::stride] = shuffled[i * lane : (i + 1) * lane]
    return samples, dtype, shape


def unpack_lanes(packed: bytes | memoryview) -> tuple[bytes, int, str, tuple[int, ...]]:
    """Returns (shuffled bytes, how many lanes they are, dtype, shape) for callers that have a faster way to mix them.

    Byte i of lane j is byte ``i * lanes + j`` of the samples. Raises SecondUnitError(BLOB_CORRUPT).
    """
    import msgpack

    view = memoryview(packed)
    try:
        if bytes(view[:4]) != MAGIC:
            raise ValueError("not a packed plane")
        (header_bytes,) = struct.unpack("<I", view[4:8])
        header = msgpack.unpackb(view[8 : 8 + header_bytes])
        dtype, shape, stride = header["dtype"], tuple(header["shape"]), header["stride"]
        size = ITEM_BYTES[dtype]
        for side in shape:
            if not isinstance(side, int) or side < 0:
                raise ValueError("bad shape")
            size *= side
        if size > MAX_PLANE_BYTES or not isinstance(stride, int) or not 1 <= stride <= 64:
            raise ValueError("bad header")
        inflate = zlib.decompressobj()
        shuffled = inflate.decompress(view[8 + header_bytes :], size + 1)
        if len(shuffled) != size or size % stride:
            raise ValueError(f"{len(shuffled)} bytes where {size} belong")
    except (ValueError, KeyError, TypeError, struct.error, zlib.error, msgpack.UnpackException) as error:
        raise SecondUnitError(ErrorCode.BLOB_CORRUPT, f"A captured plane cannot be read ({error})") from error
    return shuffled, stride, dtype, shape
