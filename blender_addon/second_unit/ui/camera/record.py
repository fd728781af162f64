# SPDX-License-Identifier: GPL-3.0-or-later
"""Record Viewport: fly the view by walk, orbit or mouse, and have that as the camera's animation.

A timer samples the view, not a modal operator: Blender's own navigation is modal and would have its events. It waits
until the view moves: the way from the button to walk navigation takes seconds, and a shot may have no more.
"""

import time

import bpy
import numpy as np
from bpy.props import FloatProperty
from mathutils import Matrix, Quaternion, Vector

from ...core import recording
from ...link import pump
from ...protocol.late import Factory, define
from . import keys
from .operators import match_view, shot_camera, shot_range

TICK_S = 1.0 / 60.0
MOVED_RAD = 1e-3
MOVED = 1e-3  # of the distance to what the view turns about


@define
class _Recording:
    """One that runs. Names and numbers only: no Blender data is held between ticks."""

    scene: str
    camera: str
    window: int  # place in the window manager's list
    area: int  # place in the screen's list
    first: int
    last: int
    fps: float
    smoothing: float
    reach: float  # how far away the view's middle was; walk navigation tells of none
    began: float | None = None  # when the view first moved
    times: list[float] = Factory(list)
    places: list[Vector] = Factory(list)
    turns: list[Quaternion] = Factory(list)

    @property
    def frames_done(self) -> float:
        return 0.0 if self.began is None else (time.monotonic() - self.began) * self.fps

    def sample(self, place: Vector, turn: Quaternion) -> None:
        """Keeps where the view is; until it moves, only where it stands."""
        if self.began is None and self.times:
            apart = (place - self.places[0]).length > MOVED * self.reach
            if not apart and turn.rotation_difference(self.turns[0]).angle < MOVED_RAD:
                return
            self.began = time.monotonic() - TICK_S
        self.times.append(self.frames_done)
        self.places.append(place)
        self.turns.append(turn)


_running: list[_Recording] = []


def progress() -> float | None:
    """How much of the shot's range has been recorded, 0 … 1; None while nothing is."""
    if not _running:
        return None
    running = _running[0]
    return min(1.0, running.frames_done / max(1, running.last - running.first))


def is_waiting() -> bool:
    """Whether a recording waits for the view to move."""
    return bool(_running) and _running[0].began is None


class SECOND_UNIT_OT_camera_record(bpy.types.Operator):
    """Record how you fly this viewport as the camera's animation; begins when the view moves, press again to end"""

    bl_idname = "second_unit.camera_record"
    bl_label = "Record Viewport"
    bl_options = {"REGISTER"}

    smoothing: FloatProperty(
        name="Smoothing",
        description="Seconds that the flight is smoothed over; not set: as the scene keeps it",
        default=0.3,
        min=0.0,
        max=5.0,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if _running:
            return True
        if context.area is None or context.area.type != "VIEW_3D":
            cls.poll_message_set("Use this in a 3D viewport")
            return False
        if context.region_data.view_perspective != "PERSP":
            cls.poll_message_set("Leave the camera's view first: what you fly is the viewport's own")
            return False
        if reason := keys.refusal(shot_camera(context)):
            cls.poll_message_set(reason)
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        if _running:
            _end()
            return {"FINISHED"}
        if not self.properties.is_property_set("smoothing"):
            self.smoothing = context.scene.second_unit.flight_smoothing
        screen = context.screen
        if screen.is_animation_playing:
            bpy.ops.screen.animation_cancel(restore_frame=False)
        first, last = shot_range(context)
        camera = shot_camera(context)
        match_view(context, camera)
        _running.append(
            _Recording(
                scene=context.scene.name,
                camera=camera.name,
                window=list(context.window_manager.windows).index(context.window),
                area=list(screen.areas).index(context.area),
                first=first,
                last=last,
                fps=context.scene.render.fps / context.scene.render.fps_base,
                smoothing=self.smoothing,
                reach=context.region_data.view_distance,
            )
        )
        bpy.app.timers.register(_tick)
        return {"FINISHED"}


def _tick() -> float | None:
    if not _running:
        return None
    running = _running[0]
    try:
        view = bpy.context.window_manager.windows[running.window].screen.areas[running.area].spaces.active.region_3d
        scene = bpy.data.scenes[running.scene]
    except (IndexError, KeyError, AttributeError):
        _running.clear()  # the window or the scene is gone, and what was recorded with it
        return None
    matrix: Matrix = view.view_matrix.inverted()
    running.sample(matrix.to_translation(), matrix.to_quaternion())
    if running.began is None:
        return TICK_S
    done = running.frames_done
    if done >= running.last - running.first:
        _end()
        return None
    frame = running.first + int(done)
    if scene.frame_current != frame:
        scene.frame_set(frame)
    pump.redraw_panels()
    return TICK_S


def _end() -> None:
    """Writes what was recorded as keys, in one undo step."""
    running = _running.pop()
    camera = bpy.data.objects.get(running.camera)
    scene = bpy.data.scenes.get(running.scene)
    if camera is None or scene is None:
        return
    if running.began is None:  # the view has not moved: the camera stands where it looks from, without keys
        bpy.ops.ed.undo_push(message="Camera From View")
        return
    count = min(running.last - running.first, int(running.times[-1])) + 1
    frames = np.arange(count, dtype=float)
    places, turns = recording.resampled(
        np.array(running.times),
        np.array([list(place) for place in running.places]),
        np.array([list(turn) for turn in running.turns]),
        frames,
        running.smoothing * running.fps / 2,
    )
    matrices = [
        np.array(Matrix.LocRotScale(Vector(place), Quaternion(turn), None))
        for place, turn in zip(places, turns, strict=True)
    ]
    keys.write_places(camera, matrices, [running.first + frame for frame in frames])
    scene.frame_set(running.first)
    bpy.ops.ed.undo_push(message="Record Viewport")
    pump.redraw_panels()


def register() -> None:
    """Nothing to do until something is recorded."""


def unregister() -> None:
    _running.clear()
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)


CLASSES = (SECOND_UNIT_OT_camera_record,)
