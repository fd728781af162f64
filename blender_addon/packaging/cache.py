# SPDX-License-Identifier: GPL-3.0-or-later
"""Where fetched and built things are kept between runs: outside the checkout, so that a clean clone stays clean."""

from __future__ import annotations

import os
import sys
from pathlib import Path

CACHE_VARIABLE = "SECOND_UNIT_CACHE"


def cache_folder(*parts: str) -> Path:
    """A folder of the cache, made if need be: ``$SECOND_UNIT_CACHE``, else the user's cache folder."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        base = Path(chosen)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "second-unit" / "cache"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches" / "second-unit"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "second-unit"
    folder = base.joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
