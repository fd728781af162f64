# SPDX-License-Identifier: GPL-3.0-or-later
"""Where compiled kernels are kept, for those who must not load numba to know."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from functools import cache
from pathlib import Path

from second_unit_protocol.paths import home

from ...versions import installed

KERNELS_VARIABLE = "NUMBA_CACHE_DIR"
REHEARSED = "rehearsed"  # a file: every kernel that a shot needs has been compiled into this folder


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
    return folder is not None and any(folder.glob("projection_*/*.nbi"))


def _sources() -> str:
    """A digest of these modules and their compiler: numba looks for changes in a function's own file, not in those of
    what it inlines."""
    texts = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    compiler = f"{installed('numba')} {sys.implementation.cache_tag}".encode()
    return hashlib.sha256(b"".join([*texts, compiler])).hexdigest()[:16]
