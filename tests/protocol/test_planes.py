# SPDX-License-Identifier: GPL-3.0-or-later
"""Packed planes: nothing is lost, whatever shrinks is shrunk, and what does not costs nobody time."""

from __future__ import annotations

import random
import struct
import zlib

import pytest
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.planes import pack_plane, unpack_lanes, unpack_plane

SIDE = 256


def smooth_depth() -> bytes:
    """Numbers whose upper bytes hardly change along a row and whose last byte looks like noise."""
    return struct.pack(f"<{SIDE * SIDE}f", *(1.0 + 1e-4 * (i % SIDE) + 1e-7 * (i * 7919 % 997) for i in range(SIDE**2)))


@pytest.mark.parametrize(
    ("dtype", "shape", "samples"),
    [
        ("<f4", (SIDE, SIDE), smooth_depth()),
        ("<u2", (SIDE, SIDE), b"\x01\x00" * SIDE**2),
        ("|u1", (SIDE, SIDE, 3), random.Random(1).randbytes(3 * SIDE**2)),
        ("|u1", (3, 5), bytes(range(15))),
        ("<f8", (2, 2, 1), bytes(range(32))),
        ("<f4", (0, 4), b""),
    ],
)
def test_a_plane_comes_back_as_it_was(dtype, shape, samples):
    assert unpack_plane(pack_plane(samples, dtype, shape)) == (bytearray(samples), dtype, shape)


def test_the_stream_is_one_that_any_zlib_reads():
    packed = pack_plane(smooth_depth(), "<f4", (SIDE, SIDE))
    start = 8 + struct.unpack("<I", packed[4:8])[0]
    lanes, count, *_ = unpack_lanes(packed)
    assert count == 4
    assert zlib.decompress(packed[start:]) == lanes == b"".join(smooth_depth()[i::4] for i in range(4))


def test_lanes_that_shrink_are_compressed_and_noise_is_stored():
    noise = random.Random(2).randbytes(SIDE**2)
    lanes = [noise, bytes(SIDE**2), bytes(SIDE**2)]
    mixed = bytes(byte for texel in zip(*lanes, strict=True) for byte in texel)
    packed = pack_plane(mixed, "|u1", (SIDE, SIDE, 3))
    assert len(noise) < len(packed) < 1.02 * len(noise)
    assert noise[: SIDE * 100] in packed, "noise lies in the stream as it is"


def test_a_damaged_plane_is_told():
    packed = bytearray(pack_plane(random.Random(3).randbytes(SIDE**2), "|u1", (SIDE, SIDE)))
    packed[len(packed) // 2] ^= 1
    with pytest.raises(SecondUnitError) as caught:
        unpack_plane(packed)
    assert caught.value.code is ErrorCode.BLOB_CORRUPT
