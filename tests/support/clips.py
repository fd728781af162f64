# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips and captured shots for the tests that run inside Blender, which has neither the encoder nor the daemon.

Those tests run this file as a program: ``python -m tests.support.clips edge OUT.mp4 …`` (see tests/blender/footage.py).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from second_unit_daemon.encode.clip import ClipWriter
from second_unit_daemon.encode.master import MasterWriter
from second_unit_daemon.encode.read import read_frames
from second_unit_protocol import codec
from second_unit_protocol.grid import Rate

from tests.support.shots import wall_shot

EDGE_START, EDGE_STEP = 10, 4  # the edge of frame i is at x = EDGE_START + EDGE_STEP * i


def write_clip(path: Path, frames: list[NDArray[np.uint8]], rate: int, crf: float = 16.0) -> None:
    height, width = frames[0].shape[:2]
    with ClipWriter(path, width, height, Rate(rate), {"made_by": "a test"}, crf=crf) as clip:
        for frame in frames:
            clip.write(frame)


def edge_frames(count: int, width: int, height: int) -> list[NDArray[np.uint8]]:
    """White to the left of the edge, black to its right."""
    frames = []
    for index in range(count):
        frame = np.zeros((height, width, 3), np.uint8)
        frame[:, : EDGE_START + EDGE_STEP * index] = 255
        frames.append(frame)
    return frames


def colour_frame(colours: list[list[int]], patch: int) -> NDArray[np.uint8]:
    """Square patches side by side, eight in a row."""
    rows = -(-len(colours) // 8)
    frame = np.full((rows * patch, 8 * patch, 3), 128, np.uint8)
    for place, colour in enumerate(colours):
        top, left = place // 8 * patch, place % 8 * patch
        frame[top : top + patch, left : left + patch] = colour
    return frame


def write_shot(folder: Path, fields: dict[str, object]) -> None:
    """A synthetic shot as the add-on spools a captured one."""
    shot = wall_shot(**fields)  # type: ignore[arg-type]
    files = shot.write(folder)
    (folder / "request.msgpack").write_bytes(codec.pack(shot.request))
    (folder / "files.json").write_text(json.dumps({ref.digest: str(path) for ref, path in files.items()}))


def write_deliveries(folder: Path, frame: NDArray[np.uint8]) -> None:
    """Four frames in every delivery format, each named after it."""
    from second_unit_daemon.encode.formats import FORMATS, PRESETS
    from second_unit_daemon.post.clip import open_clip
    from second_unit_daemon.post.delivering import deliver

    frame = np.vstack((frame, frame[: frame.shape[0]]))  # DNxHR takes nothing less high than 120
    source = folder / "source.mkv"
    with MasterWriter(source, frame.shape[1], frame.shape[0], Rate(24), {"made_by": "a test"}) as master:
        for _ in range(4):
            master.write(frame)
    for name, form in FORMATS.items():
        deliver(open_clip(source), folder / f"{name}{form.suffix}", PRESETS[name])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("edge", "colours", "deliveries", "shot"))
    parser.add_argument("out", type=Path)
    parser.add_argument("given", type=json.loads)
    words = parser.parse_args()
    given = words.given
    if words.what == "edge":
        begin = given.get("begin", 0)
        frames = edge_frames(begin + given["count"], given["width"], given["height"])
        write_clip(words.out, frames[begin:], given["rate"])
    elif words.what == "colours":
        write_clip(words.out, [colour_frame(given["colours"], given["patch"])] * 4, 24, crf=0.0)
        np.save(words.out.with_suffix(".npy"), next(iter(read_frames(words.out))))
    elif words.what == "deliveries":
        write_deliveries(words.out, colour_frame(given["colours"], given["patch"]))
    else:
        write_shot(words.out, given)


if __name__ == "__main__":
    main()
