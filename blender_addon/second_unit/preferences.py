# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on's preferences, and reading them when the add-on runs without having been enabled (scripts, tests)."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy.props import BoolProperty, StringProperty

from .protocol.paths import home


class SECOND_UNIT_AP_preferences(bpy.types.AddonPreferences):
    bl_idname = __package__

    daemon_program: StringProperty(
        name="Daemon",
        description="The second-unit program; leave it empty to have it found",
        subtype="FILE_PATH",
    )
    start_when_needed: BoolProperty(
        name="Start When Needed",
        description="Start the daemon when you press Shoot, and again if it stops in the middle of a job",
        default=True,
    )
    take_folder: StringProperty(
        name="Takes",
        description="Folder for finished takes; // is the folder of the .blend",
        subtype="DIR_PATH",
        options={"PATH_SUPPORTS_BLEND_RELATIVE"},
        default="//second_unit",
    )
    spool_folder: StringProperty(
        name="Captures",
        description="Folder for captured planes until the daemon has them; leave it empty for the user's own folder",
        subtype="DIR_PATH",
    )

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "daemon_program")
        layout.prop(self, "start_when_needed")
        layout.prop(self, "take_folder")
        layout.prop(self, "spool_folder")


def _value(name: str):
    addon = bpy.context.preferences.addons.get(__package__)
    stored = addon.preferences if addon else None
    return getattr(stored, name) if stored else SECOND_UNIT_AP_preferences.bl_rna.properties[name].default


def daemon_program() -> str:
    return bpy.path.abspath(_value("daemon_program") or "")


def start_when_needed() -> bool:
    return bool(_value("start_when_needed"))


def take_folder() -> Path | None:
    """Where takes go; None while the .blend has no folder yet and the takes belong beside it."""
    chosen = _value("take_folder") or "//second_unit"
    if chosen.startswith("//") and not bpy.data.filepath:
        return None
    return Path(bpy.path.abspath(chosen))


def spool_folder() -> Path:
    chosen = _value("spool_folder")
    return Path(bpy.path.abspath(chosen)) if chosen else home() / "spool"


def register() -> None:
    bpy.utils.register_class(SECOND_UNIT_AP_preferences)


def unregister() -> None:
    bpy.utils.unregister_class(SECOND_UNIT_AP_preferences)
