# SPDX-License-Identifier: GPL-3.0-or-later
"""A take played: whether its strip is seen where it lies, and Blender's own player for one that is not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import bpy

from . import compat, provenance

PICTURES = {"MOVIE", "IMAGE", "SCENE", "META", "MOVIECLIP", "COLOR"}

_players: list[subprocess.Popen[bytes]] = []  # kept, so that those that are over can be reaped


def is_seen(context: bpy.types.Context, scene: bpy.types.Scene, strip: bpy.types.Strip) -> bool:
    """Whether playing the context's scene shows the strip: in a preview that is open, under no other picture."""
    if context.screen is None or scene != context.scene or strip.mute:
        return False
    if getattr(context.workspace, "sequencer_scene", None) not in (None, scene):
        return False
    areas = (area for window in context.window_manager.windows for area in window.screen.areas)
    if not any(area.type == "SEQUENCE_EDITOR" and area.spaces.active.view_type != "SEQUENCER" for area in areas):
        return False
    start, end = compat.left(strip), compat.right(strip)
    return not any(
        above.channel > strip.channel
        and above.type in PICTURES
        and not above.mute
        and compat.left(above) < end
        and compat.right(above) > start
        for above in provenance.strips_of(scene)
    )


def play(file: Path, rate: tuple[int, int]) -> None:
    """Opens Blender's own player, ``rate`` frames a second as a fraction. Raises OSError where there is none."""
    _players[:] = [player for player in _players if player.poll() is None]
    command = [bpy.app.binary_path, "-a", "-f", str(rate[0]), str(rate[1]), str(file)]
    _players.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
