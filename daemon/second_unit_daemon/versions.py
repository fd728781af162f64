# SPDX-License-Identifier: GPL-3.0-or-later
"""Which versions of the packages that matter are installed; asked without importing any of them."""

from __future__ import annotations

from functools import cache
from importlib import metadata

BASE = (
    "attrs",
    "av",
    "cattrs",
    "msgpack",
    "numba",
    "numpy",
    "opencv-python-headless",
    "platformdirs",
    "psutil",
    "pyzmq",
)
OPTIONAL = ("torch", "diffusers", "transformers", "accelerate", "bitsandbytes", "gguf", "torchao", "ray")


@cache
def packages() -> dict[str, str]:
    """Name and version of every package that the daemon needs or can use; what is not installed is left out."""
    return {name: version for name in (*BASE, *OPTIONAL) if (version := installed(name))}


@cache
def installed(name: str) -> str:
    """A package's version, or an empty string."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
