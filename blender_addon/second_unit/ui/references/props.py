# SPDX-License-Identifier: GPL-3.0-or-later
"""A reference as the .blend keeps it."""

import bpy
from bpy.props import EnumProperty, FloatProperty, PointerProperty, StringProperty

SOURCES = (
    ("FILE", "File", "A picture on disk", "FILE_IMAGE", 0),
    ("IMAGE", "Image", "An image in this .blend", "IMAGE_DATA", 1),
    (
        "CAPTURE",
        "Capture",
        "A picture that was taken here, from the viewport, by a render or of a strip",
        "RENDER_STILL",
        2,
    ),
)


class SECOND_UNIT_PG_reference(bpy.types.PropertyGroup):
    """A picture and the scene frame that it shows; ``name`` is the list's label."""

    uid: StringProperty(options={"HIDDEN"})
    scene_frame: FloatProperty(
        name="Frame",
        description="Scene frame that the picture shows; may lie between two frames",
        precision=2,
        step=100,
    )
    source: EnumProperty(name="Source", description="Where the picture comes from", items=SOURCES)
    path: StringProperty(
        name="Picture", description="Picture on disk", subtype="FILE_PATH", options={"PATH_SUPPORTS_BLEND_RELATIVE"}
    )
    image: PointerProperty(name="Image", description="Image in this .blend", type=bpy.types.Image)
    strength: FloatProperty(
        name="Strength",
        description="How closely the clip keeps to this picture, for engines that can weigh it",
        default=1.0,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )


CLASSES = (SECOND_UNIT_PG_reference,)
