# SPDX-License-Identifier: GPL-3.0-or-later
"""Just enough picture files for capture: a PNG writer, a raw Targa reader, and a picture's size from its header."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
PLAIN = {"png", "jpeg", "webp"}  # what the daemon reads as it is
_JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def write_png(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG of (H, W, 3) sRGB, row 0 at the top (W3C PNG specification; rows carry filter 0)."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"sRGB", b"\0"), (b"IDAT", zlib.compress(rows.tobytes(), 3)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return PNG_MAGIC + body


def read_targa(data: bytes) -> NDArray[np.uint8]:
    """(H, W, 3) from an uncompressed true-colour Targa (TGA 2.0, image type 2). Raises ValueError for another."""
    skip, _, kind, _, _, _, _, _, width, height, bits, layout = struct.unpack("<BBBHHBHHHHBB", data[:18])
    if kind != 2 or bits not in (24, 32):
        raise ValueError(f"not an uncompressed true-colour Targa: type {kind}, {bits} bits")
    depth = bits // 8
    pixels = np.frombuffer(data, np.uint8, width * height * depth, 18 + skip).reshape(height, width, depth)
    if not layout & 0x20:  # stored from the bottom up
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels[..., 2::-1])


def kind_of(head: bytes) -> str:
    """ "png", "jpeg", "webp", or "" for anything else, from a file's first bytes."""
    if head.startswith(PNG_MAGIC):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return ""


def size_of(path: Path) -> tuple[int, int] | None:
    """(width, height) of a PNG or JPEG from its header; None where the file is neither. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(32)
        if kind_of(head) == "png":
            width, height = struct.unpack(">II", head[16:24])
            return width, height
        if kind_of(head) != "jpeg":
            return None
        file.seek(2)
        while True:
            marker = file.read(4)
            if len(marker) < 4 or marker[0] != 0xFF:
                return None
            (length,) = struct.unpack(">H", marker[2:])
            if marker[1] in _JPEG_FRAMES:
                height, width = struct.unpack(">HH", file.read(5)[1:])
                return width, height
            file.seek(length - 2, 1)


def image_data(png: bytes) -> bytes:
    """The compressed pixels of a PNG, without what is written beside them (time, frame, software)."""
    found, at = b"", len(PNG_MAGIC)
    while at + 8 <= len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        found += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += 12 + length
    return found
