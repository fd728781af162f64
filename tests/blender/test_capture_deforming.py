# SPDX-License-Identifier: GPL-3.0-or-later
"""What bends is followed: its vertices at every time, and the daemon's flow from them against Cycles' Vector pass."""

from __future__ import annotations

import subprocess
from fractions import Fraction

import bpy
import numpy as np
import OpenEXR
import pytest
from bl_ext.user_default.second_unit.capture.captured import POSITIONS, TRIANGLES
from bl_ext.user_default.second_unit.core.pictures import write_png
from bl_ext.user_default.second_unit.core.spec import ReferenceSource, ReferenceSpec
from bl_ext.user_default.second_unit.protocol.codec import pack
from bl_ext.user_default.second_unit.protocol.grid import Rate
from bl_ext.user_default.second_unit.protocol.planes import unpack_plane
from bl_ext.user_default.second_unit.protocol.results import Input
from bl_ext.user_default.second_unit.protocol.shot import PlaneKind, TrackKind

from tests.blender import deforming
from tests.blender.captures import box, camera, capture, ground, key, plane, spec_of, track

MOST_EPE_PX = 0.05


def blob(shot, *label) -> np.ndarray:
    samples, dtype, shape = unpack_plane(shot.files[shot.refs[label].digest].read_bytes())
    return np.frombuffer(samples, dtype).reshape(shape)


def world_vertices(name: str, time: float) -> np.ndarray:
    """(V, 3) of an object as Blender evaluates it for rendering."""
    thing = bpy.data.objects[name]
    for modifier in thing.modifiers:
        if modifier.type == "SUBSURF":
            modifier.levels = modifier.render_levels
    bpy.context.scene.frame_set(int(time // 1), subframe=float(time % 1))
    thing = thing.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([thing.matrix_world @ vertex.co for vertex in thing.data.vertices])


def placed(shot, name: str, time: float) -> np.ndarray:
    """(V, 3) of a deforming thing as it was captured, in metres."""
    number = track(shot, name) - 1
    mesh = shot.motion.tracks[number].mesh
    starts = np.cumsum([0, *(one.vertices for one in shot.motion.meshes)])
    own = blob(shot, POSITIONS, Fraction(time))[starts[mesh] : starts[mesh + 1]]
    matrix = shot.motion.matrices[shot.times.index(Fraction(time)), number]
    return own @ matrix[:3, :3].T + matrix[:3, 3]


def kinds(shot) -> dict[str, TrackKind]:
    return {one.name: one.kind for one in shot.motion.tracks}


@pytest.mark.parametrize("scene", deforming.SCENES)
def test_flow_is_cycles_own_vector_pass(scene, tmp_path, daemon_python):
    """Camera, rigid and deforming motion, back and forth, on every pixel that has a surface."""
    thing = deforming.SCENES[scene]()
    size = (240, 136)
    shot = capture(spec_of(bpy.context.scene, thing, frame_end=4, width=size[0], height=size[1]), tmp_path)
    (tmp_path / "request").write_bytes(pack(shot.request()))
    words = [tmp_path / "request", tmp_path / "spool", tmp_path / "flow.npz", "1:0", "1:2"]
    subprocess.run([daemon_python, "-m", "tests.support.flow_probe", *map(str, words)], check=True, timeout=300)
    found = np.load(tmp_path / "flow.npz")
    assert not found["lost_1"].any()
    before, after = deforming.vector_pass(bpy.context.scene, 2, size, tmp_path / "vector.exr", OpenEXR.File)
    bends = np.isin(
        plane(shot, PlaneKind.INDEX, 2), [track(shot, n) for n, k in kinds(shot).items() if k == "deforming"]
    )
    assert bends.mean() > 0.1
    for name, truth in (("1_0", before), ("1_2", after)):
        solid = np.isfinite(plane(shot, PlaneKind.DEPTH, 2))
        assert found[f"valid_{name}"][solid].all()
        errors = np.linalg.norm(found[f"vectors_{name}"] - truth, axis=-1)
        assert np.linalg.norm(truth[bends], axis=-1).mean() > 0.5
        assert errors[solid].mean() < MOST_EPE_PX and errors[solid & bends].max() < MOST_EPE_PX


@pytest.mark.parametrize("unit_scale", [1.0, 0.01])
def test_vertices_are_where_blender_has_them_at_every_time(unit_scale, tmp_path):
    """Clip frames between scene frames and a reference off the clip's times; a subdivided mesh at its render level."""
    thing = deforming.shape_key_scene()
    scene = bpy.context.scene
    scene.unit_settings.scale_length = unit_scale
    (tmp_path / "picture.png").write_bytes(write_png(np.full((64, 96, 3), 128, np.uint8)))
    reference = ReferenceSpec("uid", "Plate", 2.75, ReferenceSource.FILE, str(tmp_path / "picture.png"), "")
    spec = spec_of(scene, thing, frame_end=5, references=(reference,))
    shot = capture(spec, tmp_path, clip_rate=Rate(16), count=3)
    assert shot.times == tuple(map(Fraction, (1, 2.5, 2.75, 4)))
    for name in ("Face", "Flag"):
        for time in shot.times:
            expected = world_vertices(name, float(time)) * unit_scale
            np.testing.assert_allclose(placed(shot, name, time), expected, atol=3e-6 * unit_scale)
    request = shot.request()
    deformation = request.motion.deformation
    assert deformation.triangle_counts == (2 * 48 * 48, 2 * 40 * 40)
    assert blob(shot, TRIANGLES).shape == (sum(deformation.triangle_counts), 3)
    assert len(deformation.positions) == 3 and request.references[0].positions == shot.refs[POSITIONS, Fraction(2.75)]
    assert {ref.digest for ref in request.blobs()} <= shot.files.keys()


def test_what_changes_its_topology_is_marked_and_named(tmp_path):
    scene, thing = bpy.context.scene, camera((0, -8, 1), (0, 0, 1))
    growing = box("Growing", (-1, 0, 1))
    build = growing.modifiers.new("Array", "ARRAY")
    key(build, "count", {1: 1, 3: 3})
    box("Still", (1, 0, 1)).modifiers.new("Bevel", "BEVEL")  # a modifier that nothing animates
    shot = capture(spec_of(scene, thing), tmp_path)
    assert kinds(shot) == {"Growing": TrackKind.UNKNOWN}
    assert [w.split(":")[0] for w in shot.warnings] == ["Growing"] and "cannot be followed" in shot.warnings[0]
    assert (plane(shot, PlaneKind.INDEX, 3) == 1).sum() > 20
    assert shot.request().motion.deformation is None


def test_instances_of_what_bends_share_its_mesh(tmp_path):
    scene, thing = bpy.context.scene, camera((0, -14, 2), (0, 0, 1))
    face = deforming.sheet("Face", (0, 0, 0), 6, 1.5)
    deforming.swell(face)
    scene.collection.objects.unlink(face)
    crate = bpy.data.collections.new("Crate")
    crate.objects.link(face)
    for name, x in (("Left", -2.0), ("Right", 2.0)):
        holder = bpy.data.objects.new(name, None)
        holder.instance_type, holder.instance_collection = "COLLECTION", crate
        holder.location = (x, 0, 1)
        scene.collection.objects.link(holder)
    key(bpy.data.objects["Right"], "location", {1: (2, 0, 1), 3: (2, 0, 1.5)})
    shot = capture(spec_of(scene, thing), tmp_path)
    assert [(one.name, one.kind, one.mesh) for one in shot.motion.tracks] == [
        ("Left/Face", TrackKind.DEFORMING, 0),
        ("Right/Face", TrackKind.DEFORMING, 0),
    ]
    assert placed(shot, "Right/Face", 3).mean(0) - placed(shot, "Left/Face", 3).mean(0) == pytest.approx([4, 0, 0.5])


def test_a_thing_that_is_away_for_a_time_has_no_vertices_then(tmp_path):
    scene, thing = bpy.context.scene, camera((0, -8, 1), (0, 0, 1))
    ground()
    face = deforming.sheet("Face", (0, 0, 1), 6)
    deforming.swell(face)
    key(face, "hide_render", {1: False, 2: True, 3: False})
    shot = capture(spec_of(scene, thing), tmp_path)
    assert kinds(shot) == {"Face": TrackKind.DEFORMING}
    assert [np.isfinite(placed(shot, "Face", time)).all() for time in (1, 2, 3)] == [True, False, True]


def test_without_motion_in_the_plan_no_vertices_are_captured(tmp_path):
    thing = deforming.shape_key_scene()
    shot = capture(spec_of(bpy.context.scene, thing), tmp_path, captures=(Input.DEPTH,))
    assert shot.request().motion.deformation is None


def stirred(name: str) -> bpy.types.Object:
    """A sheet that geometry nodes push about, frame by frame, without touching its topology."""
    made = deforming.sheet(name, (-1.2, 0, 1), 8, 1.5)
    tree = bpy.data.node_groups.new(name, "GeometryNodeTree")
    for way in ("OUTPUT", "INPUT"):
        tree.interface.new_socket("Geometry", in_out=way, socket_type="NodeSocketGeometry")
    first, push, last = (tree.nodes.new(k) for k in ("NodeGroupInput", "GeometryNodeSetPosition", "NodeGroupOutput"))
    place, time, wave = (
        tree.nodes.new(k) for k in ("GeometryNodeInputPosition", "GeometryNodeInputSceneTime", "ShaderNodeVectorMath")
    )
    wave.operation = "SCALE"
    tree.links.new(place.outputs[0], wave.inputs[0])
    tree.links.new(time.outputs["Seconds"], wave.inputs["Scale"])
    tree.links.new(wave.outputs[0], push.inputs["Offset"])
    tree.links.new(first.outputs[0], push.inputs[0])
    tree.links.new(push.outputs[0], last.inputs[0])
    made.modifiers.new("Nodes", "NODES").node_group = tree
    return made


def hanging(name: str) -> bpy.types.Object:
    """A cloth, pinned along its upper edge and blown by nothing but its own weight from frame 1 on."""
    made = deforming.sheet(name, (1.2, 0, 1), 8, 1.5)
    pins = made.vertex_groups.new(name="Pins")
    pins.add(list(range(72, 81)), 1.0, "REPLACE")
    made.rotation_euler.x = 0.9
    made.modifiers.new("Cloth", "CLOTH").settings.vertex_group_mass = "Pins"
    return made


def test_geometry_nodes_and_cloth_that_keep_their_topology_are_followed(tmp_path):
    """A simulation goes through the frames once for the vertices and once for the planes: both see the same cloth."""
    scene, thing = bpy.context.scene, camera((0, -8, 1), (0, 0, 1))
    stirred("Stirred")
    hanging("Curtain")
    scene.frame_set(1)
    shot = capture(spec_of(scene, thing, frame_end=6), tmp_path)
    assert kinds(shot) == {"Stirred": TrackKind.DEFORMING, "Curtain": TrackKind.DEFORMING} and shot.warnings == ()
    for name in ("Stirred", "Curtain"):
        first, last = placed(shot, name, 1), placed(shot, name, 6)
        assert np.abs(last - first).max() > 0.05, name
    index, depth = plane(shot, PlaneKind.INDEX, 6), plane(shot, PlaneKind.DEPTH, 6)
    view = shot.views[-1]
    for name in ("Stirred", "Curtain"):
        local = (placed(shot, name, 6) - view.c2w[:3, 3]) @ view.c2w[:3, :3]
        column, row, z = (local @ view.intrinsics.T).T
        inner = np.arange(81).reshape(9, 9)[2:7, 2:7].ravel()
        rows, columns = (row / z).astype(int)[inner], (column / z).astype(int)[inner]
        assert (index[rows, columns] == track(shot, name)).mean() > 0.9, name
        np.testing.assert_allclose(depth[rows, columns], z[inner], rtol=0.01)
