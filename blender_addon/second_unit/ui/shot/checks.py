# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a shot before anything runs, and what the artist should know."""

from __future__ import annotations

import time
from pathlib import Path

import bpy

from ...capture.shading import software_drawn
from ...core import rules
from ...core.spec import ReferenceSpec, ShotSpec
from ...link import current
from ...link.fits import about
from ...protocol.errors import ErrorInfo
from ...scene.facts import picture_facts, picture_file, read_facts
from ...scene.surfaces import left_out, materials_of, shows_others
from .. import disk
from . import engines

SHARE = 0.01  # of Blender's time that looking for surfaces may take


class _Surfaces:
    """What of the scene has no surface, or none of its own; looked up as seldom as :data:`SHARE` allows."""

    _scene: str = ""
    _found: tuple[str, ...] = ()
    _next_s: float = 0.0

    def notes(self, scene: bpy.types.Scene) -> tuple[str, ...]:
        begun = time.monotonic()
        if begun >= self._next_s or scene.name != self._scene:
            refused = sorted(material.name for material in materials_of(scene) if shows_others(material))
            self._scene, self._found = scene.name, tuple(rules.surface_notes(left_out(scene), refused))
            self._next_s = begun + max(2.0, (time.monotonic() - begun) / SHARE)
        return self._found


_surfaces = _Surfaces()


def check(spec: ShotSpec) -> list[ErrorInfo]:
    """Everything that keeps the shot from being captured; looks at the disk, for use before a capture."""
    return rules.check(spec, read_facts(spec, engines.needs_references(spec.engine)))


def glance(spec: ShotSpec) -> tuple[list[ErrorInfo], list[str]]:
    """(problems, notes) for the panel, by what is known of the disk already."""
    facts = read_facts(spec, engines.needs_references(spec.engine), _known_picture, _known_file)
    scene = bpy.data.scenes[spec.scene]
    notes = [*rules.notes(spec, facts), *_timeline_notes(scene), *_surfaces.notes(scene), *_lora_notes(spec)]
    notes += _fit_notes(spec)
    if spec.capture_colour and software_drawn():
        notes.append("Without a graphics card the scene's colours are drawn in Solid: holes are filled from those")
    return rules.check(spec, facts), notes


def _known_picture(reference: ReferenceSpec) -> rules.PictureFacts | None:
    path = picture_file(reference)
    if path is None:
        return picture_facts(reference)
    known = disk.known(path)
    return rules.PictureFacts(known.found, *(known.size or (0, 0))) if known else None


def _known_file(path: Path) -> bool | None:
    known = disk.known(path)
    return known.found if known else None


def _lora_notes(spec: ShotSpec) -> list[str]:
    shelf = current.models
    if not shelf.lora_folder:
        return []  # no daemon has told yet
    lacking = [lora.name for lora in spec.loras if lora.name not in shelf.loras]
    return [f"There is no LoRA {name} in {shelf.lora_folder}: the shot would fail" for name in lacking]


def _fit_notes(spec: ShotSpec) -> list[str]:
    return [
        f"Reference {reference.name} could not be matched to the scene: check that it shows what the camera sees there"
        for reference in spec.references
        if spec.fit_references and current.fits.doubts(reference.uid, about(reference.scene_frame, reference.path))
    ]


def _timeline_notes(scene: bpy.types.Scene) -> list[str]:
    if scene.render.use_sequencer and scene.sequence_editor and scene.sequence_editor.strips:
        return ["Rendering this scene gives its strips: Sequencer is on in Output > Post Processing"]
    return []
