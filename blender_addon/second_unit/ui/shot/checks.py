# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a shot before anything runs, and what the artist should know."""

from __future__ import annotations

import bpy

from ...capture.shading import software_drawn
from ...core import rules
from ...core.spec import ReferenceSpec, ShotSpec
from ...protocol.errors import ErrorInfo
from ...scene.facts import picture_facts, picture_file, read_facts
from .. import disk
from . import engines


def check(spec: ShotSpec) -> list[ErrorInfo]:
    """Everything that keeps the shot from being captured; looks at the disk, for use before a capture."""
    return rules.check(spec, read_facts(spec, engines.needs_references(spec.engine)))


def glance(spec: ShotSpec) -> tuple[list[ErrorInfo], list[str]]:
    """(problems, notes) for the panel, by what is known of the disk already."""
    facts = read_facts(spec, engines.needs_references(spec.engine), _known_picture)
    notes = [*rules.notes(spec, facts), *_timeline_notes(bpy.data.scenes[spec.scene])]
    if spec.capture_colour and software_drawn():
        notes.append("Without a graphics card the scene's colours are drawn in Solid: holes are filled from those")
    return rules.check(spec, facts), notes


def _known_picture(reference: ReferenceSpec) -> rules.PictureFacts | None:
    path = picture_file(reference)
    if path is None:
        return picture_facts(reference)
    known = disk.known(path)
    return rules.PictureFacts(known.found, *(known.size or (0, 0))) if known else None


def _timeline_notes(scene: bpy.types.Scene) -> list[str]:
    if scene.render.use_sequencer and scene.sequence_editor and scene.sequence_editor.strips:
        return ["Rendering this scene gives its strips: Sequencer is on in Output > Post Processing"]
    return []
