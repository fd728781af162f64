# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo inside Blender: builds the scene, pins rendered references, shoots through the add-on's operators, saves.

Whoever started it reads progress from standard output: lines of ``PREFIX`` and JSON with ``stage``, ``words`` and
``fraction`` (null where there is nothing to measure). The results go into a JSON file (see ``run``).
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

import bpy

from ..link import current
from ..link.state import job_views
from ..ui.shot import shoot
from . import scene as street
from .visibility import samples

PREFIX = "SECOND_UNIT "
SAY_EVERY_S = 0.3
SHOT = "Street"
SAMPLES = 32  # two renders of one frame with 8 samples are 36 dB apart, which is no truth to measure against


def run(out: str, work: str, frames: int, width: int, height: int, truths: int, samples_per_frame: int) -> None:
    """Leaves ``demo.blend`` and the take in ``out``, and ``facts.json`` in ``work``:

    ``job_id``; ``truth``: scene frame → PNG that Blender rendered there; ``samples``: scene frame → pixels and whether
    any reference saw what they show; ``seconds`` of each stage; ``blender``: its version.
    """
    clock = _Clock()
    scene, references = _build(frames, width, height)
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(out, "demo.blend")), check_existing=False)
    with clock.stage("references"):
        for place, frame in enumerate(references):
            _say("references", f"Rendering reference {place + 1} of {len(references)}", place / len(references))
            scene.frame_set(frame)
            bpy.ops.second_unit.reference_take(method="RENDER")
    between = _between(references, truths)
    with clock.stage("truth"):
        truth = _render_truth(scene, between, Path(work, "truth"))
        _say("truth", "Casting rays to see what the references saw", None)
        seen = {frame: samples(scene, frame, references, samples_per_frame) for frame in between}
    scene.frame_set(scene.frame_start)
    with clock.stage("shoot"):
        job_id = _shoot()
    bpy.ops.wm.save_mainfile()
    facts = {
        "job_id": job_id,
        "truth": truth,
        "samples": seen,
        "seconds": clock.seconds,
        "blender": bpy.app.version_string,
    }
    Path(work, "facts.json").write_text(json.dumps(facts))


class _Clock:
    """Seconds of named stages."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def stage(self, name: str) -> _Stage:
        return _Stage(self, name)


class _Stage:
    def __init__(self, clock: _Clock, name: str):
        self._clock, self._name = clock, name

    def __enter__(self) -> None:
        self._started = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._clock.seconds[self._name] = round(time.monotonic() - self._started, 3)


def _build(frames: int, width: int, height: int) -> tuple[bpy.types.Scene, list[int]]:
    """The street in an empty file with one shot on it; returns the scene and the frames of its references."""
    _say("scene", "Building the street", None)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    scene = bpy.context.scene
    made = street.build_demo_scene(scene)
    first = street.FIRST_FRAME
    last = min(street.LAST_FRAME, first + frames - 1)
    scene.frame_start, scene.frame_end = first, last
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.cycles.samples = SAMPLES
    bpy.ops.second_unit.shot_add()
    shot = scene.second_unit.shots[-1]
    shot.name, shot.prompt = SHOT, made.prompt
    share = (last - first) / (street.LAST_FRAME - street.FIRST_FRAME)
    return scene, sorted({round(first + (frame - street.FIRST_FRAME) * share) for frame in made.reference_frames})


def _between(references: list[int], count: int) -> list[int]:
    """About ``count`` frames that lie as far from every reference as can be, spread over the shot."""
    inside = [frame for frame in range(references[0], references[-1] + 1) if frame not in references]
    wanted = max(1, min(count, len(inside)))
    return [inside[round((place + 0.5) * len(inside) / wanted - 0.5)] for place in range(wanted)] if inside else []


def _render_truth(scene: bpy.types.Scene, frames: list[int], folder: Path) -> dict[int, str]:
    """True pictures of these frames, by the scene's own settings."""
    path_before = scene.render.filepath
    truth = {}
    for place, frame in enumerate(frames):
        _say("truth", f"Rendering a true frame to compare with, {place + 1} of {len(frames)}", place / len(frames))
        scene.frame_set(frame)
        truth[frame] = scene.render.filepath = str(folder / f"{frame:04d}.png")
        bpy.ops.render.render(write_still=True)
    scene.render.filepath = path_before
    return truth


def _shoot() -> str:
    """Capture to landed strip, by the operator in its blocking form; returns the job's number."""
    ended = threading.Event()
    watcher = threading.Thread(target=_tell_progress, args=(ended,), daemon=True)
    watcher.start()
    try:
        bpy.ops.second_unit.shoot("EXEC_DEFAULT")
    finally:
        ended.set()
        watcher.join()
    return current.tracker.journal.records()[-1].job_id


def _tell_progress(ended: threading.Event) -> None:
    """Reads plain Python state only, never bpy: the operator has the main thread."""
    while not ended.wait(SAY_EVERY_S):
        running = shoot.now.running
        if running is not None and 0.0 < running.fraction < 1.0:
            _say("capture", running.words, running.fraction)
            continue
        for job in job_views(current.tracker, ""):
            _say("job", job.stage, job.fraction)


def _say(stage: str, words: str, fraction: float | None) -> None:
    sys.stdout.write(PREFIX + json.dumps({"stage": stage, "words": words, "fraction": fraction}) + "\n")
    sys.stdout.flush()
