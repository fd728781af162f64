# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a clip kept to its camera: any clip, of any tool, against a shot or against camera and depth files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .camera import Fov, Fps, Scale, Size, given, read_path

if TYPE_CHECKING:
    from ..adherence.clips import Verified
    from ..conditioning.depth_files import DepthKind

EXIT_WRONG_CAMERA = 3  # 2 says that the command was used wrongly


def verify(
    clip: Annotated[Path, typer.Argument(metavar="CLIP", help="The video to measure.", dir_okay=False)],
    shot: Annotated[
        str | None, typer.Option(help="Job, by the start of its id, or folder of an exported shot.")
    ] = None,
    camera: Annotated[Path | None, typer.Option(help="Camera path in any form that camera forms lists.")] = None,
    depth: Annotated[
        Path | None, typer.Option(help="Depth as .npy, .npz, .exr or folder: of each frame, or of the first alone.")
    ] = None,
    camera_form: Annotated[str | None, typer.Option(help="Form of the camera file, where it is not clear.")] = None,
    depth_kind: Annotated[
        str, typer.Option(help="What the depth's samples are: planar, radial, disparity.")
    ] = "planar",
    depth_scale: Annotated[float, typer.Option(help="Metres for each unit of the depth.")] = 1.0,
    size: Size = None,
    fov: Fov = None,
    fps: Fps = 24.0,
    scale: Scale = 1.0,
    plot: Annotated[Path | None, typer.Option(help="PNG to draw curves and paths into.", dir_okay=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON for scripts.")] = False,
) -> None:
    """Measures whether a clip kept to its camera. Exit code 3: it followed another one."""
    from second_unit_protocol.errors import ErrorCode, SecondUnitError
    from second_unit_protocol.results import Kept

    if (shot is None) == (camera is None or depth is None):
        cause = "There is no camera to measure the clip by"
        if shot is not None:
            cause = "Both a shot and a camera file are given"
        elif camera or depth:
            has, lacks = ("a camera", "depth") if camera else ("depth", "camera")
            cause = f"There is {has} to measure the clip by, and no {lacks}"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Give --shot, or --camera and --depth")
    if shot is not None:
        from ..adherence.clips import verify_shot
        from .shots import open_shot

        with open_shot(shot) as opened, _progress(as_json) as heard:
            found = verify_shot(clip, opened, heard)
            _draw(plot, clip, found)
    else:
        from ..adherence.clips import verify_files
        from ..conditioning.depth_files import DepthFile

        assert camera is not None and depth is not None
        track = read_path(camera, camera_form, given(size, fov, fps, scale), from_="--camera-form")
        reader = DepthFile(depth, _kind(depth_kind), depth_scale).open()
        with _progress(as_json) as heard:
            found = verify_files(clip, track, reader, heard)
        _draw(plot, clip, found)
    if as_json:
        typer.echo(json.dumps(plain(clip, found), indent=2))
    else:
        _write(found, plot)
    if found.adherence.kept is Kept.WRONG_CAMERA:
        raise typer.Exit(EXIT_WRONG_CAMERA)


def plain(clip: Path, found: Verified) -> dict[str, Any]:
    """The measurement as JSON has it: the protocol's ``adherence``, the clip's name and what is to be said."""
    from attrs import asdict

    return {"clip": clip.name, "notes": list(found.notes), **asdict(found.adherence)}


def _write(found: Verified, plot: Path | None) -> None:
    from .output import figures, write_facts

    typer.echo(found.adherence.verdict)
    write_facts(figures(found.adherence))
    for note in found.notes:
        typer.echo(f"note: {note}", err=True)
    if plot:
        typer.echo(plot)


def _draw(plot: Path | None, clip: Path, found: Verified) -> None:
    if plot:
        from ..adherence.plot import save_plot

        save_plot(plot, clip.name, found.adherence, found.facts, found.path)


def _kind(name: str) -> DepthKind:
    from second_unit_protocol.errors import ErrorCode, SecondUnitError

    from ..conditioning.depth_files import DepthKind

    try:
        return DepthKind(name)
    except ValueError:
        remedy = f"Say {', '.join(DepthKind)}"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, f"{name} is no kind of depth", remedy=remedy) from None


class _progress:
    """A bar on the error stream, where a person looks at it."""

    def __init__(self, silent: bool):
        from rich.console import Console
        from rich.progress import Progress

        self._bar = Progress(console=Console(stderr=True), transient=True, disable=silent)

    def __enter__(self):
        self._bar.start()
        self._task = self._bar.add_task("Measuring", total=None)
        return self._heard

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _heard(self, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total)
