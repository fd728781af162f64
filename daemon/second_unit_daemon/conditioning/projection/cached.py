# SPDX-License-Identifier: GPL-3.0-or-later
"""Where compiled kernels are kept, for those who must not load numba to know."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from second_unit_protocol.paths import home

from ...versions import installed

KERNELS_VARIABLE = "NUMBA_CACHE_DIR"
REHEARSED = "rehearsed"  # a file: every kernel that a shot needs has been compiled into this folder
REHEARSING = "rehearsing"  # a file beside it: locked by the process that is at it


@cache
def kernel_folder() -> Path | None:
    """A folder that can be written; None where there is none."""
    candidates = [Path(os.environ[KERNELS_VARIABLE])] if os.environ.get(KERNELS_VARIABLE) else []
    for folder in [place / _sources() for place in [*candidates, home() / "cache" / "numba"]]:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(b"\0" * 4096)
        except OSError:
            continue
        return folder
    return None


def compiled_before() -> bool:
    """Whether kernels of this version are kept from an earlier run, so that the first frame will not wait for them."""
    folder = kernel_folder()
    return folder is not None and any(folder.glob("projection[-_]*/*.nbi"))


class KernelLocator:
    """Tells numba where a function's compiled forms lie: by what its folder's modules say, not by where they are.

    So an update or another checkout with the same kernels compiles none of them again, and a kernel is compiled anew
    where a module beside it has changed, pieces of which it may have taken in. numba calls these by their names.
    """

    def __init__(self, module: Path, line: int):
        self._line = line
        self._stamp = _digest(module.parent)
        folder = kernel_folder()
        assert folder is not None, "numba is told to ask here only where there is a folder"
        self._folder = folder / f"{module.parent.name}-{self._stamp}"

    @classmethod
    def from_function(cls, function: Callable[..., object], file: str) -> KernelLocator | None:
        return cls(Path(file), function.__code__.co_firstlineno) if os.path.isfile(file) else None

    def ensure_cache_path(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)

    def get_cache_path(self) -> str:
        return str(self._folder)

    def get_source_stamp(self) -> str:
        return self._stamp

    def get_disambiguator(self) -> str:
        return str(self._line)


def _sources() -> str:
    """A digest of these modules and their compiler: kernels elsewhere take pieces of these in."""
    compiler = f"{installed('numba')} {sys.implementation.cache_tag}"
    return hashlib.sha256(f"{_digest(Path(__file__).parent)} {compiler}".encode()).hexdigest()[:16]


@cache
def _digest(folder: Path) -> str:
    """Of the modules in a folder."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()[:16]
