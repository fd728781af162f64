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
    (
        "FRAMES",
        "Fewer Frames",
        "As many as the engine makes at most, else half of them: the part with the most references",
    ),
    ("ENGINE", "Built-in Engine", "Use projection, which needs no weights and little memory"),
    ("SCENE_RANGE", "Scene Range", "Shoot the scene's own frame range"),
    ("LONGER", "Longer Range", "Make the shot long enough for all its references"),
    ("WITHOUT", "Without Them", "Take the references that lie outside of the shot's range off its list"),
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
        elif way is mending.Way.WITHOUT:
            for number in reversed(_outside(scene, shot)):
                shot.references.remove(number)
            shot.active_reference = max(0, min(shot.active_reference, len(shot.references) - 1))
        else:
            frames = [reference.scene_frame for reference in shot.references]
            if way is mending.Way.FRAMES:
                first, last = mending.fewer(first, last, frames, _most_frames(shot))
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


def _outside(scene: bpy.types.Scene, shot) -> list[int]:
    """Places of the references that lie outside of the shot's range and handles."""
    first, last = spec.frame_range(scene, shot)
    first, last = first - shot.handle_before, last + shot.handle_after
    return [n for n, reference in enumerate(shot.references) if not first <= reference.scene_frame <= last]


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
    return way is not mending.Way.WITHOUT or bool(_outside(scene, shot))


def draw(layout: bpy.types.UILayout, problem: "ErrorInfo", scene: bpy.types.Scene, shot) -> None:
    """A button for each way out of ``problem``; none where nobody can press it away."""
    ways = [way for way in mending.WAYS.get(problem.code, ()) if _helps(scene, shot, way)]
    if not ways:
        return
    row = layout.row(align=True)
    for way in ways:
        row.operator(SECOND_UNIT_OT_shot_mend.bl_idname, text=LABELS[way.value]).way = way.value


CLASSES = (SECOND_UNIT_OT_shot_mend,)
