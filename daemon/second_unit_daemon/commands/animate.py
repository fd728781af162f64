# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that make clips without a scene: from a still, from words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .edits import Avoid, Engine, Prompt, QualityOption, Seed, Set, Style, rate_of, wish
from .submitting import Name, NoWait, Out, Spool

if TYPE_CHECKING:
    from second_unit_cameras import CameraTrack
    from second_unit_protocol.grid import Rate

MOVES = "pan, tilt, roll, dolly, truck, pedestal, zoom, dolly_zoom, orbit, crane; :N."
Move = Annotated[str, typer.Option(help=f"{MOVES} Default: dolly.")]
CameraFile = Annotated[Path | None, typer.Option(help="A camera path in place of a move.")]
Seconds = Annotated[float, typer.Option(min=0.04, help="Length of the clip.")]
Rate_ = Annotated[str, typer.Option("--rate", help="Frames a second: 24, 30000/1001.")]
Size = Annotated[str | None, typer.Option(help="Width and height, such as 1280x720.")]
Fov = Annotated[float, typer.Option(min=1, max=170, help="Horizontal field of view of a move, degrees.")]
Place = Annotated[int, typer.Option(help="Scene frame of its first frame.")]


def animate(
    image: Annotated[Path, typer.Argument(metavar="PICTURE", dir_okay=False)],
    move: Move = "",
    camera: CameraFile = None,
    seconds: Seconds = 3.0,
    rate: Rate_ = "24",
    size: Size = None,
    fov: Fov = 50.0,
    layout: Annotated[str, typer.Option(help="What the picture is on: card, dome or layers.")] = "dome",
    layers: Annotated[Path | None, typer.Option(help="For layers: white near, black far.")] = None,
    depth: Annotated[Path | None, typer.Option(help="Its depth, planar metres, in place of a layout.")] = None,
    depth_model: Annotated[Path | None, typer.Option(help="Folder of a depth model, in place of a layout.")] = None,
    near: Annotated[float, typer.Option(help="Metres to the nearest thing.")] = 2.0,
    far: Annotated[float, typer.Option(help="Metres to the farthest thing.")] = 10.0,
    engine: Engine = "",
    prompt: Prompt = None,
    avoid: Avoid = None,
    style: Style = None,
    seed: Seed = None,
    quality: QualityOption = None,
    options: Set = None,
    name: Name = "",
    place: Place = 1,
    out: Out = Path(),
    no_wait: NoWait = False,
    spool: Spool = None,
) -> None:
    """Makes a clip of a still: a camera moves over it; models make its subject move as the prompt says."""
    from second_unit_protocol.disk import disk_errors
    from second_unit_protocol.shot import Lineage

    from ..conditioning.pictures.pinned import PinnedPicture, read_picture
    from ..edits import animating
    from ..edits.gathered import Gathered
    from .camera import parse_size
    from .project import geometry
    from .submitting import folder_for, hand_over

    picture = PinnedPicture(image.name, 0, read_picture(image))
    height, width = picture.image.shape[:2]
    fps, frames = _timing(rate, seconds)
    track = _camera(move or "dolly", camera, frames, fps, (width, height), fov, far)
    named = depth is not None or depth_model is not None
    source = geometry(
        track, (picture,), [depth] if depth else [], "planar", 1.0, None if named else layout,
        [layers] if layers else [], depth_model, near, far,
    )  # fmt: skip
    frame = animating.frame_of(name or image.stem, frames, fps, place, parse_size(size) if size else (width, height))
    with disk_errors(image):
        data = image.read_bytes()
    with folder_for(spool) as folder:
        blobs = Gathered(folder)
        lineage = Lineage("animate", (blobs.file(image).digest,))
        asked = wish(engine, prompt, avoid, style, seed, quality, options)
        request = animating.animate(
            picture, source, track, asked, frame, depth is None, blobs, data, lineage, bool(move or camera)
        )
        hand_over(request, blobs, (), out, not no_wait, spool)


def text(
    prompt: Annotated[str, typer.Argument(help="What the clip shows.")],
    engine: Annotated[str, typer.Option(help="The model; second-unit engines lists them.")],
    move: Annotated[str, typer.Option(help="A camera move over level ground, for models that follow depth.")] = "",
    camera: CameraFile = None,
    seconds: Seconds = 3.0,
    rate: Rate_ = "24",
    size: Annotated[str, typer.Option(help="Width and height.")] = "832x480",
    fov: Fov = 50.0,
    avoid: Avoid = None,
    style: Style = None,
    seed: Seed = None,
    quality: QualityOption = None,
    options: Set = None,
    name: Name = "",
    place: Place = 1,
    out: Out = Path(),
    no_wait: NoWait = False,
    spool: Spool = None,
) -> None:
    """Makes a clip of words, with a camera path or without."""
    from second_unit_protocol.shot import Lineage

    from ..edits import animating
    from ..edits.gathered import Gathered
    from .camera import parse_size
    from .submitting import folder_for, hand_over

    fps, frames = _timing(rate, seconds)
    wanted = parse_size(size)
    track = _camera(move, camera, frames, fps, wanted, fov, 10.0) if move or camera else None
    frame = animating.frame_of(name or " ".join(prompt.split()[:4]) or "Clip", frames, fps, place, wanted)
    asked = wish(engine, prompt, avoid, style, seed, quality, options)
    with folder_for(spool) as folder:
        blobs = Gathered(folder)
        request = animating.from_words(asked, track, frame, blobs, Lineage("text"))
        hand_over(request, blobs, (), out, not no_wait, spool)


def _timing(rate: str, seconds: float) -> tuple[Rate, int]:
    fps = rate_of(rate)
    assert fps is not None
    return fps, max(2, round(seconds * float(fps)))


def _camera(
    move: str, camera: Path | None, frames: int, fps: Rate, size: tuple[int, int], fov: float, distance_m: float
) -> CameraTrack:
    """The path from the file, at the clip's rate and held at its end; else the move."""
    from ..edits import animating

    if camera is None:
        return animating.track_of(animating.move_of(move, distance_m), frames, fps, size, fov, distance_m)
    import numpy as np

    from ..conditioning.pictures.resampling import between
    from .camera import CONVERT, given, read_path

    track = read_path(camera, None, given(f"{size[0]}x{size[1]}", fov, float(fps), 1.0), from_=f"{CONVERT} --from")
    step = (track.fps or float(fps)) / float(fps)
    return between(track, np.arange(frames) * step, float(fps))
