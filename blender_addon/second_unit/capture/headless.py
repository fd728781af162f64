# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture without a window: Cycles on the CPU for geometry through the pixels' centres, and for the colour plate."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ..core.camera import lens_of
from ..core.pictures import read_targa
from ..protocol.errors import ErrorCode, SecondUnitError
from ..protocol.shot import PlaneKind
from ..scene.active import show_scene
from ..scene.camera import View
from ..scene.cameras import use_camera
from ..scene.labels import LabelFacts
from ..scene.motion import MotionFacts
from ..scene.render_result import spare_render_result
from ..scene.settings import Blocks, Settings
from ..scene.surfaces import fills_space
from .base import CaptureOptions, Drawing, Place, Planes
from .passes import read_passes
from .tracks import GEOMETRY, Codes, Drawn, codes_for, geometry_planes, needs_materials
from .words import plain

CLEAR = 0.05  # a surface that lets more pass than all but this is seen through; Cycles decides at random below it
NOTHING = 1e9  # Cycles writes 1e10 where no surface is
CAMERA_NAME = "Second Unit Capture"
_IMAGE_SETTINGS = (
    "media_type", "file_format", "color_mode", "color_depth", "exr_codec", "compression", "quality",
    "color_management", "use_preview", "views_format", "use_exr_interleave",
)  # fmt: skip
_LAYER = (
    "use_pass_combined", "use_pass_z", "use_pass_object_index", "use_pass_material_index", "pass_alpha_threshold",
    "use_volumes", "use_grease_pencil",
)  # fmt: skip
_CYCLES = ("use_adaptive_sampling", "use_sample_subset", "time_limit", "pixel_filter_type", "filter_width", "samples")
_BOUNCES = (
    "max_bounces",
    "diffuse_bounces",
    "glossy_bounces",
    "transmission_bounces",
    "volume_bounces",
    "use_denoising",
)
_RENDER = {
    "engine": "CYCLES", "use_persistent_data": True, "resolution_percentage": 100, "dither_intensity": 0.0,
    "use_overwrite": True, "use_file_extension": True, "use_placeholder": False, "use_sequencer": False,
    "use_compositing": False, "use_border": False, "use_crop_to_border": False, "use_stamp": False,
    "use_multiview": False, "use_motion_blur": False, "use_freestyle": False, "film_transparent": False,
}  # fmt: skip


class HeadlessBackend:
    """Renders with ``bpy.ops.render.render``; needs neither a window nor a graphics driver."""

    name = "headless"
    sweeps = (GEOMETRY, frozenset({PlaneKind.COLOUR}))
    matches_detail = False

    def __init__(self) -> None:
        self._place: Place | None = None
        self._settings = Settings()
        self._options = CaptureOptions()
        self._codes: Codes = {}
        self._labels = LabelFacts()
        self._materials = False
        self._volumes: set[int] = set()
        self._world = 0
        self._alpha = (0.5, True, True)  # the view layer's own threshold, and whether it has volumes and lines
        self._bounces: dict[str, int] = {}
        self._camera = ""

    @staticmethod
    def available(context: bpy.types.Context) -> bool:
        return hasattr(bpy.types.Scene, "cycles")  # Cycles is an add-on, and may be switched off

    def begin(self, place: Place, settings: Settings, options: CaptureOptions) -> None:
        self._place, self._settings, self._options = place, settings, options
        scene, view_layer = place.find()
        show_scene(scene, settings)
        settings.keep(scene.render.image_settings, _IMAGE_SETTINGS)
        settings.keep(scene.render, ("filepath",))
        settings.keep(scene.cycles, (*_CYCLES, *_BOUNCES))
        settings.keep(view_layer, _LAYER)
        spare_render_result(settings)
        self._bounces = {name: getattr(scene.cycles, name) for name in _BOUNCES}
        for name, value in _RENDER.items():
            if hasattr(scene.render, name):
                settings.set(scene.render, name, value)
        settings.set(view_layer, "use", True)
        settings.set(view_layer, "samples", 0)
        self._volumes, self._world = _volumes(scene, view_layer)
        self._alpha = view_layer.pass_alpha_threshold, view_layer.use_volumes, view_layer.use_grease_pencil
        self._add_camera(scene)

    def enter(self, kinds: frozenset[PlaneKind], view: View, motion: MotionFacts, labels: LabelFacts) -> None:
        self._labels, self._materials = labels, needs_materials(kinds, labels)
        scene, view_layer = self._place.find()
        geometry = bool(kinds & GEOMETRY)
        # Persistent data keeps the sample count of the first render, so each sweep begins anew.
        self._settings.set(scene.render, "use_persistent_data", False)
        self._settings.set(scene.render, "use_persistent_data", True)
        self._settings.set(scene.render, "resolution_x", view.width)
        self._settings.set(scene.render, "resolution_y", view.height)
        view_layer.use_pass_combined = not geometry
        view_layer.use_pass_z = view_layer.use_pass_object_index = geometry
        view_layer.use_pass_material_index = self._materials
        self._leave_out(scene, view_layer, geometry)
        _set_cycles(scene.cycles, geometry, self._options.plate_samples, self._bounces)
        image = scene.render.image_settings
        if hasattr(image, "media_type"):
            image.media_type = "MULTI_LAYER_IMAGE" if geometry else "IMAGE"
        image.file_format = "OPEN_EXR_MULTILAYER" if geometry else "TARGA_RAW"
        if geometry:
            image.color_depth, image.exr_codec = "32", "NONE"
            if hasattr(image, "use_exr_interleave"):
                image.use_exr_interleave = True  # 5.x cannot write a part per pass where pixels are not square
            self._number_objects(motion)
        else:
            image.color_mode, image.color_management = "RGB", "FOLLOW_SCENE"

    def draw(
        self, kinds: frozenset[PlaneKind], view: View, motion: MotionFacts, matrices: NDArray[np.float64]
    ) -> Drawing:
        scene, view_layer = self._place.find()
        self._aim_camera(scene, view)
        geometry = bool(kinds & GEOMETRY)
        path = self._place.folder / ("geometry.exr" if geometry else "plate.tga")
        scene.render.filepath = str(path)
        try:
            bpy.ops.render.render(scene=scene.name, layer=view_layer.name, write_still=True)
        except RuntimeError as error:
            raise SecondUnitError(
                ErrorCode.CAPTURE_FAILED, f"Cycles could not render the frame ({plain(error)})"
            ) from error
        if not path.is_file():
            raise SecondUnitError(
                ErrorCode.CAPTURE_FAILED, f"Cycles wrote no picture to {path.parent}; the disk may be full"
            )
        try:
            return self._geometry(path, kinds, view, motion, matrices) if geometry else _plate(path)
        finally:
            path.unlink(missing_ok=True)

    def end(self) -> None:
        for name in ("geometry.exr", "plate.tga"):
            with suppress(OSError):  # a file that cannot be deleted must not hide what went wrong before
                (self._place.folder / name).unlink()

    def _geometry(
        self, path: Path, kinds: frozenset[PlaneKind], view: View, motion: MotionFacts, matrices: NDArray
    ) -> Drawing:
        z, objects, materials = read_passes(path, self._materials)
        codes, labels = self._codes, self._labels

        def planes() -> Planes:
            nothing = z >= NOTHING
            depth = np.multiply(z, np.float32(view.unit_scale), out=z)
            depth[nothing] = np.inf

            def whole(numbers: NDArray[np.float32]) -> NDArray[np.int32]:
                numbers[nothing] = 0.0
                return np.rint(numbers, out=numbers).astype(np.int32)

            drawn = Drawn(depth, whole(objects), None if materials is None else whole(materials))
            return geometry_planes(kinds, drawn, codes, view, motion.by_object, matrices, labels)

        return planes

    def _leave_out(self, scene: bpy.types.Scene, view_layer: bpy.types.ViewLayer, geometry: bool) -> None:
        """Takes what has no surface out of the geometry: fog ends rays at random, and lines are drawn over all."""
        threshold, volumes, grease_pencil = self._alpha
        view_layer.pass_alpha_threshold = CLEAR if geometry else threshold
        view_layer.use_volumes = volumes and not geometry
        view_layer.use_grease_pencil = grease_pencil and not geometry
        world = next((w for w in bpy.data.worlds if w.session_uid == self._world), None)
        self._settings.set(scene, "world", None if geometry else world)
        for thing in scene.objects:
            if thing.session_uid in self._volumes:
                self._settings.set(thing, "visible_camera", not geometry)

    def _number_objects(self, motion: MotionFacts) -> None:
        """Gives each object that is to be told a pass index of its own, and all others none; materials likewise."""
        self._codes = codes_for(motion.by_object)
        for thing in bpy.data.objects:
            self._settings.set(thing, "pass_index", self._codes.get(thing.session_uid, 0))
        for material in bpy.data.materials if self._materials else ():
            self._settings.set(material, "pass_index", self._labels.materials.get(material.session_uid, 0))

    def _add_camera(self, scene: bpy.types.Scene) -> None:
        """A camera of our own, aimed frame by frame: the artist's keys, markers and constraints have no say in it."""
        settings = self._settings
        lens = bpy.data.cameras.new(CAMERA_NAME)
        camera = bpy.data.objects.new(CAMERA_NAME, lens)
        uids = (camera.session_uid, lens.session_uid)

        def remove(blocks: Blocks) -> None:
            bpy.data.objects.remove(blocks[uids[0]])
            bpy.data.cameras.remove(blocks[uids[1]])

        settings.later(remove)
        scene.collection.objects.link(camera)
        camera.rotation_mode = "QUATERNION"
        lens.sensor_fit, lens.sensor_width = "HORIZONTAL", 36.0
        use_camera(scene, camera, settings)
        self._camera = camera.name

    def _aim_camera(self, scene: bpy.types.Scene, view: View) -> None:
        camera = scene.objects[self._camera]
        lens = lens_of(view.intrinsics, view.width, view.height, view.pixel_shape)
        camera.matrix_world = Matrix(view.matrix_world.tolist())
        data = camera.data
        data.lens, data.shift_x, data.shift_y = lens.lens_mm, lens.shift_x, lens.shift_y
        data.clip_start, data.clip_end = view.clip_start, view.clip_end
        scene.camera = camera


def _volumes(scene: bpy.types.Scene, view_layer: bpy.types.ViewLayer) -> tuple[set[int], int]:
    """Uids of the objects that cameras see for the fog in them alone, and of the world."""
    found = {thing.session_uid for thing in view_layer.objects if thing.visible_camera and fills_space(thing)}
    return found, scene.world.session_uid if scene.world else 0


def _set_cycles(cycles, geometry: bool, plate_samples: int, bounces: dict[str, int]) -> None:
    """One sample through each pixel's centre and no light for geometry; the artist's light, few samples for plates."""
    cycles.use_adaptive_sampling = cycles.use_sample_subset = False
    cycles.time_limit = 0.0
    cycles.pixel_filter_type = "BLACKMAN_HARRIS"
    cycles.filter_width = 0.01 if geometry else 1.5  # any wider, and the one sample lies anywhere in its pixel
    cycles.samples = 1 if geometry else plate_samples
    for name, value in bounces.items():
        setattr(cycles, name, type(value)(0) if geometry else value)


def _plate(path: Path) -> Drawing:
    content = path.read_bytes()
    return lambda: {PlaneKind.COLOUR: read_targa(content)}
