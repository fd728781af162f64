# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera moves from the present pose, and the viewport's view as a camera."""

import math
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty
from mathutils import Vector

from ...protocol.late import evolve
from ...translations import OWN
from ..shot import spec
from ..shot.props import active_shot
from . import keys

if TYPE_CHECKING:
    from ...cameras import moves

MOVES = (
    ("PAN", "Pan", "Turn to the left on a level tripod head"),
    ("TILT", "Tilt", "Look up"),
    ("ROLL", "Roll", "Turn about the view axis, clockwise"),
    ("DOLLY", "Dolly", "Travel forward"),
    ("TRUCK", "Truck", "Travel to the right"),
    ("PEDESTAL", "Pedestal", "Travel straight up"),
    ("ZOOM", "Zoom", "Make the focal length longer"),
    ("DOLLY_ZOOM", "Dolly Zoom", "Travel forward and zoom out, so that the subject keeps its size"),
    ("ORBIT", "Orbit", "Travel around the subject, to the right"),
    ("CRANE", "Crane", "Rise and keep looking at the subject"),
    ("HANDHELD", "Handheld", "Sway as if carried, on top of what the camera does"),
)
EASES = (
    ("IN_OUT", "In and Out", "Begin and end gently"),
    ("LINEAR", "Even", "The same speed all the way"),
    ("IN", "In", "Begin gently, end at full speed"),
    ("OUT", "Out", "Begin at full speed, end gently"),
)
FALLBACK_DISTANCE_M = 5.0
_MIRRORED = {"IN": "OUT", "OUT": "IN"}


def shot_camera(context: bpy.types.Context) -> bpy.types.Object | None:
    """The active shot's camera; without a shot the scene's."""
    shot = active_shot(context.scene)
    return spec.camera_of(context.scene, shot) if shot else context.scene.camera


def shot_range(context: bpy.types.Context) -> tuple[int, int]:
    """The active shot's range; without a shot the scene's."""
    shot = active_shot(context.scene)
    return spec.frame_range(context.scene, shot) if shot else (context.scene.frame_start, context.scene.frame_end)


def subject_distance(context: bpy.types.Context, pose: "moves.Pose") -> float:
    """How far away the camera's middle looks, in Blender units; a few metres where it looks at nothing."""
    from ...scene.camera import unit_scale

    origin, ahead = Vector(pose.matrix[:3, 3]), Vector(-pose.matrix[:3, 2])
    hit, place, *_ = context.scene.ray_cast(context.evaluated_depsgraph_get(), origin, ahead)
    return (place - origin).length if hit else FALLBACK_DISTANCE_M / unit_scale(context.scene)


class SECOND_UNIT_OT_camera_move(bpy.types.Operator):
    """Animate the shot's camera over the shot's range, from where it is now; its keys stay editable"""

    bl_idname = "second_unit.camera_move"
    bl_label = "Camera Move"
    bl_options = {"REGISTER", "UNDO"}

    move: EnumProperty(name="Move", description="How the camera moves", items=MOVES, translation_context=OWN)
    angle: FloatProperty(
        name="Angle", description="How far the camera turns", default=math.radians(30), subtype="ANGLE", soft_min=-6.3
    )
    length: FloatProperty(
        name="Distance",
        description="How far the camera travels; less than zero for the other way",
        default=2.0,
        subtype="DISTANCE",
        unit="LENGTH",
    )
    factor: FloatProperty(
        name="Factor", description="What the focal length is multiplied by", default=1.5, min=0.02, max=50.0
    )
    strength: FloatProperty(
        name="Strength", description="How much the camera sways; 0 takes the sway away", default=0.5, min=0.0, max=4.0
    )
    ease: EnumProperty(name="Ease", description="How the move begins and ends", items=EASES, translation_context=OWN)
    arrive: BoolProperty(name="End Here", description="Make the present pose the end of the move, not its beginning")
    subject: FloatProperty(
        name="Subject",
        description="How far away the subject is; 0 takes what the camera's middle looks at",
        min=0.0,
        subtype="DISTANCE",
        unit="LENGTH",
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if reason := keys.refusal(shot_camera(context)):
            cls.poll_message_set(reason)
            return False
        return True

    @classmethod
    def description(cls, _context: bpy.types.Context, properties) -> str:
        return next((text for name, _, text in MOVES if name == properties.move), cls.__doc__ or "")

    def draw(self, _context: bpy.types.Context) -> None:
        from ...cameras import moves

        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "move")
        layout.prop(self, _amount_of(self.move))
        if self.move == "HANDHELD":
            return
        layout.prop(self, "ease")
        layout.prop(self, "arrive")
        if self.move in moves.ABOUT_A_POINT:
            layout.prop(self, "subject")

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.camera import unit_scale

        camera, (first, last) = shot_camera(context), shot_range(context)
        if last <= first:
            self.report({"ERROR"}, "The shot has one frame: give it a longer range for a move")
            return {"CANCELLED"}
        if self.move == "HANDHELD":
            keys.sway(camera, self.strength, first, last, unit_scale(context.scene))
            return {"FINISHED"}
        try:
            path = self._path(context, keys.pose_of(camera), last - first)
        except ValueError as error:
            self.report({"ERROR"}, f"{camera.name}: {error}")
            return {"CANCELLED"}
        keys.write_path(camera, path, first, last, self.ease)
        context.scene.frame_set(context.scene.frame_current, subframe=context.scene.frame_subframe)
        return {"FINISHED"}

    def _path(self, context: bpy.types.Context, start: "moves.Pose", frames: int) -> "moves.Path":
        from ...cameras import moves

        move, ease = moves.Move(self.move), moves.Ease(self.ease)
        amount = getattr(self, _amount_of(move))
        distance = self.subject or subject_distance(context, start)
        if not self.arrive:
            return moves.path(move, start, amount, ease, distance, frames)
        back = 1.0 / amount if move is moves.Move.ZOOM else -amount
        path = moves.path(move, start, back, moves.Ease(_MIRRORED.get(ease, ease)), distance, frames)
        return evolve(path, keys=tuple(moves.Key(1.0 - key.time, key.pose) for key in reversed(path.keys)))


def _amount_of(move: str) -> str:
    from ...cameras import moves

    if move == "HANDHELD":
        return "strength"
    if move in moves.ANGLES:
        return "angle"
    return "length" if move in moves.LENGTHS else "factor"


class SECOND_UNIT_OT_camera_from_view(bpy.types.Operator):
    """Put the shot's camera where the viewport looks from, with its field of view; adds a camera where there is none"""

    bl_idname = "second_unit.camera_from_view"
    bl_label = "Camera From View"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.region_data is None or context.area is None or context.area.type != "VIEW_3D":
            cls.poll_message_set("Use this in a 3D viewport")
            return False
        if context.region_data.view_perspective != "PERSP":
            cls.poll_message_set("Leave the camera's view or the orthographic one first")
            return False
        camera = shot_camera(context)
        if camera is not None and (reason := keys.refusal(camera)):
            cls.poll_message_set(reason)
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        camera = shot_camera(context) or _new_camera(context)
        match_view(context, camera)
        return {"FINISHED"}


def match_view(context: bpy.types.Context, camera: bpy.types.Object) -> None:
    """Pose and lens of the viewport: it shows twice what a camera of the same focal length and 36 mm would."""
    camera.matrix_world = context.region_data.view_matrix.inverted()
    lens = camera.data
    lens.lens = context.space_data.lens / 2 * lens.sensor_width / 36.0
    lens.shift_x = lens.shift_y = 0.0


def _new_camera(context: bpy.types.Context) -> bpy.types.Object:
    camera = bpy.data.objects.new("Shot Camera", bpy.data.cameras.new("Shot Camera"))
    context.scene.collection.objects.link(camera)
    if context.scene.camera is None:
        context.scene.camera = camera
    return camera


CLASSES = (SECOND_UNIT_OT_camera_move, SECOND_UNIT_OT_camera_from_view)
