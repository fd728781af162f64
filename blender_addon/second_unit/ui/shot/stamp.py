# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shot was when it was shot, in five stamps, so that a take can say what has changed since."""

from __future__ import annotations

import time
from pathlib import Path

import bpy

from ...core.spec import ShotSpec
from ...protocol.late import evolve
from ...scene.look import look_stamp
from ...scene.stamp import camera_stamp, digest, scene_stamp
from .. import disk

SHARE = 0.01  # of Blender's time that looking at the scene's objects may take
WORDS = {
    "camera": "the camera",
    "scene": "the scene",
    "look": "shapes, materials or lights",
    "references": "the references",
    "settings": "the settings",
}


def stamp_of(spec: ShotSpec) -> dict[str, str]:
    """All stamps of a shot as it stands."""
    return {**_quick(spec), **_slow(spec)}


def changed(then: dict[str, str], now: dict[str, str]) -> str:
    """What differs, in words: "the camera and the references"; empty where nothing does, or nothing is known."""
    names = [words for kind, words in WORDS.items() if then.get(kind) and now.get(kind) and then[kind] != now[kind]]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


class Watched:
    """The stamps of the shot that the panels show, kept up to date at little cost."""

    def __init__(self) -> None:
        self.now: dict[str, str] = {}
        self._shot = ""
        self._next_s = 0.0

    def look(self, spec: ShotSpec | None) -> dict[str, str]:
        """The stamps; the scene's is taken again only as often as :data:`SHARE` allows."""
        if spec is None:
            self.now = {}
            return self.now
        begun = time.monotonic()
        stamps = _quick(spec)
        if begun >= self._next_s or spec.uid != self._shot:
            stamps |= _slow(spec)
            self._shot = spec.uid
            self._next_s = begun + max(2.0, (time.monotonic() - begun) / SHARE)
        else:
            stamps |= {kind: self.now.get(kind, "") for kind in ("scene", "look")}
        self.now = stamps
        return stamps


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


def _slow(spec: ShotSpec) -> dict[str, str]:
    """Those that look at every object."""
    scene = bpy.data.scenes.get(spec.scene)
    if scene is None:
        return {"scene": "", "look": ""}
    return {"scene": scene_stamp(scene, bpy.data.objects.get(spec.camera)), "look": look_stamp(scene)}
