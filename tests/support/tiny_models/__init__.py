# SPDX-License-Identifier: GPL-3.0-or-later
"""Diffusion models of the real classes, tiny, with random weights: made here, saved, loaded as real ones are.

One file per family, each with functions that write a model into a folder. Use :func:`tiny_model`, which keeps what was
made before, and :func:`models_toml`, which describes it to the registry.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

VARIABLE = "SECOND_UNIT_CACHE"


def cache() -> Path:
    """Where made models are kept between runs."""
    chosen = os.environ.get(VARIABLE)
    root = Path(chosen) if chosen else Path(tempfile.gettempdir()) / "second-unit-tests"
    return root / "tiny_models"


def tiny_model(build: Callable[[Path], None]) -> Path:
    """The folder that ``build`` fills, made once per builder, text of these files and library version."""
    source = "".join(file.read_text("utf-8") for file in sorted(Path(__file__).parent.glob("*.py")))
    parts = (source, metadata.version("diffusers"), metadata.version("torch"))
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
    place = cache() / f"{build.__name__}-{key}"
    if not (place / "model_index.json").is_file():
        cache().mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=cache()))
        build(making)
        try:
            making.rename(place)
        except OSError:  # another process was faster
            shutil.rmtree(making, ignore_errors=True)
    return place


def models_toml(path: Path, **tables: str) -> Path:
    """Writes a list of models; each table is the text below ``[models.NAME]`` (underscores in names become dashes)."""
    text = "\n".join(f'[models."{name.replace("_", "-")}"]\n{table}\n' for name, table in tables.items())
    path.write_text(text, "utf-8")
    return path
