# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shot was when it was shot, in five stamps, so that a take can say what has changed since."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path

import bpy

from ...core.spec import ShotSpec
from ...protocol.late import evolve
from ...scene.stamp import camera_stamp, digest, scene_stamps
from .. import disk

AT_ONCE_S = 0.004  # of looking at the scene's objects
REST_S = 2.0  # before they are looked at again
WORDS = {
    "camera": "the camera",
    "scene": "the scene",
    "look": "shapes, materials or lights",
    "references": "the references",
    "settings": "the settings",
}


class Stamping:
    """The stamps of a shot as it stands, taken in turns of some milliseconds. ``done`` are those that are known."""

    def __init__(self, spec: ShotSpec):
        self.done = _quick(spec)
        self._pieces = _slow(spec)

    def turn(self, seconds: float = AT_ONCE_S) -> bool:
        """False when all are known."""
        until = time.monotonic() + seconds
        try:
            next(self._pieces)
            while time.monotonic() < until:
                next(self._pieces)
        except StopIteration as ended:
            self.done |= ended.value
            return False
        return True


def stamp_of(spec: ShotSpec) -> dict[str, str]:
    """All stamps of a shot as it stands, at once."""
    stamping = Stamping(spec)
    while stamping.turn():
        pass
    return stamping.done


def changed(then: dict[str, str], now: dict[str, str]) -> str:
    """What differs, in words: "the camera and the references"; empty where nothing does, or nothing is known."""
    names = [words for kind, words in WORDS.items() if _differ(then.get(kind, ""), now.get(kind, ""))]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _differ(then: str, now: str) -> bool:
    """Whether both are known, and taken by the same Blender where that is told with them."""
    (old, _, before), (new, _, after) = then.partition(" "), now.partition(" ")
    return bool(old and new) and old != new and before == after


class Watched:
    """The stamps of the shot that the panels show, kept up to date at little cost."""

    def __init__(self) -> None:
        self.now: dict[str, str] = {}
        self._shot = ""
        self._stamping: Stamping | None = None
        self._next_s = 0.0

    def look(self, spec: ShotSpec | None) -> dict[str, str]:
        """The stamps; the scene's are those of the last time that all of it was looked at."""
        if spec is None:
            self.now = {}
            return self.now
        before = self.now
        if spec.uid != self._shot:
            before, self._shot, self._stamping, self._next_s = {}, spec.uid, None, 0.0
        if self._stamping is None and time.monotonic() >= self._next_s:
            self._stamping = Stamping(spec)
        if self._stamping and not self._stamping.turn():
            before, self._stamping = self._stamping.done, None
            self._next_s = time.monotonic() + REST_S
        self.now = {**_quick(spec), **{kind: before.get(kind, "") for kind in ("scene", "look")}}
        return self.now


def _quick(spec: ShotSpec) -> dict[str, str]:
    # The seed is drawn anew for every take, and names may change without the clip changing.
    settings = evolve(
        spec, uid="", name="", seed=0, references=(), characters=(), source=None, style_picture="", camera_switch=None
    )
    pictures: list[object] = [(evolve(r, name="", path=Path(r.path).name), _length(r.path)) for r in spec.pictures]
    pictures += [(len(character.pictures), character.strength) for character in spec.characters]
    if spec.source:
        pictures.append((evolve(spec.source, path=Path(spec.source.path).name), _length(spec.source.path)))
    camera = bpy.data.objects.get(spec.camera)
    return {"camera": camera_stamp(camera), "references": digest(pictures), "settings": digest(settings)}


def _length(name: str) -> int:
    """Bytes of a file on disk. Not its date or its folder: a project that is copied elsewhere is the same."""
    if not name:
        return 0
    path = Path(name)
    if (known := disk.known(path)) is not None:
        return known.length
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _slow(spec: ShotSpec) -> Generator[None, None, dict[str, str]]:
    """Those that look at every object."""
    scene = bpy.data.scenes.get(spec.scene)
    if scene is None:
        return {"scene": "", "look": ""}
    return (yield from scene_stamps(scene, bpy.data.objects.get(spec.camera)))
