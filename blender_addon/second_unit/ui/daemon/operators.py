# SPDX-License-Identifier: GPL-3.0-or-later
"""Buttons of the Daemon panel."""

import functools
from pathlib import Path

import bpy
from bpy.props import BoolProperty

from ...link import current, daemon, environment, installer, remote
from ...protocol.errors import SecondUnitError

EXTENSION = Path(__file__).parents[2]


@functools.cache
def carried_wheel() -> Path | None:
    """The daemon's wheel in this copy of the extension."""
    return environment.carried_wheel(EXTENSION)


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
        if current.link.phase in (daemon.Phase.STARTING, daemon.Phase.CONNECTING, daemon.Phase.READY):
            cls.poll_message_set("The daemon is running already")
            return False
        return True

    def execute(self, _context: bpy.types.Context) -> set[str]:
        current.link.start()
        if current.link.phase is daemon.Phase.ABSENT and current.link.error:
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


CLASSES = (
    SECOND_UNIT_OT_daemon_start,
    SECOND_UNIT_OT_daemon_stop,
    SECOND_UNIT_OT_daemon_install,
    SECOND_UNIT_OT_daemon_copy_command,
    SECOND_UNIT_OT_daemon_copy_key,
    SECOND_UNIT_OT_daemon_install_cancel,
)
