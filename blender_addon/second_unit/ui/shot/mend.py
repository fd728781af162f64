# SPDX-License-Identifier: GPL-3.0-or-later
"""Buttons below a problem that mend it: a smaller size, fewer frames, another engine, and so on."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty

from ...core import mending
from ...link import current
from . import engines, spec
from .operators import OnShot
from .props import active_shot

if TYPE_CHECKING:
    from ...protocol.errors import ErrorInfo

ITEMS = (
    ("SIZE", "Smaller Size", "Give the clip half its pixels, in the same aspect"),
    ("FRAMES", "Fewer Frames", "End the shot where its engine ends at the latest, else in the middle of its range"),
    ("ENGINE", "Built-in Engine", "Use projection, which needs no weights and little memory"),
    ("SCENE_RANGE", "Scene Range", "Shoot the scene's own frame range"),
    ("LONGER", "Longer Range", "Make the shot long enough for all its references"),
    ("LENS", "Perspective Lens", "Set the camera's lens type to Perspective"),
)
LABELS = {way: label for way, label, _ in ITEMS}


class SECOND_UNIT_OT_shot_mend(OnShot, bpy.types.Operator):
    """Change the shot so that it can be shot"""

    bl_idname = "second_unit.shot_mend"
    bl_label = "Mend Shot"

    way: EnumProperty(name="Way", description="What to change", items=ITEMS)

    @classmethod
    def description(cls, _context: bpy.types.Context, properties) -> str:
        text = next(text for way, _, text in ITEMS if way == properties.way)
        return bpy.app.translations.pgettext_tip(text)

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene, shot = context.scene, active_shot(context.scene)
        way = mending.Way(self.way)
        if not _helps(scene, shot, way):
            self.report({"WARNING"}, "There is nothing left to change in this way")
            return {"CANCELLED"}
        first, last = spec.frame_range(scene, shot)
        if way is mending.Way.SIZE:
            shot.width, shot.height = mending.smaller(*spec.clip_size(scene, shot))
            shot.size = "CUSTOM"
        elif way is mending.Way.ENGINE:
            shot.engine = engines.FALLBACK
        elif way is mending.Way.SCENE_RANGE:
            shot.use_scene_range = True
        elif way is mending.Way.LENS:
            spec.camera_of(scene, shot).data.type = "PERSP"
        else:
            frames = [reference.scene_frame for reference in shot.references]
            if way is mending.Way.FRAMES:
                last = mending.fewer(first, last, _most_frames(shot))
            else:
                first, last = mending.longer(first, last, frames)
            shot.use_scene_range, shot.frame_start, shot.frame_end = False, first, last
        return {"FINISHED"}


def _most_frames(shot) -> int | None:
    """Scene frames without handles that the shot's engine makes at most, where it makes a number of its own."""
    plan = current.planner.plan
    rule = next((engine.frame_rule for engine in current.link.engines if engine.name == shot.engine), "")
    if not rule.isdigit() or plan is None or plan.engine != shot.engine:
        return None
    frames = int((int(rule) - 1) * plan.grid.scene_rate.fraction / plan.grid.clip_rate.fraction) + 1
    return max(frames - shot.handle_before - shot.handle_after, 1)


def _helps(scene: bpy.types.Scene, shot, way: "mending.Way") -> bool:
    """Whether there is anything left to change in this way."""
    if way is mending.Way.LENS:
        camera = spec.camera_of(scene, shot)
        return camera is not None and camera.data.is_editable and camera.data.type != "PERSP"
    if way is mending.Way.SIZE:
        size = spec.clip_size(scene, shot)
        return mending.smaller(*size) != size
    if way is mending.Way.FRAMES:
        first, last = spec.frame_range(scene, shot)
        return last > first
    if way is mending.Way.ENGINE:
        return shot.engine != engines.FALLBACK
    if way is mending.Way.SCENE_RANGE:
        return not shot.use_scene_range and scene.frame_end >= scene.frame_start
    return True


def draw(layout: bpy.types.UILayout, problem: "ErrorInfo", scene: bpy.types.Scene, shot) -> None:
    """A button for each way out of ``problem``; none where nobody can press it away."""
    ways = [way for way in mending.WAYS.get(problem.code, ()) if _helps(scene, shot, way)]
    if not ways:
        return
    row = layout.row(align=True)
    for way in ways:
        row.operator(SECOND_UNIT_OT_shot_mend.bl_idname, text=LABELS[way.value]).way = way.value


CLASSES = (SECOND_UNIT_OT_shot_mend,)
