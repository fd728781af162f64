# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain values (what msgpack knows) to attrs classes and back, strictly: nothing is converted, guessed or ignored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn

from .errors import ErrorInfo
from .messages import MAX_ITEMS, MAX_TEXT, ErrorReply, Hello
from .shot import Scalar

# Both sides must be able to read these whatever their versions, so fields that a newer version adds are passed over.
READ_BY_ALL_VERSIONS = (Hello, ErrorReply, ErrorInfo)

Hook = Callable[[Any, Any], Any]


def _exactly(*types: type) -> Hook:
    names = " or ".join(t.__name__ for t in types)

    def structure(value: Any, _: Any) -> Any:
        if type(value) not in types:
            raise TypeError(f"{names} expected, not {type(value).__name__}")
        return value

    return structure


_dict = _exactly(dict)
_list = _exactly(list)
_str = _exactly(str)
_scalar = _exactly(str, int, float, bool)
_number = _exactly(int, float)


def _structure_text(value: Any, kind: type[str]) -> str:
    """``kind`` is str or one of its enums: cattrs looks hooks up by class, and a StrEnum is a str."""
    if len(_str(value, str)) > MAX_TEXT:
        raise ValueError(f"text of {len(value)} characters, where {MAX_TEXT} are allowed")
    return value if kind is str else kind(value)


def _structure_scalar(value: Any, _: Any) -> Any:
    return _structure_text(value, str) if type(value) is str else _scalar(value, Scalar)


def _structure_float(value: Any, _: Any) -> float:
    return float(_number(value, float))


def _counted(value: list[Any] | dict[str, Any]) -> None:
    if len(value) > MAX_ITEMS:
        raise ValueError(f"{len(value)} entries, where {MAX_ITEMS} are allowed")


def _is_tuple(annotation: Any) -> bool:
    return get_origin(annotation) is tuple


def _is_dict(annotation: Any) -> bool:
    return get_origin(annotation) is dict


def _tuple_hook(annotation: Any, converter: Converter) -> Hook:
    element = get_args(annotation)[0]
    hook = converter.get_structure_hook(element)

    def structure(value: Any, _: Any) -> tuple[Any, ...]:
        _counted(_list(value, list))
        return tuple(hook(item, element) for item in value)

    return structure


def _dict_hook(annotation: Any, converter: Converter) -> Hook:
    element = get_args(annotation)[1]
    hook = converter.get_structure_hook(element)

    def structure(value: Any, _: Any) -> dict[str, Any]:
        _counted(_dict(value, dict))
        return {_structure_text(name, str): hook(item, element) for name, item in value.items()}

    return structure


def _class_hook(cls: type, converter: Converter) -> Hook:
    hook = make_dict_structure_fn(
        cls, converter, _cattrs_forbid_extra_keys=cls not in READ_BY_ALL_VERSIONS, _cattrs_detailed_validation=True
    )

    def structure(value: Any, annotation: Any) -> Any:
        return hook(_dict(value, dict), annotation)

    return structure


def make_converter() -> Converter:
    """A converter for every message and for what messages are made of."""
    converter = Converter(detailed_validation=True)
    converter.register_structure_hook(int, _exactly(int))
    converter.register_structure_hook(float, _structure_float)
    converter.register_structure_hook(str, _structure_text)
    converter.register_structure_hook(bool, _exactly(bool))
    converter.register_structure_hook(bytes, _exactly(bytes))
    converter.register_structure_hook_func(lambda a: a == Scalar, _structure_scalar)
    converter.register_structure_hook_factory(_is_tuple, _tuple_hook)
    converter.register_structure_hook_factory(_is_dict, _dict_hook)
    converter.register_structure_hook_factory(attrs.has, _class_hook)
    return converter
