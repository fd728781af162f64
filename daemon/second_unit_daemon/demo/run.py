# SPDX-License-Identifier: GPL-3.0-or-later
"""From a scene to a strip and a page of figures: extension, daemon, Blender, all private to this run.

What a user would do by hand is done the same way: the zip is built and installed, the shot is shot by the add-on's
operator, over real sockets, in a daemon process of its own. ``out`` keeps ``demo.blend``, its take, ``shot.mp4``,
``contact_sheet.png`` and ``report.json``; all else lies in a temporary folder and goes.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import tempfile
import time
from pathlib import Path

from attrs import evolve
from second_unit_protocol.client import BlockingClient
from second_unit_protocol.connection import Connection
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.messages import GetJob
from second_unit_protocol.results import JobInfo, ShotResult

from ..blobs.store import BlobStore
from ..conditioning.shot_data import ShotData
from ..jobs.store import JobStore
from . import addon
from .figures import as_delivered, compare, psnr_known_db, wrongly_visible
from .processes import check_blender, private_daemon, run_blender
from .report import Report
from .screen import Screen

FRAMES, SIZE = 49, (832, 480)
TRUTHS = 4
SAMPLES_PER_FRAME = 3000
SMALLEST, LARGEST = 128, 4096


def run(
    out: Path = Path("demo_out"), blender: Path | None = None, frames: int | None = None, size: str | None = None
) -> Report:
    """Makes the demo and prints its figures. Raises SecondUnitError; ``out`` is made if need be."""
    width, height = parse_size(size)
    _check_matplotlib()
    check_blender(blender)
    out = out.expanduser().absolute()
    _make_folder(out)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="second_unit_demo_") as temporary:
        work = Path(temporary)
        settings = {
            "out": str(out),
            "work": str(work),
            "frames": frames or FRAMES,
            "width": width,
            "height": height,
            "truths": TRUTHS,
            "samples_per_frame": SAMPLES_PER_FRAME,
        }
        screen = Screen()
        with screen:
            report = _make(settings, out, work, blender, screen, started)
    report = evolve(report, seconds={**report.seconds, **screen.seconds, "total": _since(started)})
    (out / "report.json").write_text(json.dumps(report.as_json(), indent=2) + "\n")
    screen.show(report, out)
    return report


def _make(
    settings: dict[str, object], out: Path, work: Path, blender: Path | None, screen: Screen, started: float
) -> Report:
    from .sheet import draw_sheet

    home = work / "home"
    screen.tell("start", "Starting the daemon", None)
    with private_daemon(home) as connection:  # first, because it compiles its kernels meanwhile
        screen.tell("build", "Building the extension", None)
        archive = addon.build(work / "dist")
        run_blender(blender, archive, home, settings, screen.tell)
        facts = json.loads((work / "facts.json").read_text())
        screen.tell("fetch", "Fetching the clip", None)
        result = _fetch(connection, facts["job_id"], out, work)
    screen.tell("figures", "Comparing with true renders", None)
    shot = _shot_of(home, facts["job_id"])
    truth = {int(frame): Path(path) for frame, path in facts["truth"].items()}
    samples = {int(frame): sampled for frame, sampled in facts["samples"].items()}
    clip_frames = {frame: shot.request.grid.nearest(frame) for frame in truth}
    compared = compare(work / "master.mkv", work / "holes.mkv", truth, clip_frames)
    psnr_db, wrong = psnr_known_db(compared), wrongly_visible(compared, samples)
    mp4_db = psnr_known_db(as_delivered(out / "shot.mp4", compared, clip_frames))
    screen.tell("sheet", "Drawing the contact sheet", None)
    seconds = {**screen.seconds, "total": _since(started)}
    report = Report.of(result, facts, seconds, psnr_db, psnr_db - mp4_db, wrong)
    draw_sheet(out / "contact_sheet.png", shot, compared, report, result.adherence)
    return report


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)


def parse_size(size: str | None) -> tuple[int, int]:
    """``"832x480"`` as (832, 480). Raises SecondUnitError for anything else."""
    if size is None:
        return SIZE
    match = re.fullmatch(r"(\d+)\s*[x×]\s*(\d+)", size.strip())
    sides = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(SMALLEST <= side <= LARGEST for side in sides):
        cause = f"{size} is no size such as 832x480, with sides from {SMALLEST} to {LARGEST}"
        raise SecondUnitError(ErrorCode.BAD_SIZE, cause, remedy="")
    return sides


def _check_matplotlib() -> None:
    if importlib.util.find_spec("matplotlib") is None:
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST,
            "The demo draws its contact sheet with matplotlib, which is not installed",
            remedy="Install it from the checkout: pip install -e '.[demo]'",
        )


def _make_folder(out: Path) -> None:
    """An earlier demo in the folder is replaced; other files in it stay."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(out / "second_unit", ignore_errors=True)
        for name in ("demo.blend", "demo.blend1", "shot.mp4", "contact_sheet.png", "report.json"):
            (out / name).unlink(missing_ok=True)
    except OSError as error:
        raise SecondUnitError(
            ErrorCode.NOT_WRITABLE, f"{out} cannot be written ({error.strerror})", remedy=""
        ) from error


def _fetch(connection: Connection, job_id: str, out: Path, work: Path) -> ShotResult:
    """The clip into ``out``, master and hole mask into ``work``, over the same sockets that the add-on uses."""
    with BlockingClient(connection, "second-unit demo") as client:
        job: JobInfo = client.call(GetJob(job_id)).job
        result = job.result
        if result is None or result.holes is None:
            raise SecondUnitError(ErrorCode.WRONG_STATE, f"The demo's job is {job.state} and has no clip", remedy="")
        client.download(result.clip, out / "shot.mp4")
        client.download(result.master, work / "master.mkv")
        client.download(result.holes, work / "holes.mkv")
    return result


def _shot_of(home: Path, job_id: str) -> ShotData:
    """The shot as the daemon received it; the daemon has stopped, so its folder can be read."""
    store = JobStore(home / "jobs.sqlite")
    try:
        return ShotData(store.shot(job_id), BlobStore(home / "blobs").path)
    finally:
        store.close()
