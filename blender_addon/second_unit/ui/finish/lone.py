# SPDX-License-Identifier: GPL-3.0-or-later
"""Strips of any kind rendered to movies, by another Blender, from a copy of the file as it is now."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import bpy

from ... import preferences
from ...link.programs import Run
from ...protocol.errors import ErrorCode, SecondUnitError
from ...sequencer import above, alone, picked
from ..active import new_uid
from . import running

EXTENSION = __package__.rpartition(".ui.")[0]
KEPT_S = 7 * 86400.0  # longer than any strip renders
PLAIN = "sRGB"  # what Blender takes pictures and movies for, unless told or where they hold light


def start(scene: bpy.types.Scene, strips: Sequence[bpy.types.Strip]) -> list[Run]:
    """Has them rendered, one after another; each lands on the channel above its strip.

    Raises SecondUnitError for a strip inside a meta strip, and where the copy cannot be written.
    """
    hidden = next((strip for strip in strips if scene.sequence_editor.strips.get(strip.name) != strip), None)
    if hidden is not None:
        raise picked.refused(f"{hidden.name} is inside a meta strip", "Choose the meta strip, or take it out of there")
    _sweep(preferences.spool_folder())
    folder = preferences.spool_folder() / f"render_{new_uid()[:8]}"
    copy = _copy(folder)
    to_come = [strip.name for strip in strips]

    def over(name: str) -> None:
        to_come.remove(name)
        if not to_come:
            shutil.rmtree(folder, ignore_errors=True)

    return [_start(scene, strip, copy, over) for strip in strips]


def _start(scene: bpy.types.Scene, strip: bpy.types.Strip, copy: Path, over) -> Run:
    place, name = scene.name, strip.name
    viewed = any(_has_light(each) for each in alone.seen_through(strip))
    out = running.free_out(name, "rendered", ".mp4")
    job = copy.with_name(f"{out.stem}.json")
    told = {"file": str(copy), "scene": place, "strip": name, "out": str(out), "viewed": viewed}
    told |= {"scripts": not bpy.app.autoexec_fail, "extension": EXTENSION}
    job.write_text(json.dumps(told))

    def land() -> str:
        made, warnings = above.land_rendered(place, name, out, viewed=viewed)
        return ". ".join((f"{made.name} lies on channel {made.channel}", *warnings))

    command = [*_blender(), alone.__file__, "--", str(job)]
    return running.begin(command, f"{name} rendered", out, f"Rendering {name}", land, lambda: over(name))


def _sweep(spool: Path) -> None:
    """Removes copies of films that nobody renders any more: Blender was quit meanwhile."""
    for left in spool.glob("render_*"):
        if time.time() - left.stat().st_mtime > KEPT_S:
            shutil.rmtree(left, ignore_errors=True)


def _has_light(strip: bpy.types.Strip) -> bool:
    """Whether its colours are what the scene's view makes of them, so that a plain movie could not hold them."""
    if strip.type in {"SCENE", "META", "CLIP"}:
        return True
    return strip.type in {"IMAGE", "MOVIE"} and strip.colorspace_settings.name != PLAIN


def _blender() -> list[str]:
    if bpy.app.binary_path:
        return [bpy.app.binary_path, "--background", "--python-exit-code", "1", "--python"]
    return [sys.executable]  # Blender as a module


def _copy(folder: Path) -> Path:
    """The file as it stands. Raises SecondUnitError(NOT_WRITABLE)."""
    copy = folder / "film.blend"
    try:
        folder.mkdir(parents=True)
        bpy.ops.wm.save_as_mainfile(filepath=str(copy), copy=True, check_existing=False)
    except (OSError, RuntimeError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise SecondUnitError(ErrorCode.NOT_WRITABLE, f"{copy} cannot be written ({error})") from error
    return copy
