# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside the Blender window under test: captures through the viewport, and what the test compares it with."""

from __future__ import annotations

import time
from pathlib import Path

import bpy
import numpy as np
from bl_ext.user_default.second_unit import capture
from bl_ext.user_default.second_unit.capture import still
from bl_ext.user_default.second_unit.capture.base import CaptureOptions
from bl_ext.user_default.second_unit.capture.captured import POSITIONS
from bl_ext.user_default.second_unit.capture.headless import HeadlessBackend
from bl_ext.user_default.second_unit.capture.window import WindowBackend
from bl_ext.user_default.second_unit.core.pictures import write_png
from bl_ext.user_default.second_unit.core.spec import ReferenceSource, ReferenceSpec, RegionKind, RegionSpec
from bl_ext.user_default.second_unit.protocol.errors import SecondUnitError
from bl_ext.user_default.second_unit.protocol.late import evolve
from bl_ext.user_default.second_unit.protocol.planes import unpack_plane
from bl_ext.user_default.second_unit.protocol.results import Input
from bl_ext.user_default.second_unit.protocol.shot import PlaneKind

from tests.blender import captures as kit
from tests.blender import deforming, kinds
from tests.blender.file_state import difference, file_state

SIZE = {"width": 208, "height": 120}


def make_scene() -> bpy.types.Object:
    """The standard scene, with all that differs between viewport and render; returns the camera."""
    scene = bpy.context.scene
    thing = kit.standard_scene()
    thing.data.shift_x = 0.05
    kit.key(thing.data, "lens", {1: 35.0, 5: 45.0})
    kit.box("Only rendered", (-3.0, 3.0, 0.5)).hide_viewport = True
    kit.box("Only in viewports", (0.2, -1.0, 0.5)).hide_render = True
    kit.box("Eye closed", (3.2, -0.5, 0.5), 0.8).hide_set(True)
    kit.box("Not for cameras", (0.6, -1.5, 1.4), 0.7).visible_camera = False
    kit.box("Bounds", (-3.4, 1.0, 0.4), 0.8).display_type = "BOUNDS"
    behind = kit.box("In front", (2.4, 6.0, 1.0), 2.0)
    behind.show_in_front = True
    rounded = kit.box("Rounded", (-0.4, 2.5, 1.2), 1.6)
    levels = rounded.modifiers.new("Subdivision", "SUBSURF")
    levels.levels, levels.render_levels = 0, 3
    blinking = kit.box("Blinking", (1.4, -1.6, 0.3), 0.6)
    kit.key(blinking, "hide_render", {1: True, 2: False})
    bpy.data.objects["Still"].color = (1 / 32, 0.0, 0.0, 0.5)  # what the first moving thing is numbered with
    kit.key(blinking, "color", {1: (1.0, 0.0, 0.0, 1.0), 3: (0.0, 0.0, 1.0, 0.2)})
    crate = bpy.data.collections.new("Crate")
    part = kit.box("Part", (0, 0, 0), 0.5)
    scene.collection.objects.unlink(part)
    crate.objects.link(part)
    for name, x in (("Left", -1.6), ("Middle", -0.4)):
        holder = bpy.data.objects.new(name, None)
        holder.instance_type, holder.instance_collection, holder.location = "COLLECTION", crate, (x, -2.0, 1.1)
        scene.collection.objects.link(holder)
    kit.key(bpy.data.objects["Left"], "location", {1: (-1.6, -2.0, 1.1), 5: (-0.9, -2.0, 1.6)})
    hidden = [other for other in scene.objects if other.hide_viewport]
    for visible in (True, False):  # Blender works out no matrices of what it never showed
        for other in hidden:
            other.hide_viewport = not visible
        scene.frame_set(1)
    return thing


def spec(**changed):
    return kit.spec_of(bpy.context.scene, bpy.context.scene.objects["Camera"], **SIZE, **changed)


def take(folder: Path, backend, options=None, **changed):
    return kit.session_of(spec(**changed), folder, backend=backend, options=options, captures=kit.ALL).run()


def pinned(folder: Path, time: float) -> dict:
    """A reference for :func:`spec`; of its picture only the size counts."""
    folder.mkdir(parents=True, exist_ok=True)
    picture = folder / "reference.png"
    picture.write_bytes(write_png(np.full((SIZE["height"], SIZE["width"], 3), 128, np.uint8)))
    return {"references": (ReferenceSpec("uid", "Pinned", time, ReferenceSource.FILE, str(picture), ""),)}


def answers(shot) -> dict[tuple, int]:
    """What rays told: by clip frame, pixel and reference."""
    samples, dtype, shape = unpack_plane(shot.files[shot.request().seen.digest].read_bytes())
    return {tuple(row[:3]): row[3] for row in np.frombuffer(samples, dtype).reshape(shape).tolist()}


def compare(folder: str) -> list[dict]:
    """Window against headless and against rays, at each time of the shot; pictures are left in ``folder``."""
    out = Path(folder)
    one = pinned(out, 1.0)
    window, headless = take(out / "window", WindowBackend(), **one), take(out / "headless", HeadlessBackend(), **one)
    found = []
    for moment in window.times:
        ours, cycles = (kit.plane(shot, PlaneKind.DEPTH, moment) for shot in (window, headless))
        index, true_index = (kit.plane(shot, PlaneKind.INDEX, moment) for shot in (window, headless))
        for name, depth in (("window", ours), ("headless", cycles)):
            near = np.clip(255 * 3.0 / np.maximum(depth, 3.0), 0, 255).astype(np.uint8)
            (out / f"{name}_depth_{int(moment)}.png").write_bytes(write_png(np.repeat(near[..., None], 3, -1)))
        for name, plane in (("window", index), ("headless", true_index)):
            grey = (plane * 60).astype(np.uint8)
            (out / f"{name}_index_{int(moment)}.png").write_bytes(write_png(np.repeat(grey[..., None], 3, -1)))
        plate = kit.plane(window, PlaneKind.COLOUR, moment)
        (out / f"window_plate_{int(moment)}.png").write_bytes(write_png(plate))
        both = np.isfinite(ours) & np.isfinite(cycles)
        relative = np.abs(ours[both] / cycles[both] - 1.0)
        scene = bpy.context.scene
        show_what_renders(scene, int(moment))
        rays = kit.disagreement(ours, kit.cast(kit.view_at(window, moment), scene, float(moment)))
        found.append(
            {
                "one_sided": float((np.isfinite(ours) != np.isfinite(cycles)).mean()),
                "median": float(np.median(relative)),
                "within_1e-4": float((relative < 1e-4).mean()),
                "rays": len(rays),
                "rays_max": float(rays.max()),
                "index_differs": float((index != true_index).mean()),
                "tracks": sorted({int(number) for number in np.unique(index)}),
                "far": float(ours[both].max()),
            }
        )
    same = [t.name for t in window.motion.tracks] == [t.name for t in headless.motion.tracks]
    found[0]["tracks_agree"] = same and np.allclose(window.motion.matrices, headless.motion.matrices)
    found[0]["warnings"] = list(window.warnings)
    ours, theirs = answers(window), answers(headless)
    both = ours.keys() & theirs.keys()
    found[0]["asked"] = len(ours), len(theirs), len(both), sum(ours.values())
    found[0]["answered_alike"] = sum(ours[which] == theirs[which] for which in both)
    return found


def make_kinds() -> None:
    """One of each kind that viewport and render treat differently, in an empty file."""
    scene = bpy.context.scene
    kinds.stage()
    pane = kinds.pane("Door", kinds.principled("Paint"), x=-2.4, side=1.6)
    kinds.slides(pane, (0.3, 0.0, 0.0))
    kinds.pane("Chrome", kinds.principled("Chrome", Metallic=1.0, Roughness=0.0), x=-0.6, side=1.2)
    kit.box("Fog", (0, -2, 0), 3.0).data.materials.append(kinds.fog("Fog"))
    kit.box("Cut", (1.0, 0, 0), 1.0).is_holdout = True
    folder = bpy.data.collections.new("Lights only")
    scene.collection.children.link(folder)
    bounce = kit.box("Bounce", (0, -1, 0.8), 0.8)
    scene.collection.objects.unlink(bounce)
    folder.objects.link(bounce)
    scene.view_layers[0].layer_collection.children["Lights only"].indirect_only = True
    kinds.lines("Sketch").location = (0.0, 0.5, -1.2)
    part = kit.box("Part", (50, 0, 0), 0.4)
    part.data.materials.append(bpy.data.materials["Paint"])
    row = kinds.points_nodes("Row", part, 3, 0.8)
    row.location = (1.6, 0.0, 1.2)
    kinds.slides(row, (0.0, 0.0, -0.3))
    kit.box("Bare", (2.6, 0, -0.8), 0.8)  # no material
    scene.frame_set(1)


def kinds_agree(folder: str) -> dict:
    """Window against headless: share of pixels that differ in each plane, at each time; what both name and warn of."""
    out = Path(folder)
    camera = bpy.context.scene.objects["Camera"]
    asked = kit.spec_of(
        bpy.context.scene, camera, **SIZE, region=RegionSpec(RegionKind.MATERIAL, "Paint"), capture_labels=True
    )
    shots = [
        kit.session_of(asked, out / backend.name, backend=backend, options=CaptureOptions(shading="SOLID"),
                       captures=(Input.DEPTH, Input.MOTION)).run()
        for backend in (WindowBackend(), HeadlessBackend())
    ]  # fmt: skip
    differ: dict[str, float] = {}
    for moment in shots[0].times:
        for kind in (PlaneKind.DEPTH, PlaneKind.INDEX, PlaneKind.OBJECT, PlaneKind.MATERIAL, PlaneKind.REGION):
            ours, cycles = (kit.plane(shot, kind, moment) for shot in shots)
            for name, found in (("window", ours), ("headless", cycles)):
                write_grey(out / f"{name}_{kind.value}_{int(moment)}.png", found)
            with np.errstate(invalid="ignore"):
                other = ~np.isclose(ours, cycles, rtol=1e-4) if kind is PlaneKind.DEPTH else ours != cycles
            differ[kind.value] = max(differ.get(kind.value, 0.0), float(other.mean()))
    requests = [shot.request() for shot in shots]
    return {
        "differ": differ,
        "seen": sorted({int(n) for n in np.unique(kit.plane(shots[0], PlaneKind.INDEX, 1))}),
        "region": float((kit.plane(shots[0], PlaneKind.REGION, 1) > 0).mean()),
        "holes": float(np.isposinf(kit.plane(shots[0], PlaneKind.DEPTH, 1)).mean()),
        "tracks": [[track.name for track in shot.motion.tracks] for shot in shots],
        "names": [list(request.objects.names) + list(request.materials.names) for request in requests],
        "warnings": [list(shot.warnings) for shot in shots],
    }


def leaf_depths(folder: str) -> dict:
    """A leaf whose right half is cut away, as each way to capture sees it: depth in its halves, and what is warned."""
    kinds.stage()
    kinds.pane("Leaf", kinds.leaf("Leaf"))
    scene = bpy.context.scene
    scene.frame_set(1)
    asked = kit.spec_of(scene, scene.objects["Camera"], **SIZE)
    found = {}
    for wanted in ("AUTO", "HEADLESS"):
        backend = capture.choose(bpy.context, wanted)
        shot = kit.session_of(asked, Path(folder) / wanted, backend=backend, captures=(Input.DEPTH,)).run()
        row = kit.plane(shot, PlaneKind.DEPTH, 1)[SIZE["height"] // 2]
        middle = len(row) // 2
        found[wanted] = [float(row[middle - 3]), float(row[middle + 3]), " ".join(shot.warnings)]
    return found


def write_grey(path: Path, plane: np.ndarray) -> None:
    """A picture to look at: near and high numbers are bright."""
    if plane.dtype == np.float32:
        grey = np.clip(255 * 5.0 / np.maximum(plane, 5.0), 0, 255).astype(np.uint8)
    else:
        grey = (plane.astype(float) * 255 / max(int(plane.max()), 1)).astype(np.uint8)
    path.write_bytes(write_png(np.repeat(grey[..., None], 3, -1)))


def deforming_agrees(folder: str, scene: str) -> dict:
    """What bends, through the window and without it: tracks, vertices, and planes."""
    camera = deforming.SCENES[scene]()
    asked = kit.spec_of(bpy.context.scene, camera, **SIZE)
    shots = [
        kit.session_of(asked, Path(folder) / backend.name, backend=backend, options=CaptureOptions(shading="SOLID"),
                       captures=(Input.DEPTH, Input.MOTION)).run()
        for backend in (WindowBackend(), HeadlessBackend())
    ]  # fmt: skip
    apart, index, depth = 0.0, 0.0, 0.0
    for moment in shots[0].times:
        places = [
            np.frombuffer(unpack_plane(s.files[s.refs[POSITIONS, moment].digest].read_bytes())[0], "<f4") for s in shots
        ]
        apart = max(apart, float(np.abs(places[0] - places[1]).max()))
        ours, cycles = (kit.plane(shot, PlaneKind.INDEX, moment) for shot in shots)
        index = max(index, float((ours != cycles).mean()))
        ours, cycles = (kit.plane(shot, PlaneKind.DEPTH, moment) for shot in shots)
        both = np.isfinite(ours) & np.isfinite(cycles)
        depth = max(depth, float((np.abs(ours[both] / cycles[both] - 1) > 1e-4).mean()))
    return {
        "tracks": [[(track.name, track.kind.value, track.mesh) for track in shot.motion.tracks] for shot in shots],
        "triangles": [list(shot.request().motion.deformation.triangle_counts) for shot in shots],
        "vertices_apart_m": apart,
        "index_differs": index,
        "depth_differs": depth,
        "warnings": [list(shot.warnings) for shot in shots],
    }


def show_what_renders(scene: bpy.types.Scene, frame: int) -> None:
    """Rays meet what the viewport has: gives it what renders at a frame."""
    bpy.data.objects["Eye closed"].hide_set(False)
    for thing in scene.objects:
        thing.hide_viewport = False  # Blender reads no keys of hidden objects
        for modifier in thing.modifiers:
            modifier.levels = modifier.render_levels
    scene.frame_set(frame)
    for thing in scene.objects:
        thing.hide_viewport = thing.hide_render or not thing.visible_camera


def ends_as_it_began(folder: str, ending: str) -> dict:
    """What differs in the whole file after a capture, and whether the viewport was put back, per ending."""
    bpy.context.view_layer.update()
    system = bpy.context.preferences.system
    before = file_state(), system.viewport_aa
    options = CaptureOptions(shading="SOLID")
    session = kit.session_of(spec(), Path(folder), backend=WindowBackend(), options=options, captures=kit.ALL)
    error = ""
    if ending == "success":
        session.run().request()
    elif ending == "still":
        still.take(bpy.context, spec(), "VIEWPORT", Path(folder) / "still.png")
    elif ending == "failure":
        session.begin()
        real, session.backend._draw_plate = session.backend._draw_plate, None
        try:
            while not session.step().finished:
                pass
        except TypeError as raised:
            error = type(raised).__name__
        del real
    else:
        session.begin()
        for _ in range(int(ending)):
            session.step()
        session.abort()
    changed = {path: repr(values) for path, values in difference(before[0], file_state()).items()}
    return {"changed": changed, "aa": [before[1], system.viewport_aa], "error": error}


def local_view(folder: str) -> dict:
    """What a viewport in local view is good for."""
    area = next(a for w in bpy.context.window_manager.windows for a in w.screen.areas if a.type == "VIEW_3D")
    region = next(r for r in area.regions if r.type == "WINDOW")
    bpy.context.view_layer.objects.active = bpy.data.objects["Mover"]
    bpy.data.objects["Mover"].select_set(True)
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0], area=area, region=region):
        bpy.ops.view3d.localview()
        try:
            kind = capture.choose(bpy.context).name
            try:
                kit.session_of(spec(), Path(folder), backend=WindowBackend()).run()
                said = ""
            except SecondUnitError as error:
                said = error.info.sentence()
        finally:
            bpy.ops.view3d.localview()
    return {"kind": kind, "said": said, "after": capture.choose(bpy.context).name}


def blocks(folder: str, width: int, height: int) -> dict:
    """Longest stretches of the main thread in a capture, in seconds, ``frame_set`` and drawing apart."""
    whole = evolve(spec(**pinned(Path(folder), 1.0)), width=width, height=height, frame_end=12)
    session = kit.session_of(whole, Path(folder), backend=WindowBackend(), captures=kit.ALL)
    counted = _Stopwatch(session)
    found = {}
    begun = time.perf_counter()
    session.begin()
    found["begin"] = time.perf_counter() - begun
    found["rest_of_step"] = 0.0
    while True:
        counted.inside = 0.0
        begun = time.perf_counter()
        progress = session.step()
        rest = time.perf_counter() - begun - counted.inside
        if rest > found["rest_of_step"]:
            found |= {"rest_of_step": rest, "after": progress.what}
        if progress.finished:
            break
    begun = time.perf_counter()
    shot = session.finish()
    found["finish"] = time.perf_counter() - begun
    begun = time.perf_counter()
    shot.request()
    found["request"] = time.perf_counter() - begun
    found["frame_set_and_draw"] = counted.longest
    return found


def flat_plate(folder: str) -> dict:
    """The plate of a wall that fills the view, in a viewport with every overlay on."""
    wall = kit.box("Wall", (0, 0, 0), (200, 0.1, 200))
    wall.color = (0.5, 0.2, 0.05, 1.0)
    wall.select_set(True)
    scene = bpy.context.scene
    area = next(a for w in bpy.context.window_manager.windows for a in w.screen.areas if a.type == "VIEW_3D")
    shading = area.spaces.active.shading
    area.spaces.active.overlay.show_overlays = area.spaces.active.overlay.show_wireframes = True
    shading.light, shading.color_type, shading.show_object_outline = "FLAT", "OBJECT", False
    for thing in scene.objects:
        thing.hide_render = thing.type != "CAMERA" and thing != wall
        thing.animation_data_clear()
    bpy.data.objects["Camera"].location = (0, -6, 0)
    bpy.data.objects["Camera"].rotation_euler = (np.pi / 2, 0, 0)
    plate = kit.plane(take(Path(folder), WindowBackend()), PlaneKind.COLOUR, 1)
    return {"wall": plate[10, 10].tolist(), "colours": len(np.unique(plate.reshape(-1, 3), axis=0))}


class _Stopwatch:
    """Counts the time inside of what a frame of capture consists of."""

    def __init__(self, session):
        self.inside = self.longest = 0.0
        session._go_to = self._timed(session._go_to)
        make = session.backend._canvas

        def canvas(*given, **more):
            made = make(*given, **more)
            if not hasattr(made, "watched"):
                made.draw, made.watched = self._timed(made.draw), True
            return made

        session.backend._canvas = canvas

    def _timed(self, work):
        def timed(*given):
            begun = time.perf_counter()
            try:
                return work(*given)
            finally:
                spent = time.perf_counter() - begun
                self.inside += spent
                self.longest = max(self.longest, spent)

        return timed
