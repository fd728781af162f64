# SPDX-License-Identifier: GPL-3.0-or-later
"""Real clips for tests inside Blender, and what the sequencer shows of them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np
from bl_ext.user_default.second_unit.link import current
from bl_ext.user_default.second_unit.link.journal import Entry
from bl_ext.user_default.second_unit.link.records import Clip, JobRecord, submitted_line
from bl_ext.user_default.second_unit.protocol.grid import Rate
from bl_ext.user_default.second_unit.sequencer import memory, provenance

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = 208, 120
EDGE_START, EDGE_STEP = 10, 4  # as tests/support/clips.py draws it


def make(what: str, out: Path, **given: object) -> Path:
    """Has the development environment make a clip or a captured shot."""
    command = [os.environ["SECOND_UNIT_DAEMON_PYTHON"], "-m", "tests.support.clips", what, str(out), json.dumps(given)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120, capture_output=True)
    return out


def edge_clip(out: Path, count: int = 24, rate: int = 24, width: int = WIDTH, height: int = HEIGHT) -> Path:
    """A clip whose frame i has an edge at x = EDGE_START + EDGE_STEP * i, white to its left."""
    return make("edge", out, count=count, width=width, height=height, rate=rate)


def take(scene: bpy.types.Scene, *, first: int = 1, count: int = 24, rate: int = 24, **changed: object) -> JobRecord:
    """A finished take of a shot in ``scene``; ``changed`` are fields of Clip or JobRecord."""
    handles = {name: changed.pop(name) for name in ("handle_before", "handle_after") if name in changed}
    clip = Clip(scene.name, first, count, Rate(rate), **handles)
    fields = {"shot_id": "shot-1", "shot_name": "Street", "engine": "projection", "seed": 2**40, "take": 1, **changed}
    return JobRecord(uuid.uuid4().hex, clip=clip, fetched=True, **fields)


def frame_scene(width: int = WIDTH, height: int = HEIGHT, fps: int = 24, view: str = "Standard") -> bpy.types.Scene:
    """The open file's scene at a size, rate and view transform, without dither to blur a measurement."""
    scene = bpy.context.scene
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = width, height, 100
    render.fps, render.fps_base, render.dither_intensity = fps, 1.0, 0.0
    render.image_settings.file_format = "PNG"
    scene.view_settings.view_transform = view
    scene.frame_start, scene.frame_end = 1, 200
    return scene


def shown(scene: bpy.types.Scene, frame: int, folder: Path) -> np.ndarray:
    """What the sequencer shows at a frame, (H, W, 3) uint8."""
    scene.frame_set(frame)
    scene.render.filepath = str(folder / f"shown_{frame}_{uuid.uuid4().hex[:6]}.png")
    bpy.ops.render.render(write_still=True, scene=scene.name)
    return read(Path(scene.render.filepath))


def read(path: Path) -> np.ndarray:
    """A picture on disk, (H, W, 3) uint8."""
    image = bpy.data.images.load(str(path))
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    return np.round(pixels.reshape(height, width, 4)[::-1, :, :3] * 255).astype(np.uint8)


def edge_of(picture: np.ndarray, scale: float = 1.0) -> float:
    """Clip frame whose edge the picture shows, by the middle rows; ``scale``: screen pixels for one of the clip."""
    rows = picture[picture.shape[0] // 2 - 4 : picture.shape[0] // 2 + 4]
    x = float(rows.mean(axis=(0, 2)).sum()) / 255 / scale
    return (x - EDGE_START) / EDGE_STEP


def note_finished(clip: Path, *, number: int = 1, **changed: object) -> JobRecord:
    """A take whose file is on disk, in the open file's journal, ready to land; ``changed``: as :func:`take` has it."""
    memory.ensure_open()
    journal = current.tracker.journal
    record = take(bpy.context.scene, take=number, **changed)
    place = journal.folder / "Street" / f"take_{number:03d}.mp4"
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(clip, place)
    journal.write(Entry.SUBMITTED, record.job_id, **submitted_line(record))
    journal.write(
        Entry.FETCHING, record.job_id, files={"clip": journal.relative(place)}, blobs={"clip": "ab" * 32}, result={}
    )
    journal.write(Entry.FETCHED, record.job_id)
    return journal.get(record.job_id)


@contextlib.contextmanager
def in_sequencer(scene: bpy.types.Scene, *selected: bpy.types.Strip) -> Iterator[None]:
    """As if a button in a sequencer were pressed, with these strips selected; the last one is active."""
    for strip in scene.sequence_editor.strips:
        strip.select = strip in selected
    scene.sequence_editor.active_strip = selected[-1]
    area = bpy.context.window.screen.areas[0]
    kept, area.type = area.type, "SEQUENCE_EDITOR"
    if hasattr(bpy.context.workspace, "sequencer_scene"):
        bpy.context.workspace.sequencer_scene = scene
    with bpy.context.temp_override(area=area):
        yield
    area.type = kept


def movies() -> list[bpy.types.Strip]:
    """Every strip of the open file that shows a video."""
    return [s for scene in bpy.data.scenes for s in provenance.strips_of(scene) if s.type == "MOVIE"]
