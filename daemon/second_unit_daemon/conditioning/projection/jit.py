# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiled loops: numba with a cache that works wherever the daemon runs, and rows shared among threads.

Kernels release the interpreter lock and each writes only its own rows, so plain threads share a frame. That needs none
of numba's threading layers (one of them ends the process when two threads enter it) and compiles faster.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numba

from .cached import KernelLocator, kernel_folder

FEW_ROWS = 64  # of a frame: sharing it out takes longer than the work
FAST = {"contract", "reassoc", "nsz", "arcp"}  # infinities stay meaningful: nothing is +inf metres away


@cache
def _cache_works() -> bool:
    """Points numba at the folder; False where there is none, and kernels compile at every start."""
    folder = kernel_folder()
    if folder is not None:
        locator = f"{KernelLocator.__module__}.{KernelLocator.__qualname__}"
        setattr(numba.config, "CACHE_LOCATOR_CLASSES", locator)  # noqa: B010 # pyright: ignore[reportPrivateImportUsage]
        setattr(numba.config, "CACHE_DIR", str(folder))  # noqa: B010 # pyright: ignore[reportPrivateImportUsage]
    return folder is not None


# Wrappers for other callers would be compiled with every function, and they are many.
_ALIKE = {"fastmath": FAST, "error_model": "numpy", "no_cfunc_wrapper": True}
_PIECE = {**_ALIKE, "no_cpython_wrapper": True}  # for kernels alone to call


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiles ``function`` at its first call, without the interpreter lock."""
    return numba.njit(cache=_cache_works(), nogil=True, **_ALIKE)(function)


def exact_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel whose sums are rounded as they are written: for figures that must not depend on the processor."""
    return numba.njit(cache=_cache_works(), nogil=True, error_model="numpy")(function)


def inline(function: Callable[..., Any]) -> Callable[..., Any]:
    """A piece of a kernel, never called from elsewhere."""
    return numba.njit(cache=_cache_works(), forceinline=True, **_PIECE)(function)


def part(function: Callable[..., Any]) -> Callable[..., Any]:
    """A part of a kernel that stays a function of its own, so that it leaves the loop around it its registers."""
    return numba.njit(cache=_cache_works(), nogil=True, **_PIECE)(function)


def thread_count() -> int:
    """Threads to share a frame among: the processors that this process may use, at most eight."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(available, 8))


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_count(), thread_name_prefix="projection")


def over_rows(run: Callable[..., Any], rows: int, *arguments: Any) -> list[Any]:
    """Calls ``run(first_row, end_row, *arguments)`` for bands that cover ``rows``; results in order of the bands."""
    if rows <= FEW_ROWS:
        return [run(0, rows, *arguments)]
    bands = min(rows, 4 * thread_count())
    edges = [rows * i // bands for i in range(bands + 1)]
    pending = [_pool().submit(run, edges[i], edges[i + 1], *arguments) for i in range(bands)]
    return [done.result() for done in pending]
