# SPDX-License-Identifier: GPL-3.0-or-later
"""Which engines there are. Nothing is imported until an engine is asked for.

Engines are listed in TOML, ``[engines]`` with ``name = "package.module:Class"`` or ``name = "folder/file.py:Class"`` (a
file is found relative to its list). Lists are read in this order and a later one wins: the built-in list,
``engines.toml`` in the user's Second Unit folder, and the file that the environment variable SECOND_UNIT_ENGINES names.
Every model of the diffusion catalogue is an engine as well, where no list has its name.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from attrs import evolve, frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.paths import home
from second_unit_protocol.results import EngineInfo

if TYPE_CHECKING:
    from .base import Engine
    from .diffusion.spec import ModelSpec

BUILT_IN = Path(__file__).with_name("builtin.toml")
ENVIRONMENT = "SECOND_UNIT_ENGINES"


@frozen
class Entry:
    """One line of a list: the engine's name, where its class is, and the list that says so."""

    name: str
    target: str
    source: Path


def infos() -> tuple[EngineInfo, ...]:
    """Every listed engine as a user chooses it; one that cannot be loaded is marked unavailable, with the reason."""
    found = []
    for entry in _entries().values():
        try:
            found.append(evolve(_load(entry).info, name=entry.name))
        except SecondUnitError as error:
            found.append(_unavailable(entry.name, error.info.cause))
    return (*found, *_models({info.name for info in found}))


def create(name: str) -> Engine:
    """A new engine. Raises SecondUnitError: NO_SUCH_ENGINE, or ENGINE_FAILED where its code cannot be loaded."""
    entries = _entries()
    if name in entries:
        return _load(entries[name])
    from .diffusion import catalogue
    from .diffusion.engine import DiffusionEngine

    if name in catalogue.names():
        return DiffusionEngine(catalogue.model(name))
    remedy = "Choose another engine; second-unit engines lists them"
    raise SecondUnitError(ErrorCode.NO_SUCH_ENGINE, f"This daemon knows no engine named {name}", remedy=remedy)


def models() -> list[ModelSpec]:
    """Described models that are engines; one that is described wrongly is not.

    Raises SecondUnitError(BAD_REQUEST) where a list cannot be read.
    """
    from .diffusion import catalogue

    taken = _entries()
    return [spec for spec in catalogue.described()[0] if spec.name not in taken]


def _models(taken: set[str]) -> Iterator[EngineInfo]:
    """Engines over described models. A list that cannot be read is shown in their place and breaks no other engine."""
    from .diffusion import catalogue
    from .diffusion.engine import info_of

    try:
        names = catalogue.names()
    except SecondUnitError as error:
        yield _unavailable("models", error.info.sentence())
        return
    for name in names:
        if name not in taken:
            try:
                yield info_of(catalogue.model(name))
            except SecondUnitError as error:
                yield _unavailable(name, error.info.sentence())


def _entries() -> dict[str, Entry]:
    lists = [BUILT_IN, home() / "engines.toml"]
    if extra := os.environ.get(ENVIRONMENT):
        lists.append(Path(extra))
    return {entry.name: entry for path in lists for entry in _read(path, required=path is BUILT_IN)}


def _read(path: Path, required: bool) -> list[Entry]:
    if not required and not path.is_file():
        return []
    try:
        table = tomllib.loads(path.read_text("utf-8")).get("engines", {})
        return [Entry(str(name), _target(target), path) for name, target in table.items()]
    except (OSError, ValueError, AttributeError) as error:
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST, f"The list of engines {path} cannot be read ({error})", remedy="Correct the file"
        ) from error


def _target(value: object) -> str:
    if not isinstance(value, str) or value.count(":") < 1:
        raise ValueError(f"{value!r} is not module:Class")
    return value


def _load(entry: Entry) -> Engine:
    module_name, _, class_name = entry.target.rpartition(":")
    try:
        module = _module(entry, module_name)
        return getattr(module, class_name)()
    except Exception as error:
        raise SecondUnitError(
            ErrorCode.ENGINE_FAILED, f"The engine {entry.name} cannot be loaded ({type(error).__name__}: {error})"
        ) from error


def _module(entry: Entry, name: str) -> ModuleType:
    if not name.endswith(".py"):
        return importlib.import_module(name)
    path = (entry.source.parent / name).resolve()
    key = f"second_unit_engine_{entry.name}"
    spec = importlib.util.spec_from_file_location(key, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[key] = module  # attrs and pickle look a class's module up there
    spec.loader.exec_module(module)
    return module


def _unavailable(name: str, reason: str) -> EngineInfo:
    return EngineInfo(
        name=name,
        label=name,
        description="",
        takes=(),
        needs=(),
        captures=(),
        licence="",
        available=False,
        unavailable_reason=reason,
    )
