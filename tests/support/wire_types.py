# SPDX-License-Identifier: GPL-3.0-or-later
"""What every message and structure of the protocol looks like on the wire, in the words of docs/protocol.md."""

from __future__ import annotations

import types
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
from second_unit_protocol.messages import MESSAGES, Header, kind_of
from second_unit_protocol.shot import Scalar

WORDS = {str: "text", int: "integer", float: "number", bool: "boolean", bytes: "bytes"}

Row = tuple[str, str, str]  # field, type, "required" or its default


def wire_type(annotation: Any) -> str:
    """The type of a field: ``list of blob-ref``, ``text or nil`` …"""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation == Scalar:
        return "scalar"
    if origin is tuple:
        return f"list of {wire_type(arguments[0])}"
    if origin is dict:
        return f"map of {wire_type(arguments[1])}"
    if origin in (Union, types.UnionType):
        named = [wire_type(a) for a in arguments if a is not type(None)]
        return " or ".join([*named, "nil"])
    return WORDS.get(annotation) or kind_of(annotation)


def rows(cls: type) -> list[Row]:
    """One row a field, in order."""
    hints = get_type_hints(cls)
    return [(field.name, wire_type(hints[field.name]), _default(field)) for field in attrs.fields(cls)]


def structures() -> tuple[dict[str, type], dict[str, type[Enum]]]:
    """(structures, enums) that messages are made of, by name; found by following the messages' fields."""
    classes: dict[str, type] = {}
    enums: dict[str, type[Enum]] = {}
    todo: list[Any] = [Header, *MESSAGES]
    while todo:
        annotation = todo.pop()
        if isinstance(annotation, type) and issubclass(annotation, Enum):
            enums[kind_of(annotation)] = annotation
        elif attrs.has(annotation):
            name = kind_of(annotation)
            if name not in classes:
                classes[name] = annotation
                todo += get_type_hints(annotation).values()
        else:
            todo += [a for a in get_args(annotation) if a is not annotation]
    for cls in MESSAGES:
        del classes[kind_of(cls)]
    return classes, enums


def _default(field: attrs.Attribute) -> str:
    default = field.default
    if default is attrs.NOTHING:
        return "required"
    if isinstance(default, attrs.Factory):
        default = default.factory()
    if default is None:
        return "nil"
    if isinstance(default, Enum):
        return f"`{default.value}`"
    if default == () or default == {}:
        return "empty"
    if attrs.has(type(default)):
        return "its defaults"
    return '`""`' if default == "" else f"`{str(default).lower() if isinstance(default, bool) else default}`"
