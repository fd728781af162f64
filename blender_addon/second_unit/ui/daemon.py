# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon's state, starting, stopping and installing it."""

import functools
import time
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty

from .. import preferences
from ..link import current, daemon, environment, installer, pump, remote, state
from ..protocol.errors import SecondUnitError
from . import dots, text

if TYPE_CHECKING:
    from ..link.installer import InstallProgress

TAB = "Second Unit"
EXTENSION = Path(__file__).parents[1]
ANSWER_S = 60.0
WAIT_S = 0.01


@functools.cache
def carried_wheel() -> Path | None:
    """The daemon's wheel in this copy of the extension."""
    return environment.carried_wheel(EXTENSION)


def _is_up() -> bool:
    return current.link.phase in (daemon.Phase.STARTING, daemon.Phase.CONNECTING, daemon.Phase.READY)


def _await_answer() -> None:
    """For scripts: until the daemon has said what it has, or is gone."""
    deadline = time.monotonic() + ANSWER_S
    while _is_up() and not (current.link.ready and current.link.engines) and time.monotonic() < deadline:
        pump.tick()
        time.sleep(WAIT_S)


def install_command() -> str:
    """What to type in a terminal to have the daemon in a Python of one's own."""
    wheel = carried_wheel()
    return f'pip install "{wheel}"' if wheel else "pip install second-unit"


class SECOND_UNIT_OT_daemon_start(bpy.types.Operator):
    """Start the render daemon; it runs on when Blender is closed"""

    bl_idname = "second_unit.daemon_start"
    bl_label = "Start Daemon"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if current.link.remote is not None:
            cls.poll_message_set("The daemon is on another machine: start it there")
            return False
        if _is_up():
            cls.poll_message_set("The daemon is running already")
            return False
        return True

    def execute(self, _context: bpy.types.Context) -> set[str]:
        if bpy.app.background:
            pump.tick()  # no timer has looked whether one runs
        if not _is_up():
            current.link.start()
        if bpy.app.background:  # a script goes on when it is there
            _await_answer()
        if not _is_up() and current.link.error:
            self.report({"ERROR"}, current.link.error.sentence())
            return {"CANCELLED"}
        return {"FINISHED"}


class SECOND_UNIT_OT_daemon_stop(bpy.types.Operator):
    """Stop the render daemon; a running job starts again with its next start"""

    bl_idname = "second_unit.daemon_stop"
    bl_label = "Stop Daemon"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if not current.link.ready:
            cls.poll_message_set("There is no daemon to stop")
            return False
        if current.link.remote is not None:
            cls.poll_message_set("The daemon is on another machine: stop it there")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if current.link.status and current.link.status.running:
            return context.window_manager.invoke_confirm(self, event)
        return self.execute(context)

    def execute(self, _context: bpy.types.Context) -> set[str]:
        current.link.stop()
        return {"FINISHED"}


class SECOND_UNIT_OT_daemon_install(bpy.types.Operator):
    """Install the daemon that came with this extension into its own environment in your user folder"""

    bl_idname = "second_unit.daemon_install"
    bl_label = "Install Daemon"

    diffusion: BoolProperty(
        name="With Diffusion Engines",
        description="Install torch too, in the build that fits the graphics card: several GB",
        default=False,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if not bpy.app.online_access:
            cls.poll_message_set("Allow online access in Preferences > System > Network first")
            return False
        if current.installer.poll().state is installer.InstallState.RUNNING:
            cls.poll_message_set("The daemon is being installed")
            return False
        if carried_wheel() is None:
            cls.poll_message_set("This copy of the extension carries no daemon")
            return False
        return True

    def execute(self, _context: bpy.types.Context) -> set[str]:
        wheel = carried_wheel()
        try:
            current.installer.start(wheel, online=bpy.app.online_access, diffusion=self.diffusion)
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}
        return {"FINISHED"}


class SECOND_UNIT_OT_daemon_copy_command(bpy.types.Operator):
    """Copy the command that installs the daemon that came with this extension, for a Python of your own"""

    bl_idname = "second_unit.daemon_copy_command"
    bl_label = "Copy Command"

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.window_manager.clipboard = install_command()
        return {"FINISHED"}


class SECOND_UNIT_OT_daemon_copy_key(bpy.types.Operator):
    """Copy the command that lets this Blender in, to be run on the daemon's machine; put your name for NAME"""

    bl_idname = "second_unit.daemon_copy_key"
    bl_label = "Copy Command"

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            context.window_manager.clipboard = remote.allow_command()
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}
        return {"FINISHED"}


class SECOND_UNIT_OT_daemon_install_cancel(bpy.types.Operator):
    """Stop installing the daemon"""

    bl_idname = "second_unit.daemon_install_cancel"
    bl_label = "Cancel"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        current.installer.cancel()
        return {"FINISHED"}


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
        row.label(text=view.title, icon_value=dots.icon(view.colour))
        if view.can_start:
            row.operator(SECOND_UNIT_OT_daemon_start.bl_idname, text="Start", icon="PLAY")
        if view.device:
            device = layout.column()
            device.active = False
            text.wrapped(device, view.device)
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
    row.label(text=view.title, icon_value=dots.icon(view.colour))
    if view.error:
        text.problem(layout, view.error)


def _draw_install(layout: bpy.types.UILayout, progress: "InstallProgress") -> None:
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


def _draw_progress(layout: bpy.types.UILayout, progress: "InstallProgress") -> None:
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


CLASSES = (
    SECOND_UNIT_OT_daemon_start,
    SECOND_UNIT_OT_daemon_stop,
    SECOND_UNIT_OT_daemon_install,
    SECOND_UNIT_OT_daemon_copy_command,
    SECOND_UNIT_OT_daemon_copy_key,
    SECOND_UNIT_OT_daemon_install_cancel,
    SECOND_UNIT_PT_daemon,
    SECOND_UNIT_PT_daemon_details,
)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    preferences.drawn_below_address.append(draw_state)


def unregister() -> None:
    preferences.drawn_below_address.remove(draw_state)
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
