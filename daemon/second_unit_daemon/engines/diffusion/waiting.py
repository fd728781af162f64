# SPDX-License-Identifier: GPL-3.0-or-later
"""Finished frames that have to wait, on disk: a clip that is made from its end is delivered from its beginning."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ..base import EngineFrame


class Waiting:
    """Stretches of frames, each in its own order; they come back latest stretch first. Use it with ``with``."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="second-unit-")
        self._stretches: list[list[Path]] = []

    def __enter__(self) -> Waiting:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def add(self, frames: Sequence[EngineFrame]) -> None:
        """The frames before those of the last call."""
        paths = []
        for number, frame in enumerate(frames):
            path = Path(self._folder.name) / f"{len(self._stretches)}-{number}.npz"
            parts = {"image": frame.image}
            if frame.measured is not frame.image:
                parts["measured"] = frame.measured
            if frame.holes is not None:
                parts["holes"] = frame.holes
            np.savez(path, allow_pickle=False, **parts)
            paths.append(path)
        self._stretches.append(paths)

    def latest_first(self) -> Iterator[EngineFrame]:
        for stretch in reversed(self._stretches):
            for path in stretch:
                with np.load(path, allow_pickle=False) as parts:
                    image = parts["image"]
                    measured = parts.get("measured", image)
                    yield EngineFrame(image, measured, parts.get("holes"))
                path.unlink()
