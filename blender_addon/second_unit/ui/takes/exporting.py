# SPDX-License-Identifier: GPL-3.0-or-later
"""What was captured for a take, in the forms that other programs and models read."""

from pathlib import Path

import bpy
from bpy.props import EnumProperty, StringProperty

from ...core.exports import CAMERAS, EXPORTS, PICTURES
from ...link import current
from ...protocol.errors import SecondUnitError
from .. import here, text
from .operators import OnTake

ITEMS = tuple((export.name, export.title, f"Read by {export.read_by}") for export in EXPORTS.values())
ICONS = {None: "SORTTIME", True: "CHECKMARK", False: "ERROR"}


class SECOND_UNIT_OT_take_export(OnTake, bpy.types.Operator):
    """Write what was captured for the take in a form that another program or model reads"""

    bl_idname = "second_unit.take_export"
    bl_label = "Export Take"

    filepath: StringProperty(name="File", description="File or folder to write", subtype="FILE_PATH")
    form: EnumProperty(name="Form", description="What to write", items=ITEMS)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        record = self.record(context)
        name = f"{record.shot_name}_{record.take:03d}" if record else "shot"
        self.filepath = f"{bpy.path.clean_name(name)}_{self.form}{EXPORTS[self.form].ending}"
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def draw(self, _context: bpy.types.Context) -> None:
        self.layout.label(text=EXPORTS[self.form].title)
        if EXPORTS[self.form].ending == ".mkv":
            text.wrapped(self.layout, "End the name in .mp4 for players, or in nothing for a folder of PNG", "INFO")

    def execute(self, context: bpy.types.Context) -> set[str]:
        record = self.record(context)
        if record is None:
            return {"CANCELLED"}
        try:
            here.ask_for_shot(f"export {record.job_id[:8]} --form {self.form} --out FILE")
            program = here.program()
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}
        out = Path(bpy.path.abspath(self.filepath)).absolute()
        title = EXPORTS[self.form].title
        command = [str(program), "export", record.job_id, "--form", self.form, "--out", str(out)]
        run = current.exporter.start(command, title, out, f"Exporting {title}")
        if bpy.app.background:  # a script goes on when it is done
            current.exporter.wait(run)
            self.report({"INFO"} if run.over else {"ERROR"}, run.words)
            return {"FINISHED"} if run.over else {"CANCELLED"}
        self.report({"INFO"}, run.words)
        return {"FINISHED"}


class SECOND_UNIT_OT_exports_forget(bpy.types.Operator):
    """Take finished exports off the panel; their files stay"""

    bl_idname = "second_unit.exports_forget"
    bl_label = "Clear Finished Exports"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        current.exporter.forget()
        return {"FINISHED"}


class SECOND_UNIT_MT_take_export(bpy.types.Menu):
    """What was captured for the take, for other programs and models"""

    bl_label = "Export"

    def draw(self, _context: bpy.types.Context) -> None:
        for export in PICTURES:
            self.layout.operator(SECOND_UNIT_OT_take_export.bl_idname, text=export.title).form = export.name
        self.layout.separator()
        self.layout.menu(SECOND_UNIT_MT_take_export_camera.__name__)


class SECOND_UNIT_MT_take_export_camera(bpy.types.Menu):
    """The take's camera path"""

    bl_label = "Camera Path"

    def draw(self, _context: bpy.types.Context) -> None:
        for export in CAMERAS:
            self.layout.operator(SECOND_UNIT_OT_take_export.bl_idname, text=export.title).form = export.name


def draw(layout: bpy.types.UILayout) -> None:
    """How exports stand, below the take."""
    if not current.exporter.runs:
        return
    box = layout.box()
    for run in current.exporter.runs:
        text.wrapped(box, run.words, ICONS[run.over])
    if any(run.over is not None for run in current.exporter.runs):
        box.operator(SECOND_UNIT_OT_exports_forget.bl_idname, text="Clear", icon="X")


CLASSES = (
    SECOND_UNIT_OT_take_export,
    SECOND_UNIT_OT_exports_forget,
    SECOND_UNIT_MT_take_export_camera,
    SECOND_UNIT_MT_take_export,
)
