# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks of the shot's region, of every object, material or collection by name, and index passes.

What Cryptomatte (Friedman and Jones, 2015) gives compositors, without its coverage: a pixel belongs to what its centre
shows. Masks are white inside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.disk import disk_errors
from second_unit_protocol.shot import Labels

from ..shot_data import ShotData
from .base import Export, Options, refused
from .pictures import FILES, VIDEOS, cropped, open_frames, write_png

BY = ("object", "material", "collection")
NO_LABELS = "Switch on Region and Mattes > Capture Names and shoot again"
Masks = dict[str, NDArray[np.bool_]]  # by name, which numbers of the plane belong to it: (N + 1,)


def members(shot: ShotData, by: str) -> Masks:
    """Every name of a kind. Raises SecondUnitError where the shot came without names."""
    if by not in BY:
        raise refused(shot, f"Masks are by {', '.join(BY)}, not by {by}", "Choose one: --by object")
    labels = labels_of(shot, by)
    found: Masks = {}
    for number, name in enumerate(labels.names, 1):
        groups = labels.collections[number - 1] if by == "collection" else (name,)
        for group in groups:
            found.setdefault(group, np.zeros(len(labels.names) + 1, bool))[number] = True
    return found


def labels_of(shot: ShotData, by: str) -> Labels:
    """What the numbers mean. Raises SecondUnitError where the shot came without names."""
    labels = shot.request.materials if by == "material" else shot.request.objects
    if labels is None:
        raise refused(shot, "The shot was captured without the names of what is seen", NO_LABELS)
    return labels


def numbers(shot: ShotData, by: str) -> Iterator[NDArray[np.uint16]]:
    """(H, W) of each frame at the delivered size."""
    for frame in range(len(shot)):
        plane = shot.materials(frame) if by == "material" else shot.objects(frame)
        assert plane is not None, "labels_of was asked first"
        yield cropped(shot, plane)


def chosen(shot: ShotData, found: Masks, name: str) -> NDArray[np.bool_]:
    """The numbers of one name, or of a part of "maker/object". Raises SecondUnitError naming what there is."""
    fitting = [mask for own, mask in found.items() if own == name] or [
        mask for own, mask in found.items() if name in own.split("/")
    ]
    if not fitting:
        raise refused(shot, f"Nothing in the shot is called {name}", f"There is: {', '.join(sorted(found))}")
    return np.logical_or.reduce(fitting)


def white(inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """(H, W) of 0 and 255."""
    return np.where(inside, np.uint8(255), np.uint8(0))


def _write_region(shot: ShotData, path: Path, options: Options) -> None:
    if shot.request.region is None:
        raise refused(shot, "The shot has no region", "Choose one in Region and Mattes and shoot again")
    with open_frames(path, shot, grey=True) as masks:
        for frame in range(len(shot)):
            region = shot.region(frame)
            assert region is not None
            masks.write(cropped(shot, region))


def _write_regions(shot: ShotData, path: Path, options: Options) -> None:
    by = options.by
    found = members(shot, by)
    if options.of:
        inside = chosen(shot, found, options.of)
        with open_frames(path, shot, grey=True) as masks:
            for plane in numbers(shot, by):
                masks.write(white(inside[plane]))
        return
    folder = _folder_for(shot, path)
    places = {name: f"{place:04d}_{_plain(name)}" for place, name in enumerate(sorted(found), 1)}
    with ExitStack() as files:
        sinks = {name: files.enter_context(open_frames(folder / places[name], shot, grey=True)) for name in found}
        for plane in numbers(shot, by):
            for name, inside in found.items():
                sinks[name].write(white(inside[plane]))
    _write_json(folder / "names.json", {"by": by, "folders": {places[name]: name for name in sorted(found)}})


def _write_index(shot: ShotData, path: Path, options: Options) -> None:
    """``object/`` and ``material/`` of 16-bit PNG, and what the numbers mean in ``names.json``."""
    folder = _folder_for(shot, path)
    told: dict[str, dict[int, str]] = {}
    for by in ("object", "material"):
        labels = labels_of(shot, by)
        with disk_errors(folder):
            (folder / by).mkdir(parents=True, exist_ok=True)
        for frame, plane in enumerate(numbers(shot, by)):
            write_png(folder / by / f"{frame:06d}.png", plane)
        told[by] = dict(enumerate(labels.names, 1))
    _write_json(folder / "names.json", told)


def _folder_for(shot: ShotData, path: Path) -> Path:
    if path.suffix.lower() in VIDEOS:
        raise refused(
            shot, f"{path.name} is one clip, and this form makes many files", "Name a folder, or use --of NAME"
        )
    with disk_errors(path):
        path.mkdir(parents=True, exist_ok=True)
    return path


def _plain(name: str) -> str:
    """A name that every file system takes."""
    return re.sub(r"[^\w.-]+", "_", name)[:80]


def _write_json(path: Path, content: object) -> None:
    with disk_errors(path):
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")


EXPORTS = (
    Export(
        "region", "mask of the shot's region, white = may be changed", FILES, "VACE edits, inpainting", _write_region
    ),
    Export(
        "regions",
        "a mask for each object, material or collection, white = inside",
        "folder of folders of PNG and names.json; with --of one mask: .mp4, .mkv or a folder",
        "compositors, inpainting, region edits",
        _write_regions,
    ),
    Export(
        "index",
        "object and material numbers",
        "folder: object/ and material/ of 16-bit PNG, names.json",
        "compositors, segmentation-driven models",
        _write_index,
    ),
)
