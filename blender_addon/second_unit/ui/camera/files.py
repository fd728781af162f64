# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera paths from and to files of other programs: File > Import, File > Export, and the Camera panel's menu."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
import numpy as np
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ...core import camera_files
from ...core.exports import CAMERAS
from ...protocol.errors import SecondUnitError
from ...scene import animated
from ...translations import OWN
from ..shot.props import active_shot
from . import keys
from .operators import shot_camera, shot_range

if TYPE_CHECKING:
    from ...cameras import CameraTrack
    from ...core.camera_files import Pose
    from ...core.spec import ShotSpec

FORM_ITEMS = tuple((form.name, form.title, f"Read by {form.read_by}") for form in CAMERAS)
_ENDINGS = {form.name: form.ending for form in CAMERAS}
WORLDS = (
    ("Z_UP", "Z Up", "As in Blender"),
    ("Y_DOWN", "Y Down", "As a camera's own axes: COLMAP, RealEstate10K, paths relative to the first frame"),
    ("Y_UP", "Y Up", "As in OpenGL"),
)
DETECT = ("DETECT", "Detect", "The one that fits how the cameras stand")
GUESS = ("AUTO", "Detect", "Tell the form from the file")
PATTERNS = "*.txt;*.json;*.npz;*.npy"


@contextmanager
def _told(operator: bpy.types.Operator) -> Iterator[None]:
    """What a form cannot hold is reported as warnings."""
    from ...cameras import CameraWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", CameraWarning)
        yield
    for warning in caught:
        if issubclass(warning.category, CameraWarning):
            operator.report({"WARNING"}, str(warning.message))


class SECOND_UNIT_OT_camera_import(bpy.types.Operator):
    """Make an animated camera of a camera path in a file: RealEstate10K, transforms.json, COLMAP, npz and more"""

    bl_idname = "second_unit.camera_import"
    bl_label = "Import Camera Path"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(name="File", description="Camera path to read", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default=PATTERNS, options={"HIDDEN"})
    form: EnumProperty(name="Form", description="What kind of file it is", items=(GUESS, *FORM_ITEMS))
    world: EnumProperty(name="World", description="Which way is up in the file", items=(DETECT, *WORLDS))
    scale: FloatProperty(
        name="Scale", description="Metres for each unit of the file", default=1.0, min=1e-6, soft_max=100.0
    )
    fov: FloatProperty(
        name="Field of View",
        translation_context=OWN,
        description="Horizontal, for files that do not say what the lens is",
        default=0.872665,
        min=0.01,
        max=3.1,
        subtype="ANGLE",
    )
    frame_start: IntProperty(name="First Frame", description="Frame at which the path begins", default=1)
    adapt_scene: BoolProperty(
        name="Adapt Scene",
        description="Give the scene the path's picture size, pixel shape and frame range",
        default=True,
    )

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        self.frame_start = context.scene.frame_start
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        for name in ("form", "world", "scale", "fov", "frame_start", "adapt_scene"):
            layout.prop(self, name)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...cameras import CameraFileError, Given, read_camera
        from ...scene.camera import unit_scale
        from ..shot.spec import scene_rate

        path, scene = Path(bpy.path.abspath(self.filepath)), context.scene
        size = (scene.render.resolution_x, scene.render.resolution_y)
        given = Given(size, float(np.degrees(self.fov)), float(scene_rate(scene)), self.scale)
        try:
            with _told(self):
                track = read_camera(path, None if self.form == "AUTO" else self.form, given)
        except CameraFileError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        shape = camera_files.pixel_shape(track)
        if shape is None:
            self.report({"WARNING"}, "The pixels' shape changes along the path; the first frame's is taken")
            shape = float(track.intrinsics[0, 0, 0] / track.intrinsics[0, 1, 1])
        world = camera_files.world_of(track) if self.world == "DETECT" else camera_files.World(self.world)
        rate, scale = float(scene_rate(scene)), unit_scale(scene)
        poses = camera_files.poses_of(track, world, self.frame_start, rate, scale, shape)
        camera = _make_camera(context, path.stem, poses)
        if self.adapt_scene:
            _adapt(scene, track, shape, poses)
        shot = active_shot(scene)
        if shot is not None:
            shot.camera = camera
        else:
            scene.camera = camera
        self.report({"INFO"}, f"{camera.name}: {len(track)} frames, {track.width} × {track.height}")
        return {"FINISHED"}


def _make_camera(context: bpy.types.Context, name: str, poses: "list[Pose]") -> bpy.types.Object:
    """A new camera with a key for each pose, even between them; what does not change gets no keys."""
    data = bpy.data.cameras.new(name)
    data.sensor_fit, data.sensor_width = poses[0].lens.sensor_fit, poses[0].lens.sensor_width_mm
    data.sensor_height = poses[0].lens.sensor_height_mm
    camera = bpy.data.objects.new(name, data)
    context.collection.objects.link(camera)
    frames = [pose.frame for pose in poses]
    wanted = keys.write_places(camera, [pose.matrix for pose in poses], frames)
    for name, source in (("lens", "lens_mm"), ("shift_x", "shift_x"), ("shift_y", "shift_y")):
        values = np.float32([getattr(pose.lens, source) for pose in poses])
        setattr(data, name, values[0])
        if np.ptp(values) > 0:
            for frame, value in zip(frames, values, strict=True):
                setattr(data, name, value)
                data.keyframe_insert(name, frame=frame)
            wanted.append((data, name))
    for owner, name in wanted:
        keys.shape(owner, name, frames, "LINEAR")
    return camera


def _adapt(scene: bpy.types.Scene, track: "CameraTrack", shape: float, poses: "list[Pose]") -> None:
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = track.width, track.height, 100
    render.pixel_aspect_x, render.pixel_aspect_y = max(1 / shape, 1.0), max(shape, 1.0)  # Blender takes 1 and more
    scene.frame_start, scene.frame_end = int(np.floor(poses[0].frame)), int(np.ceil(poses[-1].frame))
    scene.frame_set(scene.frame_start)


class SECOND_UNIT_OT_camera_export(bpy.types.Operator):
    """Write the shot's camera to a file for other programs and models; without a shot the scene's"""

    bl_idname = "second_unit.camera_export"
    bl_label = "Export Camera Path"
    bl_options = {"REGISTER"}

    filepath: StringProperty(name="File", description="File or folder to write", subtype="FILE_PATH")
    filter_glob: StringProperty(default=PATTERNS, options={"HIDDEN"})
    form: EnumProperty(name="Form", description="What kind of file to write", items=FORM_ITEMS)
    world: EnumProperty(name="World", description="Which way is up in the file", items=WORLDS)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if shot_camera(context) is None:
            cls.poll_message_set("There is no camera: add one to the scene, or choose one in the shot")
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        if not self.filepath:
            self.filepath = bpy.path.clean_name(shot_camera(context).name)
        self.check(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self, _context: bpy.types.Context) -> bool:
        """Keeps the name's ending that of the form."""
        path = Path(self.filepath)
        named = path.with_suffix("") if path.suffix in _ENDINGS.values() else path
        wanted = str(named) + _ENDINGS[self.form]
        changed, self.filepath = wanted != self.filepath, wanted
        return changed

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "form")
        layout.prop(self, "world")

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...cameras import CameraFileError, write_camera

        self.check(context)
        path = Path(bpy.path.abspath(self.filepath))
        try:
            track = _track(context, camera_files.World(self.world))
            with _told(self):
                write_camera(track, path, self.form)
        except (CameraFileError, SecondUnitError) as error:
            self.report({"ERROR"}, error.info.sentence() if isinstance(error, SecondUnitError) else str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"{len(track)} frames written to {path}")
        return {"FINISHED"}


def _track(context: bpy.types.Context, world: "camera_files.World") -> "CameraTrack":
    """The camera at every frame of the shot, as it would render; the scene stays where it is."""
    from ...scene.camera import find_camera, read_view
    from ..shot.spec import scene_rate, shot_spec

    scene, (first, last) = context.scene, shot_range(context)
    shot = active_shot(scene)
    spec = shot_spec(scene, context.view_layer, shot) if shot else _scene_spec(scene)
    camera = find_camera(scene, spec)
    frame, subframe = scene.frame_current, scene.frame_subframe
    unkeyed = animated.remember(scene.frame_current_final)
    views = []
    try:
        for number in range(first, last + 1):
            scene.frame_set(number)
            views.append(read_view(camera, context.evaluated_depsgraph_get(), spec, (spec.width, spec.height)))
    finally:
        scene.frame_set(frame, subframe=subframe)
        animated.put_back(unkeyed)
    c2w, intrinsics = (np.array([getattr(view, name) for view in views]) for name in ("c2w", "intrinsics"))
    return camera_files.track_from(c2w, intrinsics, (spec.width, spec.height), float(scene_rate(scene)), world)


def _scene_spec(scene: bpy.types.Scene) -> "ShotSpec":
    """The scene's own camera, range and size as a shot."""
    from ...core.spec import ShotSpec
    from ..shot.spec import scene_rate

    render = scene.render
    scale = render.resolution_percentage / 100
    return ShotSpec(
        uid="",
        name=scene.name,
        scene=scene.name,
        view_layer="",
        camera=scene.camera.name,
        frame_start=scene.frame_start,
        frame_end=scene.frame_end,
        handle_before=0,
        handle_after=0,
        scene_rate=scene_rate(scene),
        width=round(render.resolution_x * scale),
        height=round(render.resolution_y * scale),
        engine="",
    )


def _draw_import(self, _context: bpy.types.Context) -> None:
    self.layout.operator(
        SECOND_UNIT_OT_camera_import.bl_idname, text="Camera Path (RealEstate10K, transforms.json, COLMAP, npz)"
    )


def _draw_export(self, _context: bpy.types.Context) -> None:
    self.layout.operator(
        SECOND_UNIT_OT_camera_export.bl_idname, text="Camera Path (RealEstate10K, transforms.json, COLMAP, npz)"
    )


class SECOND_UNIT_MT_camera_export(bpy.types.Menu):
    """The forms of camera file, each with who reads it"""

    bl_label = "Export Camera Path"

    def draw(self, _context: bpy.types.Context) -> None:
        for name, title, _ in FORM_ITEMS:
            self.layout.operator(SECOND_UNIT_OT_camera_export.bl_idname, text=title).form = name


CLASSES = (SECOND_UNIT_OT_camera_import, SECOND_UNIT_OT_camera_export, SECOND_UNIT_MT_camera_export)


def register() -> None:
    bpy.types.TOPBAR_MT_file_import.append(_draw_import)
    bpy.types.TOPBAR_MT_file_export.append(_draw_export)


def unregister() -> None:
    bpy.types.TOPBAR_MT_file_export.remove(_draw_export)
    bpy.types.TOPBAR_MT_file_import.remove(_draw_import)
