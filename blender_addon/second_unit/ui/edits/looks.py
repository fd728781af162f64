# SPDX-License-Identifier: GPL-3.0-or-later
"""A strip in another look, drawn by the daemon's program as its finishing is."""

from pathlib import Path

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, StringProperty

from ... import preferences
from ...core import finishing
from ...link import current
from ...sequencer import above, landing, picked
from ..finish import operators as finish
from ..finish import running
from ..finish.props import FILES
from ..takes import view

NETWORK = "style-network"  # the engine that has what a look needs


def missing() -> str:
    """Why no look can be drawn on this machine, as far as its daemon has said; else empty."""
    engines = () if preferences.remote() else current.link.engines
    return next((e.unavailable_reason for e in engines if e.name == NETWORK and not e.available), "")


class SECOND_UNIT_OT_edit_restyle(finish.OnStrip, bpy.types.Operator):
    """Draw the strip in another look, by words or like a picture; its motion stays, of a take exactly"""

    bl_idname = "second_unit.edit_restyle"
    bl_label = "Restyle"

    style: StringProperty(name="Style", description="The look in words, such as: watercolour, pencil drawing, comic")
    picture: StringProperty(
        name="Style Picture",
        description="A picture whose look the strip is to have, in place of words",
        subtype="FILE_PATH",
    )
    strength: FloatProperty(
        name="Strength", description="0 leaves the strip as it is", default=1.0, min=0.0, max=1.0, subtype="FACTOR"
    )
    file: EnumProperty(name="File", description="What the finished clip is kept as", items=FILES)
    exact: BoolProperty(
        name="Exact Motion",
        description="Carry a take's look along its shot's own motion; else motion is estimated from the pictures",
        default=True,
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if reason := missing():
            cls.poll_message_set(reason)
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self, width=360, confirm_text=self.bl_label)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        strip = picked.scene_of(context).sequence_editor.active_strip
        layout.use_property_split = True
        layout.use_property_decorate = False
        row = layout.row()
        row.active = not self.picture
        row.prop(self, "style")
        layout.prop(self, "picture")
        layout.prop(self, "strength")
        layout.prop(self, "file")
        if strip is not None and strip.second_unit.job_id:
            layout.prop(self, "exact")

    def started(self, _context: bpy.types.Context, strip: "picked.Picked"):
        look, named = self._look()
        rate = landing.scene_frame_rate(bpy.data.scenes[strip.scene])
        shot = _shot_of(strip) if self.exact else []
        out = running.free_out(strip.strip, "restyled", finishing.SUFFIXES[self.file])
        file = finish.best_file(strip)
        words = ["restyle", *finishing.clip_words(file, strip.first, strip.count, strip.whole, strip.rate)]
        words += [*look, "--strength", f"{self.strength:g}", *shot, "--out", str(out)]
        title = f"{strip.strip} restyled"

        def land() -> str:
            made = above.land(strip, out, title, speed=strip.rate.fraction / rate.fraction, made_by=f"restyle:{named}")
            return f"{made.name} lies on channel {made.channel}"

        return running.start(words, title, out, f"Restyling {strip.strip}", land)

    def _look(self) -> tuple[list[str], str]:
        """As the program takes it, and its name. Raises SecondUnitError where there is none."""
        if self.picture:
            file = Path(bpy.path.abspath(self.picture))
            if not file.is_file():
                raise picked.refused(f"The style's picture is not at {file}", "Choose another one")
            return ["--picture", str(file)], file.name
        if not self.style.strip():
            raise picked.refused("No style is given", "Name a look, such as watercolour, or choose a picture")
        return ["--style", self.style.strip()], self.style.strip()


def _shot_of(strip: "picked.Picked") -> list[str]:
    """A take that is shown itself is drawn along its shot's exact motion, where the daemon here has that; whatever was
    made of one since has other frames than the shot."""
    record = view.record_of(strip.job_id) if strip.job_id else None
    shows_it = record is not None and view.file_of(record) == strip.file
    job = running.known_job(strip.job_id) if shows_it else ""
    return ["--shot", job] if job else []


CLASSES = (SECOND_UNIT_OT_edit_restyle,)
