# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shot was when it was shot, in five stamps, so that a take can say what has changed since."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from pathlib import Path

import bpy

from ...core.spec import ShotSpec
from ...protocol.late import evolve
from ...scene.stamp import camera_stamp, digest, scene_stamps
from ...sequencer.busy import OBJECT_MODES
from .. import disk

Pieces = Generator[None, None, dict[str, str]]  # returns stamps by their kind

AT_ONCE_S = 0.004  # of looking at the scene's objects
REST_S = 2.0  # at least, before they are looked at again
SHARE = 0.01  # of the time that looking again and again may take
WORDS = {
    "camera": "the camera",
    "scene": "the scene",
    "look": "shapes, materials or lights",
    "references": "the references",
    "settings": "the settings",
}


class _Turns:
    """Stamps that are taken piece by piece. ``done`` are those that are known; they took ``cost_s`` so far."""

    def __init__(self, pieces: Pieces, done: dict[str, str] | None = None):
        self.done = done or {}
        self.cost_s = 0.0
        self._pieces = pieces

    def turn(self, seconds: float = AT_ONCE_S) -> bool:
        """False when all are known."""
        begun = time.monotonic()
        try:
            next(self._pieces)
            while time.monotonic() - begun < seconds:
                next(self._pieces)
        except StopIteration as ended:
            self.done |= ended.value
            return False
        finally:
            self.cost_s += time.monotonic() - begun
        return True


class Stamping(_Turns):
    """All stamps of a shot as it stands, in turns of some milliseconds."""

    def __init__(self, spec: ShotSpec):
        super().__init__(_every(spec), quick(spec))


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
        self._slow: tuple[_Again, ...] = ()

    def look(self, spec: ShotSpec | None) -> dict[str, str]:
        """The stamps; the camera's and the scene's are those of the last time that all of it was looked at."""
        if spec is None:
            self.now, self._shot = {}, ""
            return self.now
        if spec.uid != self._shot:
            self._shot, self._slow = spec.uid, (_Again(_camera, 0.0), _Again(_scene, REST_S))
        as_it_is = _as_it_is(spec)
        self.now = quick(spec)
        for again in self._slow:
            self.now |= again.look(spec) if as_it_is else again.keep()
        return self.now


class _Again:
    """Stamps taken again and again, with rests of ``rest_s`` at least, and as long as the cost demands."""

    def __init__(self, pieces_of: Callable[[ShotSpec], Pieces], rest_s: float):
        self._pieces_of = pieces_of
        self._rest_s = rest_s
        self._known: dict[str, str] = {}
        self._turns: _Turns | None = None
        self._begun_s = self._next_s = 0.0

    def look(self, spec: ShotSpec) -> dict[str, str]:
        if self._turns is None and time.monotonic() >= self._next_s:
            self._turns, self._begun_s = _Turns(self._pieces_of(spec)), time.monotonic()
        if self._turns and not self._turns.turn():
            self._known = self._turns.done
            self._next_s = max(time.monotonic() + self._rest_s, self._begun_s + self._turns.cost_s / SHARE)
            self._turns = None
        return self._known

    def keep(self) -> dict[str, str]:
        """The last ones; what was begun since is of no use."""
        self._turns = None
        return self._known


def _as_it_is(spec: ShotSpec) -> bool:
    """Whether the data is what renders, rather than in the hands of a mode or of a capture."""
    from . import shoot  # which asks what this is part of: at the top the two would import each other

    scene = bpy.data.scenes.get(spec.scene)
    layer = scene.view_layers.get(spec.view_layer) if scene else None
    active = layer.objects.active if layer else None
    if shoot.now.running is not None or (active and active.mode not in OBJECT_MODES):
        return False
    return not any(mesh.is_editmode for mesh in bpy.data.meshes)


def quick(spec: ShotSpec) -> dict[str, str]:
    """The stamps of the references and the settings, which take no time."""
    # The seed is drawn anew for every take, and names may change without the clip changing.
    settings = evolve(
        spec, uid="", name="", seed=0, references=(), characters=(), source=None, style_picture="", camera_switch=None
    )
    pictures: list[object] = [(evolve(r, name="", path=Path(r.path).name), _length(r.path)) for r in spec.pictures]
    pictures += [(len(character.pictures), character.strength) for character in spec.characters]
    if spec.source:
        pictures.append((evolve(spec.source, path=Path(spec.source.path).name), _length(spec.source.path)))
    return {"references": digest(pictures), "settings": digest(settings)}


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


def _every(spec: ShotSpec) -> Pieces:
    return {**(yield from _camera(spec)), **(yield from _scene(spec))}


def _camera(spec: ShotSpec) -> Pieces:
    camera = bpy.data.objects.get(spec.camera)
    return {"camera": (yield from camera_stamp(camera)) if camera else ""}


def _scene(spec: ShotSpec) -> Pieces:
    """Those that look at every object."""
    scene = bpy.data.scenes.get(spec.scene)
    if scene is None:
        return {"scene": "", "look": ""}
    camera = bpy.data.objects.get(spec.camera)
    return (yield from scene_stamps(scene, camera, plate=spec.capture_colour))
