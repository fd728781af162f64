# SPDX-License-Identifier: GPL-3.0-or-later
"""Points of the first frame, followed exactly: a video of their first places as colours, and sparse tracks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from second_unit_protocol.disk import disk_errors

from ..flow import flow, seen_at
from ..shot_data import ShotData
from .base import Export, Options, refused
from .pictures import FILES, cropped, open_frames

PERCENTILES = (2.0, 98.0)
REACH = np.array([-1, 0, 1])  # a point is drawn as a square of 3 pixels


@frozen(eq=False)
class Tracks:
    """``places`` (F, N, 2) float32: x, y in pixels, pixel centres at +0.5; ``visible`` (F, N); N points of frame 0."""

    places: NDArray[np.float32] = field(repr=False)
    visible: NDArray[np.bool_] = field(repr=False)


def first_colours(depth: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(H, W, 3): red x, green y, blue inverse depth between its 2nd and 98th percentile, each over the first frame.

    Source: Gu et al., *Diffusion as Shader* (2025), ``visualize_tracking_moge`` of its repository.
    """
    height, width = depth.shape
    solid = np.isfinite(depth)
    colours = np.zeros((height, width, 3))
    colours[..., 0] = np.linspace(0, 255, width)
    colours[..., 1] = np.linspace(0, 255, height)[:, None]
    if solid.any():
        inverse = 1.0 / depth
        low, high = np.percentile(inverse[solid], PERCENTILES)
        colours[..., 2] = 255 * np.clip((inverse - low) / max(high - low, 1e-12), 0, 1)
    return colours.astype(np.uint8)


def drawn(
    places: NDArray[np.float32], depth: NDArray[np.float32], colours: NDArray[np.uint8], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """(H, W, 3) points as squares of 3 pixels on black, far ones first, so that near ones cover them.

    ``places`` (N, 2) pixels, ``depth`` (N,) metres there, ``colours`` (N, 3); ``size`` width, height.
    """
    width, height = size
    picture = np.zeros((height, width, 3), np.uint8)
    x, y = np.floor(places.T).astype(np.int64)
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    x, y, depth, colours = x[inside], y[inside], depth[inside], colours[inside]
    order = np.argsort(-depth, kind="stable")
    x, y, colours = x[order], y[order], colours[order]
    columns = np.clip(x[:, None, None] + REACH[None, None, :], 0, width - 1)
    rows = np.clip(y[:, None, None] + REACH[None, :, None], 0, height - 1)
    at = (rows * width + columns).reshape(-1)
    picture.reshape(-1, 3)[at] = np.repeat(colours, len(REACH) ** 2, 0)  # of several at one place the last stays
    return picture


def _write_video(shot: ShotData, path: Path, options: Options) -> None:
    first = shot.depth(0)
    if first is None:
        raise refused(shot, "The shot has no depth", "Shoot with an engine that takes depth")
    size = (shot.request.width, shot.request.height)
    depth = cropped(shot, first)
    colours = first_colours(depth)
    y, x = np.nonzero(np.isfinite(depth))
    centres = np.stack([x, y], 1) + np.float32(0.5)
    with open_frames(path, shot) as frames:
        for frame in range(len(shot)):
            found = flow(shot, 0, frame)
            vectors, valid = cropped(shot, found.vectors)[y, x], cropped(shot, found.valid)[y, x]
            there = cropped(shot, found.depth_m)[y, x]
            frames.write(drawn((centres + vectors)[valid], there[valid], colours[y, x][valid], size))


def tracks_of(shot: ShotData, spacing: int) -> Tracks:
    """Tracks of a grid of points of the first frame, ``spacing`` pixels apart; those of the sky too.

    Left out are points whose place is not known at every frame: behind the camera, or on a thing that deforms.
    """
    width, height = shot.request.width, shot.request.height
    x = np.arange(spacing // 2, width, spacing)
    y = np.arange(spacing // 2, height, spacing)
    columns, rows = (grid.ravel() for grid in np.meshgrid(x, y))
    if not len(columns):
        raise refused(shot, f"Tracks {spacing} pixels apart do not fit the picture", "Choose less: --spacing 16")
    places, visible, known = [], [], np.ones(len(columns), bool)
    for frame in range(len(shot)):
        found = flow(shot, 0, frame)
        seen = cropped(shot, seen_at(shot, found, frame))[rows, columns]
        known &= cropped(shot, found.valid)[rows, columns]
        place = np.stack([columns, rows], 1) + np.float32(0.5) + cropped(shot, found.vectors)[rows, columns]
        inside = (place >= 0).all(1) & (place < [width, height]).all(1)
        places.append(place.astype(np.float32))
        visible.append(seen & inside)
    return Tracks(np.stack(places)[:, known], np.stack(visible)[:, known])


def _write_tracks(shot: ShotData, path: Path, options: Options) -> None:
    found = tracks_of(shot, options.spacing)
    size = np.array([shot.request.width, shot.request.height])
    with disk_errors(path), path.open("wb") as file:
        np.savez(file, tracks=found.places, visibility=found.visible, size=size)


def _write_splines(shot: ShotData, path: Path, options: Options) -> None:
    found = tracks_of(shot, options.spacing)
    lines = [[{"x": round(float(x), 3), "y": round(float(y), 3)} for x, y in found.places[:, n]] for n in _shown(found)]
    with disk_errors(path):
        path.write_text(json.dumps(lines) + "\n", "utf-8")


def _shown(found: Tracks) -> NDArray[np.int64]:
    """Those that can be seen in the first frame, which is where a model picks them up."""
    return np.flatnonzero(found.visible[0])


EXPORTS = (
    Export(
        "tracking_video",
        "points coloured by their place in the first frame, on black",
        FILES,
        "Diffusion as Shader",
        _write_video,
    ),
    Export(
        "tracks",
        "sparse tracks: tracks (F, N, 2), visibility (F, N)",
        ".npz",
        "Wan-Move (as two arrays), tools around CoTracker",
        _write_tracks,
    ),
    Export(
        "splines",
        "sparse tracks as lists of x, y for each frame",
        ".json",
        "spline and ATI nodes of ComfyUI",
        _write_splines,
    ),
)
