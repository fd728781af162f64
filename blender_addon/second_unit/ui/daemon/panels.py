# SPDX-License-Identifier: GPL-3.0-or-later
"""The Daemon panel: its state in words, and the one button that is of use in that state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ... import preferences
from ...link import current, installer, state
from .. import text
from .operators import (
    SECOND_UNIT_OT_daemon_copy_command,
    SECOND_UNIT_OT_daemon_copy_key,
    SECOND_UNIT_OT_daemon_install,
    SECOND_UNIT_OT_daemon_install_cancel,
    SECOND_UNIT_OT_daemon_start,
    SECOND_UNIT_OT_daemon_stop,
    install_command,
)

if TYPE_CHECKING:
    from ...link.installer import InstallProgress

TAB = "Second Unit"


class SECOND_UNIT_PT_daemon(bpy.types.Panel):
    bl_label = "Daemon"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = TAB
    bl_order = 0

    def draw_header_preset(self, _context: bpy.types.Context) -> None:
        view = state.daemon_view(current.link)
        show = self.layout.operator("preferences.addon_show", text="", icon="PREFERENCES", emboss=False)
        show.module = preferences.__package__
        if view.can_stop:
            self.layout.operator(SECOND_UNIT_OT_daemon_stop.bl_idname, text="", icon="QUIT", emboss=False)

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        view = state.daemon_view(current.link)
        progress = current.installer.poll()
        row = layout.row()
        row.label(text=view.title, icon=view.icon)
        if view.can_start:
            row.operator(SECOND_UNIT_OT_daemon_start.bl_idname, text="Start", icon="PLAY")
        if view.error:
            text.problem(layout, view.error)
        if preferences.remote() and view.error:
            _draw_elsewhere(layout)
            layout.operator(SECOND_UNIT_OT_daemon_copy_key.bl_idname, icon="COPYDOWN")
        if progress.state is installer.InstallState.RUNNING:
            _draw_progress(layout, progress)
        elif view.can_install:
            _draw_install(layout, progress)


def draw_state(layout: bpy.types.UILayout) -> None:
    """How the daemon answers, for the preferences."""
    view = state.daemon_view(current.link)
    row = layout.row()
    row.alignment = "RIGHT"
    row.label(text=view.title, icon=view.icon)
    if view.error:
        text.problem(layout, view.error)


def _draw_install(layout: bpy.types.UILayout, progress: InstallProgress) -> None:
    if progress.error:
        text.problem(layout, progress.error)
    text.wrapped(layout, "The daemon makes the clips. It runs beside Blender in a Python of its own.", "INFO")
    column = layout.column(align=True)
    column.scale_y = 1.3
    column.operator(SECOND_UNIT_OT_daemon_install.bl_idname, icon="IMPORT").diffusion = False
    more = layout.row()
    label = "Install with Diffusion (several GB)"
    more.operator(SECOND_UNIT_OT_daemon_install.bl_idname, text=label, icon="IMPORT").diffusion = True
    if not bpy.app.online_access:
        text.wrapped(layout, "To install it from here, allow online access in Preferences > System > Network.")
        layout.operator("screen.userpref_show", text="Open System Preferences", icon="PREFERENCES").section = "SYSTEM"
    text.wrapped(layout, "Or run this in a terminal, then press Start here:")
    box = layout.box()
    row = box.row()
    row.label(text=install_command(), icon="CONSOLE")
    row.operator(SECOND_UNIT_OT_daemon_copy_command.bl_idname, text="", icon="COPYDOWN")
    text.wrapped(layout, "Or use one that runs on another machine, by its address and its key:")
    _draw_elsewhere(layout)


def _draw_elsewhere(layout: bpy.types.UILayout) -> None:
    if stored := preferences.stored():
        layout.prop(stored, "elsewhere", text="", placeholder="render-box:7755 KEY")


def _draw_progress(layout: bpy.types.UILayout, progress: InstallProgress) -> None:
    layout.progress(factor=progress.fraction, text=progress.label)
    if progress.line:
        row = layout.row()
        row.active = False
        row.label(text=progress.line)
    layout.operator(SECOND_UNIT_OT_daemon_install_cancel.bl_idname, icon="CANCEL")


class SECOND_UNIT_PT_daemon_details(bpy.types.Panel):
    bl_label = "Details"
    bl_parent_id = "SECOND_UNIT_PT_daemon"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = TAB
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        return bool(state.daemon_view(current.link).details)

    def draw(self, _context: bpy.types.Context) -> None:
        for line in state.daemon_view(current.link).details:
            text.wrapped(self.layout, line)


CLASSES = (SECOND_UNIT_PT_daemon, SECOND_UNIT_PT_daemon_details)
