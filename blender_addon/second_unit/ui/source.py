# SPDX-License-Identifier: GPL-3.0-or-later
"""The clip that a shot starts from, a strip or a file, to be changed or continued."""

import bpy
from bpy.props import EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty

from ..protocol.errors import SecondUnitError
from ..sequencer import picked
from . import text
from .active import OnShot, active_shot

KINDS = (
    ("NONE", "None", "The shot starts from nothing"),
    ("STRIP", "Strip", "A movie strip: each of its frames is seen when the strip shows it"),
    ("FILE", "File", "A clip on disk, a frame of it for each scene frame"),
)
USES = (
    ("edit", "Change", "The clip is changed: inside the region, or everywhere where there is none"),
    ("extend", "Continue", "The clip is kept, and the shot goes on before or after it"),
)


class SECOND_UNIT_PG_source(bpy.types.PropertyGroup):
    kind: EnumProperty(name="From", description="Where the clip comes from", items=KINDS)
    scene: PointerProperty(
        name="Scene", description="Scene whose sequencer has the strip; empty for the shot's own", type=bpy.types.Scene
    )
    strip: StringProperty(name="Strip", description="Movie strip to start from")
    path: StringProperty(
        name="Clip", description="Clip on disk", subtype="FILE_PATH", options={"PATH_SUPPORTS_BLEND_RELATIVE"}
    )
    frame: IntProperty(name="Seen From", description="Scene frame that shows the clip's first frame", default=1)
    use: EnumProperty(name="Use", description="What is done with the clip", items=USES)
    strength: FloatProperty(
        name="Strength",
        description="How far the shot may go from the clip: 0 keeps it, 1 is free",
        default=0.6,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )


class SECOND_UNIT_OT_source_strip(OnShot, bpy.types.Operator):
    """Start the shot from the strip that is chosen in the sequencer"""

    bl_idname = "second_unit.source_strip"
    bl_label = "Use Chosen Strip"

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            shown = picked.picked(context)
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}
        source = active_shot(context.scene).source
        source.kind, source.strip = "STRIP", shown.strip
        source.scene = bpy.data.scenes[shown.scene]
        return {"FINISHED"}


def draw(layout: bpy.types.UILayout, scene: bpy.types.Scene, shot) -> None:
    """Where the clip comes from, and what is done with it."""
    source = shot.source
    layout.use_property_split = True
    layout.use_property_decorate = False
    layout.prop(source, "kind")
    if source.kind == "NONE":
        text.wrapped(layout, "A clip to change, or to continue; Region and Mattes says where it may be changed", "INFO")
        return
    if source.kind == "STRIP":
        editor = (source.scene or scene).sequence_editor
        layout.prop(source, "scene", placeholder=f"{scene.name} (the shot's)")
        row = layout.row(align=True)
        if editor:
            row.prop_search(source, "strip", editor, "strips_all", icon="SEQUENCE")
        else:
            row.prop(source, "strip")
        row.operator(SECOND_UNIT_OT_source_strip.bl_idname, text="", icon="EYEDROPPER")
    else:
        layout.prop(source, "path")
        layout.prop(source, "frame")
    layout.prop(source, "use")
    if source.use == "edit":
        layout.prop(source, "strength")


CLASSES = (
    SECOND_UNIT_PG_source,
    SECOND_UNIT_OT_source_strip,
)

register, unregister = bpy.utils.register_classes_factory(CLASSES)
