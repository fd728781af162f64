# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules at their first use: Blender's start waits for what it registers, and for nothing that only a press needs.

A package whose modules may wait says so in one line, ``__getattr__ = later.modules(__name__, "cameras", "facts")``.
``from ..scene import cameras`` then gives something that becomes the module when it is asked for anything, while
``from ..scene.cameras import bound_camera`` imports it at once, as ever. Where all is wanted (a thread does that once
Blender is up), :func:`load` imports what has been put off.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType


class Log:
    """The logger of that name; logging itself is imported when there is something to say."""

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, method: str) -> Callable[..., None]:
        import logging

        return getattr(logging.getLogger(self._name), method)


_promised: dict[str, _Later] = {}


class _Later(ModuleType):
    """Stands for a module, for those who imported it before it was there."""

    def __getattr__(self, name: str) -> object:
        module = self.__dict__.get("_module")
        if module is None:
            module = self.__dict__["_module"] = importlib.import_module(self.__name__)
        return getattr(module, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(importlib.import_module(self.__name__), name, value)


def modules(package: str, *names: str) -> Callable[[str], ModuleType]:
    """The ``__getattr__`` of a package whose modules of those ``names`` are imported at their first use."""

    def attribute(name: str) -> ModuleType:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        full = f"{package}.{name}"
        return _promised.setdefault(full, _Later(full))

    return attribute


def used(module: ModuleType) -> bool:
    """Whether it has been imported, so that there is something in it to tidy up."""
    return module.__name__ in sys.modules


def clear(*those: ModuleType) -> None:
    """Calls each module's ``clear``, of those that are in use."""
    for module in filter(used, those):
        module.clear()


def load() -> None:
    """Imports every module that has been put off, and those that they put off."""
    while waiting := [name for name in list(_promised) if name not in sys.modules]:
        for name in waiting:
            importlib.import_module(name)


class _Beside:
    """Finds a module of this extension in its package's folder, the only place where it can be. Going through all
    finders, and listing folders, takes a tenth of the time in which the extension is enabled."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        if path is None or not name.startswith(f"{__package__}."):
            return None
        base = os.path.join(path[0], name.rpartition(".")[2])
        for file, is_package in ((f"{base}.py", False), (os.path.join(base, "__init__.py"), True)):
            if os.path.exists(file):
                spec = ModuleSpec(name, SourceFileLoader(name, file), origin=file, is_package=is_package)
                spec.has_location = True
                if spec.submodule_search_locations is not None:
                    spec.submodule_search_locations.append(base)
                return spec
        return None


@contextmanager
def starting() -> Iterator[None]:
    """For a stretch that imports and makes much and drops nothing. Modules are found without a search. Python does not
    look for garbage meanwhile, nor at once after it, and so not through all that Blender and other add-ons have made
    either: what there is then counts as old."""
    collects = gc.isenabled()
    gc.disable()
    sys.meta_path.insert(0, _Beside)
    try:
        yield
    finally:
        sys.meta_path.remove(_Beside)
        gc.freeze()  # and back: both only move lists, and the count of what is new starts again
        gc.unfreeze()
        if collects:
            gc.enable()
