# SPDX-License-Identifier: GPL-3.0-or-later
"""The clip that a shot starts from, as the .blend keeps it."""

import bpy
from bpy.props import EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty

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


CLASSES = (SECOND_UNIT_PG_source,)
