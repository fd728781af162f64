# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on's preferences, and reading them when the add-on runs without having been enabled (scripts, tests)."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty

from .core.qualities import QUALITIES
from .protocol.errors import SecondUnitError

if TYPE_CHECKING:
    from .link.remote import Remote

# What draws how the daemon answers, below the address of another machine's; from the panels, which draw it too.
drawn_below_address: list[Callable[[bpy.types.UILayout], None]] = []


def _get_elsewhere(self) -> str:
    return " ".join(part for part in (self.remote_address, self.remote_key) if part)


def _set_elsewhere(self, words: str) -> None:
    self.remote_address, _, self.remote_key = (part.strip() for part in words.strip().partition(" "))
    self.daemon_place = "REMOTE" if self.remote_address else "HERE"
    if self.remote_key:
        from .link.remote import allow_command

        with suppress(SecondUnitError):  # the panel has the sentence, and the button
            bpy.context.window_manager.clipboard = allow_command()  # what has to be run there next


class SECOND_UNIT_AP_preferences(bpy.types.AddonPreferences):
    bl_idname = __package__

    daemon_place: EnumProperty(
        name="Daemon",
        description="Where clips are made",
        items=(
            ("HERE", "This Machine", "The daemon that was installed here; it is started when it is needed"),
            ("REMOTE", "Another Machine", "A daemon that runs elsewhere, on a machine with a better graphics card"),
        ),
        default="HERE",
    )
    remote_address: StringProperty(name="Address", description="Host and port of the daemon, such as render-box:7755")
    remote_key: StringProperty(
        name="Its Key", description="The daemon's public key, as `second-unit key` prints it on its machine"
    )
    elsewhere: StringProperty(
        name="Another Machine",
        description="The daemon of another machine: its address, and its key as `second-unit key` prints it there. "
        "What lets this Blender in there is on the clipboard then",
        get=_get_elsewhere,
        set=_set_elsewhere,
        options={"SKIP_SAVE"},
    )
    daemon_program: StringProperty(
        name="Program",
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

    quality: EnumProperty(
        name="Quality of New Shots",
        description="What a shot that you add starts with",
        items=QUALITIES,
        default="standard",
    )
    keep_takes: IntProperty(
        name="Takes Kept",
        description="Of each shot only the newest so many takes stay in the list; older ones go to the folder "
        '"trash", but for those with a star or on the timeline. 0 keeps them all',
        default=0,
        min=0,
        max=1000,
    )
    land_sound: BoolProperty(
        name="Land Sound", description="Put the sound of a take on the timeline with it", default=True
    )

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.row().prop(self, "daemon_place", expand=True)
        if self.daemon_place == "REMOTE":
            self._draw_remote(layout)
        else:
            layout.prop(self, "daemon_program", placeholder="Found by itself")
            layout.prop(self, "start_when_needed")
        layout.separator()
        column = layout.column()
        column.prop(self, "take_folder")
        column.prop(self, "spool_folder", placeholder="Your user folder")
        layout.separator()
        layout.prop(self, "quality")
        layout.prop(self, "keep_takes", text="Takes Kept (0: All)")
        layout.prop(self, "land_sound")

    def _draw_remote(self, layout: bpy.types.UILayout) -> None:
        layout.prop(self, "remote_address", placeholder="render-box:7755")
        layout.prop(self, "remote_key", placeholder="What second-unit key prints there")
        for draw in drawn_below_address:
            draw(layout)
        row = layout.row(align=True)
        row.alignment = "RIGHT"
        row.label(text="Let this Blender in there")
        row.operator("second_unit.daemon_copy_key", icon="COPYDOWN")


def stored() -> "SECOND_UNIT_AP_preferences | None":
    addon = bpy.context.preferences.addons.get(__package__)
    return addon.preferences if addon else None


def _value(name: str):
    found = stored()
    return getattr(found, name) if found else SECOND_UNIT_AP_preferences.bl_rna.properties[name].default


def remote() -> "Remote | None":
    """The daemon of another machine that is to be used; None for the one here."""
    from .link.remote import Remote

    if _value("daemon_place") != "REMOTE":
        return None
    return Remote(_value("remote_address"), _value("remote_key"))


def quality() -> str:
    """Quality of a shot that is added."""
    return _value("quality")


def keep_takes() -> int:
    """How many takes of a shot stay in the list; 0 for all."""
    return _value("keep_takes")


def land_sound() -> bool:
    return _value("land_sound")


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
    from .protocol.paths import home

    return Path(bpy.path.abspath(chosen)) if chosen else home() / "spool"


def register() -> None:
    bpy.utils.register_class(SECOND_UNIT_AP_preferences)


def unregister() -> None:
    bpy.utils.unregister_class(SECOND_UNIT_AP_preferences)
