# SPDX-License-Identifier: GPL-3.0-or-later
"""``second-unit project``: the projection engine on pictures, depth and a camera path from files, without Blender."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .camera import Fov, Scale, Size, given, parse_size, read_path

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from second_unit_protocol.grid import Rate

    from ..conditioning.depth_files import DepthReader
    from ..conditioning.forms import CameraTrack
    from ..conditioning.pictures.geometry import PictureDepth
    from ..conditioning.pictures.pinned import PinnedPicture
    from ..conditioning.pictures.shot import PictureShot

LAYOUTS = "card, dome or layers"
OTHER_SHAPE = 0.03  # models round sides to what they take, which is no other shape
MOVE_FOV = 50.0  # degrees across, of a move where --fov does not say


def project(
    image: Annotated[list[str], typer.Option(help="A picture; B.png@24 pins it to frame 24 of the camera, from 0.")],
    out: Annotated[Path, typer.Option(help="The clip to write, .mp4; .mkv is lossless.", dir_okay=False)],
    camera: Annotated[Path | None, typer.Option(help="Camera path; see second-unit camera forms.")] = None,
    move: Annotated[str, typer.Option(help="A camera move in place of a path: dolly:1, orbit:20, pan …")] = "",
    seconds: Annotated[float, typer.Option(min=0.04, help="Length of a move.")] = 3.0,
    depth: Annotated[
        list[Path] | None,
        typer.Option(help="Depth: of each picture (repeat it, or one file with all), or of each frame of the camera."),
    ] = None,
    depth_kind: Annotated[str, typer.Option(help="planar, radial or disparity.")] = "planar",
    depth_scale: Annotated[float, typer.Option(help="Metres for a sample of 1: 0.001 for millimetres.")] = 1.0,
    layout: Annotated[str | None, typer.Option(help=f"A stand-in where there is no depth: {LAYOUTS}.")] = None,
    layers: Annotated[
        list[Path] | None, typer.Option(help="For --layout layers: a drawing a picture, white near and black far.")
    ] = None,
    depth_model: Annotated[
        Path | None, typer.Option(help="Folder of a depth model that makes the depth, such as Depth Anything V2.")
    ] = None,
    near: Annotated[float, typer.Option(help="Metres to the nearest thing, for layouts and models.")] = 2.0,
    far: Annotated[float, typer.Option(help="Metres to the farthest thing, for layouts and models.")] = 10.0,
    camera_form: Annotated[str | None, typer.Option(help="Form of the camera path; told from the file.")] = None,
    camera_size: Size = None,
    fov: Fov = None,
    camera_scale: Scale = 1.0,
    camera_rate: Annotated[float, typer.Option(help="Frames a second of a path without times.")] = 24.0,
    size: Annotated[str | None, typer.Option(help="The clip's size; default: the first picture's.")] = None,
    rate: Annotated[float | None, typer.Option(help="The clip's frames a second; default: the path's.")] = None,
    mask: Annotated[Path | None, typer.Option(help="Where to write the hole mask: white is invented.")] = None,
    shutter: Annotated[
        float, typer.Option(min=0.0, max=360.0, help="Motion blur: degrees that the shutter is open, 180 as on film.")
    ] = 0.0,
    samples: Annotated[int, typer.Option(min=2, max=64, help="Moments a frame while the shutter is open.")] = 8,
    fit: Annotated[
        bool, typer.Option(help="Measure whether pictures lie on their depth; align what is little off, refuse others.")
    ] = True,
    style: Annotated[str, typer.Option(help="Draw it in a look: watercolour …; second-unit restyle --help.")] = "",
    style_strength: Annotated[float, typer.Option(min=0.0, max=1.0, help="0 leaves the pictures as they are.")] = 1.0,
) -> None:
    """Carries pictures along a camera path over their depth, and writes the clip."""
    from second_unit_protocol.disk import disk_errors
    from second_unit_protocol.grid import Rate

    from ..conditioning.pictures.pinned import read_pinned
    from ..conditioning.pictures.resampling import moments_of, positions_at
    from ..conditioning.pictures.shot import PictureShot
    from ..conditioning.projection.cached import compiled_before

    for path in (out, *([mask] if mask else [])):
        _check_output(path)
    if near <= 0 or far <= near:
        raise _refused(f"near {near:g} m and far {far:g} m are no distances", "Give 0 < near < far")
    pictures = tuple(read_pinned(words) for words in image)
    frame_size = camera_size or "{1}x{0}".format(*pictures[0].image.shape)
    if (camera is None) == (not move):
        cause = "Neither a camera path nor a move is given" if camera is None else "A camera path and a move are given"
        raise _refused(cause, "Give --camera FILE, or --move with the name of one")
    if camera is None:
        track = _moved_camera(move, seconds, camera_rate, parse_size(frame_size), fov or MOVE_FOV, far)
    else:
        beside = given(frame_size, fov, camera_rate, camera_scale)
        track = read_path(camera, camera_form, beside, from_="--camera-form", size="--camera-size", fps="--camera-rate")
    if rate is not None and track.fps is None:
        raise _refused(f"The frames of {camera} are not evenly spaced", "Leave --rate out")
    fps = rate or track.fps or camera_rate
    positions = positions_at(track, fps)
    exposed = samples if shutter else 1
    if shutter:
        positions = moments_of(positions, shutter, samples)
    source = geometry(
        track, pictures, depth or [], depth_kind, depth_scale, layout, layers or [], depth_model, near, far
    )
    width, height = parse_size(size) if size else _own_size(pictures[0], track)
    shot = PictureShot(track, pictures, source, width, height, Rate.of(fps * exposed), out.stem, positions)
    if not compiled_before():
        typer.echo("note: The projection is compiled for this machine first: once, and it may take minutes", err=True)
    if fit and depth:
        shot = _fitted(shot, out)
    if style:
        _wear(shot, style, style_strength)
    with disk_errors(out):
        holes = _write(shot, Rate.of(fps), exposed, out, mask)
    blur = f", shutter {shutter:g}°" if shutter else ""
    typer.echo(f"{out}: {len(shot) // exposed} frames, {width} x {height}, {fps:.5g} fps{blur}, {holes:.1%} invented")


def _moved_camera(words: str, seconds: float, fps: float, size: tuple[int, int], fov: float, far: float) -> CameraTrack:
    from second_unit_protocol.grid import Rate

    from ..edits.animating import move_of, track_of

    frames = max(2, round(seconds * fps))
    return track_of(move_of(words, far), frames, Rate.of(fps), size, fov, far)


def _fitted(shot: PictureShot, out: Path) -> PictureShot:
    """With pictures that lie on their depth, as a job's references do. Raises SecondUnitError(REFERENCE_MISFIT) for
    one that cannot be brought there, with a picture of the mismatch beside the clip."""
    import cv2
    from second_unit_protocol.disk import disk_errors
    from second_unit_protocol.errors import ErrorCode, SecondUnitError

    from ..registration.fit import TOLD
    from ..registration.shot import registered

    drawn = out.with_name(f"{out.stem}_mismatch.png")

    def show(image: NDArray[np.uint8]) -> None:
        with disk_errors(drawn):
            drawn.write_bytes(cv2.imencode(".png", image[..., ::-1])[1].tobytes())

    try:
        shot, fits = registered(shot, show)
    except SecondUnitError as error:
        if error.code is not ErrorCode.REFERENCE_MISFIT:
            raise
        remedy = f"Look at {drawn}; check frame, depth and camera, or take the picture as it is with --no-fit"
        raise SecondUnitError(error.code, error.info.cause, remedy=remedy) from error
    for found in fits:
        if found.verdict in TOLD:
            typer.echo(f"note: {found.words}", err=True)
    return shot


def _wear(shot: PictureShot, style: str, strength: float) -> None:
    """Raises SecondUnitError where the look is not known, or cannot be drawn here."""
    from attrs import evolve

    from ..style.network import Network
    from ..style.words import needed

    needed(style)
    Network()
    shot.request = evolve(shot.request, style=style, style_strength=strength)


def geometry(
    track: CameraTrack, pictures: tuple[PinnedPicture, ...], depth: list[Path], kind: str, scale: float,
    layout: str | None, layers: list[Path], depth_model: Path | None, near: float, far: float,
) -> PictureDepth:  # fmt: skip
    """The one source of depth that was named. Raises SecondUnitError for none, and for two."""
    from ..conditioning.pictures.geometry import MadeDepth, depth_from
    from ..conditioning.pictures.layouts import Distances

    named = [
        name for name, value in (("--depth", depth), ("--layout", layout), ("--depth-model", depth_model)) if value
    ]
    if len(named) != 1:
        cause = f"{' and '.join(named)} are given" if named else "There is no depth"
        raise _refused(cause, "Give one of --depth FILE, --depth-model FOLDER, --layout card|dome|layers")
    if depth:
        readers = [_reader(path, kind, scale) for path in depth]
        _say_of_shapes(readers, track, pictures)
        return depth_from(readers, track, pictures)
    distances = Distances(near, far)
    if depth_model:
        return MadeDepth(_by_model(depth_model, pictures, distances))
    return MadeDepth(_by_layout(str(layout), track, pictures, layers, distances))


def _say_of_shapes(readers: list[DepthReader], track: CameraTrack, pictures: tuple[PinnedPicture, ...]) -> None:
    """A depth map of another shape may have been squeezed, or belong to something else: nobody but the user knows."""
    shapes = [(track.width, track.height), *((p.image.shape[1], p.image.shape[0]) for p in pictures)]
    for number, reader in enumerate(readers, 1):
        wide, high = reader.width, reader.height
        if all(abs(wide * height / (high * width) - 1) > OTHER_SHAPE for width, height in shapes):
            which = f"depth {number}" if len(readers) > 1 else "the depth"
            cause = f"{which} is {wide} x {high}, the camera's frame {track.width} x {track.height}"
            typer.echo(f"note: {cause}: it is stretched to cover all of it. Check that they belong together", err=True)


def _reader(path: Path, kind: str, scale: float) -> DepthReader:
    from ..conditioning.depth_files import DepthFile, DepthKind

    if kind not in DepthKind.__members__.values():
        raise _refused(f"{kind} is no kind of depth", f"Choose one of {', '.join(DepthKind)}")
    if scale <= 0:
        raise _refused(f"A depth scale of {scale:g} is none", "Give the metres for a sample of 1")
    return DepthFile(path, DepthKind(kind), scale).open()


def _by_layout(layout: str, track: CameraTrack, pictures: tuple[PinnedPicture, ...], drawings: list[Path], distances):
    from ..conditioning.pictures import layouts
    from ..conditioning.pictures.pinned import read_picture

    if layout not in layouts.Layout.__members__.values():
        raise _refused(f"{layout} is no layout", f"Choose {LAYOUTS}")
    if layout == layouts.Layout.LAYERS and len(drawings) != len(pictures):
        cause = f"There are {len(drawings)} drawings of layers for {len(pictures)} pictures"
        raise _refused(cause, "Give one for each picture: --layers drawing.png, white near and black far")

    def make(number: int) -> NDArray[np.float32]:
        height, width = pictures[number].image.shape[:2]
        if layout == layouts.Layout.LAYERS:
            return layouts.layers(read_picture(drawings[number]), distances)
        if layout == layouts.Layout.CARD:
            return layouts.card(width, height, distances)
        lens = track.resized(width, height).intrinsics[pictures[number].frame]
        return layouts.dome(width, height, lens, distances)

    return make


def _by_model(folder: Path, pictures: tuple[PinnedPicture, ...], distances):
    from ..conditioning.pictures.layouts import from_disparity
    from ..conditioning.pictures.sharpening import sharpened
    from ..depth_model import DepthModel

    model = DepthModel(folder)

    def make(number: int) -> NDArray[np.float32]:
        found = model.estimate(pictures[number].image)
        return sharpened(found if model.metric else from_disparity(found, distances))

    return make


def _write(shot: PictureShot, rate: Rate, exposed: int, out: Path, mask: Path | None) -> float:
    """Renders frame by frame, each the light of ``exposed`` of the shot's; returns the share that was invented."""
    import numpy as np

    from ..engines.base import JobControl
    from ..engines.projection.info import DISAGREE
    from ..engines.projection.stream import project_shot
    from ..post.light import mean_light

    figures: dict[str, float] = {}
    with ExitStack() as files, closing(project_shot(shot, JobControl.silent(), figures)) as frames:
        clip = files.enter_context(_writer(out, shot, rate))
        holes = files.enter_context(_writer(mask, shot, rate, grey=True)) if mask else None
        counted = iter(_counted(frames, len(shot)))
        while moments := list(islice(counted, exposed)):
            clip.write(moments[0].image if exposed == 1 else mean_light(moment.image for moment in moments))
            if holes is not None:
                holes.write(np.max([moment.holes for moment in moments if moment.holes is not None], axis=0))
    if not shot.request.style and figures.get("references_differ", 0.0) >= DISAGREE:
        typer.echo(
            f"note: pictures differ by {figures['references_differ']:.0%} in colour where they show the same: "
            "the clip changes where one takes over; --style draws them in one look",
            err=True,
        )
    return figures["hole_fraction"]


def _writer(path: Path, shot: PictureShot, rate: Rate, grey: bool = False):
    request = shot.request
    facts = {"engine": request.engine, "pictures": [f"{p.name}@{p.frame}" for p in shot.pictures]}
    return clip_writer(path, request.width, request.height, rate, facts, grey)


def clip_writer(path: Path, width: int, height: int, rate: Rate, facts: dict[str, object], grey: bool = False):
    """Lossless for .mkv; an MP4 has three channels. Raises SecondUnitError for another suffix or no folder."""
    from ..encode.clip import ClipWriter
    from ..encode.master import MasterWriter

    _check_output(path)
    if path.suffix.lower() == ".mkv":
        return MasterWriter(path, width, height, rate, facts, grey=grey)
    writer = ClipWriter(path, width, height, rate, facts)
    return _Grey(writer) if grey else writer


class _Grey:
    """Writes (H, W) masks as grey pictures."""

    def __init__(self, writer):
        self._writer = writer

    def __enter__(self):
        self._writer.__enter__()
        return self

    def __exit__(self, *error):
        return self._writer.__exit__(*error)

    def write(self, mask: NDArray[np.uint8]) -> None:
        self._writer.write(mask[..., None].repeat(3, -1))


def _counted(frames: Iterator, count: int) -> Iterable:
    """The frames, with a bar where somebody looks on."""
    from rich.progress import track

    return track(frames, "Projecting", count, transient=True)


def _own_size(picture: PinnedPicture, track: CameraTrack) -> tuple[int, int]:
    """The picture's, or where it shows only a part of what the camera sees, the camera's at the picture's scale."""
    height, width = picture.image.shape[:2]
    if abs(width / height / (track.width / track.height) - 1) <= 0.01:
        return width, height
    scale = max(width / track.width, height / track.height)
    return round(track.width * scale), round(track.height * scale)


def _check_output(path: Path) -> None:
    from ..post.target import check_target

    if path.suffix.lower() not in (".mp4", ".mkv"):
        raise _refused(f"{path.name} is neither .mp4 nor .mkv", "Name the clip .mp4, or .mkv for a lossless one")
    check_target(path, path.suffix.lower(), "a clip")


def _refused(cause: str, remedy: str):
    from second_unit_protocol.errors import ErrorCode, SecondUnitError

    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
