# SPDX-License-Identifier: GPL-3.0-or-later
"""Every model that is described: built-in lists, then the user's; a later description of a name wins.

Lists are TOML with a table ``[models.NAME]`` each: those in ``models/`` beside this file, ``models.toml`` in the user's
Second Unit folder, and the file that the environment variable SECOND_UNIT_MODELS names. ``like = "OTHER"`` takes over
whatever is not said; so a folder on this disk becomes a model with two lines.
"""

from __future__ import annotations

import os
import tomllib
from collections import ChainMap
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from attrs import field, fields, frozen
from cattrs import Converter, transform_error
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate
from second_unit_protocol.paths import home

from .spec import DraftLora, Effort, FrameRule, Licence, ModelSpec, Part, Shape

BUILT_IN = Path(__file__).with_name("models")
ENVIRONMENT = "SECOND_UNIT_MODELS"
OWN_PLACE = ("repository", "revision", "folder")  # one of them said anew replaces all three
MISSING = "is missing"
LISTED = tuple(f.name for f in fields(ModelSpec) if f.name not in ("name", "source"))


@frozen
class Described:
    """One table of a list, before it is read."""

    name: str
    source: Path
    table: dict[str, Any]
    around: Mapping[str, Described] = field(eq=False, repr=False)  # what ``like`` may name: its list and earlier ones


def lists() -> list[Path]:
    """The files that are read, in order."""
    found = [*sorted(BUILT_IN.glob("*.toml")), home() / "models.toml"]
    if extra := os.environ.get(ENVIRONMENT):
        found.append(Path(extra))
    return [path for path in found if path.is_file()]


def names() -> tuple[str, ...]:
    """Names of every described model. Raises SecondUnitError(BAD_REQUEST) where a list cannot be read."""
    return tuple(_described(_state()))


def described() -> tuple[list[ModelSpec], list[SecondUnitError]]:
    """(every model that is described rightly, what is wrong with each of the others).

    Raises SecondUnitError(BAD_REQUEST) where a list cannot be read.
    """
    right, wrong, state = [], [], _state()
    for name in _described(state):
        try:
            right.append(_model(name, state))
        except SecondUnitError as error:
            wrong.append(error)
    return right, wrong


def model(name: str) -> ModelSpec:
    """One model. Raises SecondUnitError: NO_SUCH_ENGINE, or BAD_REQUEST naming the list and the word that is wrong."""
    return _model(name, _state())


def _state() -> tuple[tuple[Path, int, int], ...]:
    """The lists as they are now: what was read of them holds until one changes."""
    stats = [(path, path.stat()) for path in lists()]
    return tuple((path, stat.st_mtime_ns, stat.st_size) for path, stat in stats)


@lru_cache(maxsize=256)
def _model(name: str, state: tuple[tuple[Path, int, int], ...]) -> ModelSpec:
    described = _described(state)
    if name not in described:
        near = get_close_matches(name, described, n=1)
        remedy = f"{f'Did you mean {near[0]}? ' if near else ''}second-unit models list shows every one"
        raise SecondUnitError(ErrorCode.NO_SUCH_ENGINE, f"There is no model named {name}", remedy=remedy)
    found = described[name]
    table = _whole(found, ())
    if unknown := sorted(set(table) - set(LISTED)):
        raise _wrong(found, f"it has no setting {unknown[0]}; there are {', '.join(LISTED)}")
    try:
        return _converter(found.source).structure({**table, "name": name, "source": str(found.source)}, ModelSpec)
    except Exception as error:
        faults = transform_error(error, path="", format_exception=_words)
        raise _wrong(found, "; ".join(map(_fault, faults))) from error


@lru_cache(maxsize=2)
def _described(state: tuple[tuple[Path, int, int], ...]) -> dict[str, Described]:
    found: dict[str, Described] = {}
    for path, _, _ in state:
        try:
            tables = tomllib.loads(path.read_text("utf-8")).get("models", {})
            copies = {name: dict(table) for name, table in tables.items()}
        except (OSError, ValueError, AttributeError) as error:
            raise SecondUnitError(
                ErrorCode.BAD_REQUEST, f"The list of models {path} cannot be read ({error})", remedy="Correct the file"
            ) from error
        found = found | _of_one_list(path, copies, found)
    return found


def _of_one_list(path: Path, tables: dict[str, dict[str, Any]], before: dict[str, Described]) -> dict[str, Described]:
    """A model that is like one of its own name means the earlier one."""
    here: dict[str, Described] = {}
    for name, table in tables.items():
        others: Mapping[str, Described] = ChainMap({}, before) if table.get("like") == name else ChainMap(here, before)
        here[name] = Described(name, path, table, others)
    return here


def _whole(described: Described, seen: tuple[tuple[str, Path], ...]) -> dict[str, Any]:
    """The table with what it takes over from the one that it is like."""
    table = dict(described.table)
    like = table.pop("like", None)
    if like is None:
        return table
    if like not in described.around:
        raise _wrong(described, f"it is like {like!r}, which is not there")
    here = (described.name, described.source)
    if here in seen:
        raise _wrong(described, f"it is like {like!r}, which is like it")
    base = _whole(described.around[like], (*seen, here))
    if any(word in table for word in OWN_PLACE):
        base = {word: value for word, value in base.items() if word not in OWN_PLACE}
    if table.get("distilled"):
        base.pop("draft_lora", None)  # few steps are its own way; the LoRA is made for what it was distilled from
    return base | table


def _wrong(described: Described, cause: str) -> SecondUnitError:
    text = f"The model {described.name} in {described.source} is described wrongly: {cause}"
    return SecondUnitError(ErrorCode.BAD_REQUEST, text, remedy="Correct the file")


def _words(fault: BaseException, _: type | None) -> str:
    """A word that is missing is a KeyError; attrs' validators end their sentence with objects of theirs."""
    if isinstance(fault, KeyError):
        return MISSING
    if isinstance(fault, ForbiddenExtraKeysError):
        return f"there is no {' and no '.join(sorted(fault.extra_fields))} in it"
    return str(fault.args[0]) if fault.args else str(fault)


def _fault(told: str) -> str:
    """cattrs says "… @ .shape.hidden"."""
    what, _, where = told.rpartition(" @ ")
    word = where.strip(".")
    return f"{word} {what}" if what == MISSING else f"{word}: {what}" if word else what


def _converter(source: Path) -> Converter:
    """Strict, but for numbers that TOML writes without a point; folders are relative to their list."""
    converter = Converter(detailed_validation=True, forbid_extra_keys=True)
    converter.register_structure_hook(int, _exactly(int))
    converter.register_structure_hook(float, lambda value, _: float(_exactly(int, float)(value, float)))
    converter.register_structure_hook(str, _exactly(str))
    converter.register_structure_hook(bool, _exactly(bool))
    converter.register_structure_hook(Path, lambda value, _: (source.parent / Path(value).expanduser()).resolve())
    converter.register_structure_hook(Rate, lambda value, _: Rate.of(value))
    converter.register_structure_hook(FrameRule, lambda value, _: FrameRule(value))
    converter.register_structure_hook_func(lambda a: a == str | int | float | bool, lambda value, _: value)
    for cls in (Licence, Effort, Part, Shape, DraftLora, ModelSpec):
        hook = make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True)
        converter.register_structure_hook(cls, hook)
    return converter


def _exactly(*types: type):
    def structure(value: Any, _: Any) -> Any:
        if type(value) not in types:
            raise ValueError(f"{value!r} is not {' or '.join(t.__name__ for t in types)}")
        return value

    return structure
