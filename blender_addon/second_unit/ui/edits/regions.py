# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an edit of a strip works: a picture, a mask data-block or grease pencil, as files for the daemon's program."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, StringProperty

from ... import preferences
from ...protocol.late import frozen
from ...scene import pencil
from ...sequencer import masks, picked
from . import drawing

if TYPE_CHECKING:
    from ...core.drawing import Points

KEEP_S = 86_400.0
LATER = "{mask}"  # in words: a mask whose pictures are still to be drawn
DRAWN = (
    ("MASK", "Picture", "A grey picture or clip: white is the region"),
    ("MASK_DATA", "Mask", "The closed splines of a mask data-block, animated ones too"),
    ("PENCIL", "Grease Pencil", "The closed strokes of a grease pencil object in the camera's view on this frame"),
)


@frozen
class Place:
    """Scene frames ``start`` … ``end - 1`` of the timeline, and the size of the picture that is seen there."""

    scene: str
    start: int
    end: int
    size: tuple[int, int]


class HasRegion:
    """Properties that say where, for operators that draw :meth:`region_shown`."""

    mask: StringProperty(name="Picture", description="Grey picture or clip of the strip's frames", subtype="FILE_PATH")
    mask_data: StringProperty(name="Mask", description="Its closed splines are the region")
    pencil: StringProperty(name="Drawing", description="Grease pencil object whose closed strokes are the region")
    drawn_here: BoolProperty(
        name="Drawn on This Frame",
        description="The mask was drawn on the current frame; of a take it follows the surfaces from there",
    )

    def region_shown(self) -> tuple[str, ...]:
        shown = {"MASK": ("mask", "drawn_here"), "MASK_DATA": ("mask_data",), "PENCIL": ("pencil",)}
        return shown.get(self.region, ())

    def draw_one(self, layout: bpy.types.UILayout, name: str) -> None:
        searched = {"mask_data": ("masks", "MOD_MASK"), "pencil": ("objects", "OUTLINER_OB_GREASEPENCIL")}
        if name in searched:
            layout.prop_search(self, name, bpy.data, searched[name][0], icon=searched[name][1])
        elif name == "mask":
            layout.prop(self, name, placeholder="White is the region")
        else:
            layout.prop(self, name)

    def region_words(self, place: Place) -> str:
        """The mask's file, with the frame that it was drawn on; ``LATER``, where it is first drawn as ``wanted`` says.

        Raises SecondUnitError where none is named."""
        at = bpy.data.scenes[place.scene].frame_current - place.start
        here = 0 <= at < place.end - place.start
        if self.region == "MASK":
            if not self.mask:
                raise picked.refused("No mask is named", "Paint white where, and choose that picture")
            if self.drawn_here and not here:
                raise picked.refused("The current frame is not on the strip", "Go to the frame that was drawn on")
            return bpy.path.abspath(self.mask) + (f"@{at}" if self.drawn_here else "")
        folder = preferences.spool_folder() / "drawn"
        _forget_old(folder)
        if self.region == "MASK_DATA":
            mask, count = self._mask(), place.end - place.start
            if bpy.app.background:
                return str(masks.mask_pictures(mask, place.start, count, place.size, folder))
            made = masks.new_folder(mask, folder)
            self.wanted = drawing.Wanted(mask.name, place.start, count, place.size, made)
            return LATER
        if not here:
            raise picked.refused("The current frame is not on the strip", "Go to the frame that was drawn on")
        scene = bpy.data.scenes[place.scene]
        return f"{pencil.pencil_picture(self._pencil(), scene, place.size, folder)}@{at}"

    def line(self, place: Place) -> "Points":
        """The open spline or stroke beside the region. Raises SecondUnitError where there is none."""
        scene = bpy.data.scenes[place.scene]
        found = None
        if self.region == "MASK_DATA":
            found = masks.mask_line(self._mask(), place.size)
        if self.region == "PENCIL":
            found = pencil.pencil_line(self._pencil(), scene, place.size)
        if found is None:
            cause = "There is no open spline or stroke that the part could follow"
            raise picked.refused(cause, "Draw one into the same mask or grease pencil object, or give a speed")
        return found

    def _mask(self) -> bpy.types.Mask:
        found = bpy.data.masks.get(self.mask_data)
        if found is None:
            raise picked.refused(
                "No mask data-block is chosen", "Draw one in the Image or Movie Clip editor, mode Mask"
            )
        return found

    def _pencil(self) -> bpy.types.Object:
        found = bpy.data.objects.get(self.pencil)
        if found is None or found.type != pencil.KIND:
            raise picked.refused(
                "No grease pencil object is chosen", "Add one in the 3D view, and draw through the camera"
            )
        return found


def _forget_old(folder: Path) -> None:
    """What was drawn for edits that are long put together."""
    import shutil

    for path in folder.iterdir() if folder.is_dir() else ():
        if time.time() - path.stat().st_mtime > KEEP_S:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
