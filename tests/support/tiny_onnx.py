# SPDX-License-Identifier: GPL-3.0-or-later
"""ONNX files of a few nodes, written by hand: the package onnx is nobody's dependency here.

Numbers of fields are those of onnx.proto3 (version 1.16); opset 13.
"""

from __future__ import annotations

from pathlib import Path

FLOAT, INT64 = 1, 7
PLANE = (1, 3, "h", "w")


def _number(value: int) -> bytes:
    out = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def _field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _number(number << 3) + _number(value)
    data = value.encode() if isinstance(value, str) else value
    return _number(number << 3 | 2) + _number(len(data)) + data


def _node(kind: str, inputs: tuple[str, ...], outputs: tuple[str, ...], axis: int | None = None) -> bytes:
    made = b"".join([*(_field(1, name) for name in inputs), *(_field(2, name) for name in outputs), _field(4, kind)])
    if axis is not None:
        made += _field(5, _field(1, "axis") + _field(3, axis) + _field(20, 2))  # an attribute: name, i, type INT
    return made


def _value(name: str, shape: tuple[int | str, ...]) -> bytes:
    sides = [_field(1, _field(1, side) if isinstance(side, int) else _field(2, side)) for side in shape]
    return _field(1, name) + _field(2, _field(1, _field(1, FLOAT) + _field(2, b"".join(sides))))


def _model(path: Path, nodes: list[bytes], inputs: list[bytes], sizes: bytes = b"") -> Path:
    graph = b"".join(_field(1, node) for node in nodes) + _field(2, "tiny") + sizes
    graph += b"".join(_field(11, told) for told in inputs) + _field(12, _value("made", PLANE))
    path.write_bytes(_field(1, 8) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 13)))
    return path


MIX = [
    _node("Sub", ("after", "before"), ("change",)),
    _node("Mul", ("change", "time"), ("part",)),
    _node("Add", ("before", "part"), ("made",)),
]


def mixing_in_one(path: Path) -> Path:
    """One input of seven channels: before + (after − before) · time."""
    sizes = _field(
        5, _field(1, 3) + _field(2, INT64) + b"".join(_field(7, size) for size in (3, 3, 1)) + _field(8, "n")
    )
    split = _node("Split", ("frames", "n"), ("before", "after", "time"), axis=1)
    return _model(path, [split, *MIX], [_value("frames", (1, 7, "h", "w"))], sizes)


def mixing_in_three(path: Path, time: tuple[int | str, ...] = (1,), picture: tuple[int | str, ...] = PLANE) -> Path:
    """The same of three inputs, the time first."""
    return _model(path, MIX, [_value("time", time), _value("before", picture), _value("after", picture)])


def sharpening(path: Path) -> Path:
    """A network that knows nothing of time: one picture in, itself out."""
    return _model(path, [_node("Identity", ("picture",), ("made",))], [_value("picture", PLANE)])
