# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot's region and the planes of names: which object and which material is seen where, against Blender's rays."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from bl_ext.user_default.second_unit.core.rules import check
from bl_ext.user_default.second_unit.core.spec import RegionKind, RegionSpec
from bl_ext.user_default.second_unit.protocol.errors import ErrorCode, SecondUnitError
from bl_ext.user_default.second_unit.protocol.results import Input
from bl_ext.user_default.second_unit.protocol.shot import PlaneKind
from bl_ext.user_default.second_unit.scene.facts import read_facts
from bl_ext.user_default.second_unit.ui.shot.spec import plan_request, shot_spec

from tests.blender.captures import box, capture, cast, key, plane, spec_of, standard_scene, view_at


def street() -> bpy.types.Object:
    """The standard scene, two instances of a part (one moves, one stands), and a box of two materials."""
    scene, thing = bpy.context.scene, standard_scene()
    crate = bpy.data.collections.new("Crate")
    part = box("Part", (0, 0, 0), 0.6)
    scene.collection.objects.unlink(part)
    crate.objects.link(part)
    for name, x in (("Left", -0.6), ("Right", 0.6)):
        holder = bpy.data.objects.new(name, None)
        holder.instance_type, holder.instance_collection, holder.location = "COLLECTION", crate, (x, -1.5, 1.6)
        scene.collection.objects.link(holder)
    key(bpy.data.objects["Left"], "location", {1: (-0.6, -1.5, 1.6), 5: (-0.3, -1.5, 1.9)})
    still = bpy.data.objects["Still"]
    for name in ("Brick", "Paint"):
        still.data.materials.append(bpy.data.materials.new(name))
    still.data.polygons[4].material_index = 1  # of the six, the top
    still.data.polygons[2].material_index = 1  # and the side that faces the camera
    props = bpy.data.collections.new("Props")
    inner = bpy.data.collections.new("Inner")
    scene.collection.children.link(props)
    props.children.link(inner)
    inner.objects.link(bpy.data.objects["Mover"])
    props.objects.link(bpy.data.objects["Right"])
    scene.frame_set(1)
    return thing


def agreement(shot, time: float, expected: set[str], region: np.ndarray) -> float:
    """Share of rays that meet one of the ``expected`` objects where the region is, and others where it is not."""
    rays = cast(view_at(shot, time), bpy.context.scene, time, step=2)
    return float(np.mean([(region[row, column] == 255) == (name in expected) for row, column, _, name in rays]))


@pytest.mark.parametrize(
    ("kind", "name", "seen"),
    [
        (RegionKind.OBJECT, "Mover", {"Mover"}),
        (RegionKind.OBJECT, "Still", {"Still"}),
        (RegionKind.OBJECT, "Part", {"Part"}),
        (RegionKind.COLLECTION, "Crate", {"Part"}),
    ],
)
def test_a_region_is_where_rays_meet_what_it_is_made_of(kind, name, seen, tmp_path):
    thing = street()
    spec = spec_of(bpy.context.scene, thing, region=RegionSpec(kind, name))
    shot = capture(spec, tmp_path)
    request = shot.request()
    assert request.region.kind is PlaneKind.REGION and len(request.region.frames) == 3
    assert {ref.digest for ref in request.blobs()} <= shot.files.keys() and shot.warnings == ()
    for time in (1, 3):
        mask = plane(shot, PlaneKind.REGION, time)
        assert mask.dtype == np.uint8 and set(np.unique(mask)) == {0, 255}
        assert agreement(shot, time, seen, mask) > 0.995
    if kind is RegionKind.OBJECT and name == "Mover":
        other = capture(spec_of(bpy.context.scene, thing, region=RegionSpec(kind, name, invert=True)), tmp_path / "i")
        np.testing.assert_array_equal(plane(other, PlaneKind.REGION, 3), 255 - plane(shot, PlaneKind.REGION, 3))


def test_an_instancer_stands_for_what_it_makes(tmp_path):
    """One of two instances of the same object; a collection holds what lies in collections inside it, too."""
    thing = street()
    left, right = (
        plane(capture(spec_of(bpy.context.scene, thing, region=RegionSpec(RegionKind.OBJECT, n)), tmp_path / n),
              PlaneKind.REGION, 3) > 0
        for n in ("Left", "Right")
    )  # fmt: skip
    assert left.sum() > 100 and right.sum() > 100 and not (left & right).any()
    assert np.nonzero(left)[1].max() < np.nonzero(right)[1].min()
    props = capture(
        spec_of(bpy.context.scene, thing, region=RegionSpec(RegionKind.COLLECTION, "Props")), tmp_path / "p"
    )
    mover = capture(spec_of(bpy.context.scene, thing, region=RegionSpec(RegionKind.OBJECT, "Mover")), tmp_path / "m")
    both = right | (plane(mover, PlaneKind.REGION, 3) > 0)
    np.testing.assert_array_equal(plane(props, PlaneKind.REGION, 3) > 0, both)


def test_a_material_is_a_region_face_by_face(tmp_path):
    thing = street()
    spec = spec_of(bpy.context.scene, thing, region=RegionSpec(RegionKind.MATERIAL, "Paint"), capture_labels=True)
    shot = capture(spec, tmp_path)
    request = shot.request()
    materials, region = plane(shot, PlaneKind.MATERIAL, 1), plane(shot, PlaneKind.REGION, 1)
    assert request.materials.names == ("Brick", "Paint") and set(np.unique(materials)) == {0, 1, 2}
    np.testing.assert_array_equal(region == 255, materials == 2)
    without = RegionSpec(RegionKind.MATERIAL, "Paint", invert=True)
    other = capture(spec_of(bpy.context.scene, thing, region=without, capture_labels=True), tmp_path / "i")
    np.testing.assert_array_equal(plane(other, PlaneKind.REGION, 1), 255 - region)
    still = plane(shot, PlaneKind.OBJECT, 1) == request.objects.names.index("Still") + 1
    np.testing.assert_array_equal(still, materials > 0)


def test_names_of_all_that_is_seen(tmp_path):
    thing = street()
    shot = capture(spec_of(bpy.context.scene, thing, capture_labels=True), tmp_path)
    request = shot.request()
    names = request.objects.names
    assert names == ("Ground", "Left/Part", "Mover", "Right/Part", "Still")
    assert dict(zip(names, request.objects.collections, strict=True)) == {
        "Ground": (), "Still": (), "Left/Part": ("Crate",), "Mover": ("Inner", "Props"),
        "Right/Part": ("Crate", "Props"),
    }  # fmt: skip
    for time in (1, 3):
        found = plane(shot, PlaneKind.OBJECT, time)
        rays = cast(view_at(shot, time), bpy.context.scene, time, step=2)
        told = [
            names[found[row, column] - 1].rpartition("/")[2] if found[row, column] else "" for row, column, *_ in rays
        ]
        assert np.mean([a == b for a, (*_, b) in zip(told, rays, strict=True)]) > 0.99
    assert request.region is None and request.index is not None and shot.motion.tracks[0].name == "Left/Part"


def test_without_labels_or_a_region_nothing_more_is_captured(tmp_path):
    request = capture(spec_of(bpy.context.scene, street()), tmp_path).request()
    assert (request.region, request.objects, request.materials) == (None, None, None)


def test_a_region_out_of_sight_is_told(tmp_path):
    thing = street()
    box("Behind", (0, -30, 1))
    shot = capture(spec_of(bpy.context.scene, thing, region=RegionSpec(RegionKind.OBJECT, "Behind")), tmp_path)
    assert not plane(shot, PlaneKind.REGION, 1).any()
    assert shot.warnings == ("The region (object Behind) is nowhere to be seen: nothing may be changed",)


def test_pass_indices_of_the_file_are_as_they_were(tmp_path):
    thing = street()
    bpy.data.objects["Still"].pass_index = 7
    bpy.data.materials["Paint"].pass_index = 9
    capture(spec_of(bpy.context.scene, thing, capture_labels=True), tmp_path)
    assert bpy.data.objects["Still"].pass_index == 7 and bpy.data.materials["Paint"].pass_index == 9
    assert bpy.data.objects["Mover"].pass_index == 0 and bpy.data.materials["Brick"].pass_index == 0


def test_the_panels_choice_reaches_spec_plan_and_rules(tmp_path):
    street()
    scene = bpy.context.scene
    bpy.ops.second_unit.shot_add()
    shot = scene.second_unit.shots[0]
    asked = shot_spec(scene, scene.view_layers[0], shot)
    assert asked.region is None and Input.REGION not in plan_request(asked, seed_matters=False).given
    shot.region_kind = "COLLECTION"
    unchosen = shot_spec(scene, scene.view_layers[0], shot)
    (problem,) = [p for p in check(unchosen, read_facts(unchosen, False)) if p.code is ErrorCode.NO_REGION]
    assert problem.cause == "The region has no collection"
    shot.region_collection = bpy.data.collections["Props"]
    chosen = shot_spec(scene, scene.view_layers[0], shot)
    assert chosen.region == RegionSpec(RegionKind.COLLECTION, "Props")
    assert Input.REGION in plan_request(chosen, seed_matters=False).given
    assert not [p for p in check(chosen, read_facts(chosen, False)) if p.code is ErrorCode.NO_REGION]


def test_what_went_away_before_the_capture_is_named(tmp_path):
    spec = spec_of(bpy.context.scene, street(), region=RegionSpec(RegionKind.MATERIAL, "Gone"))
    with pytest.raises(SecondUnitError) as error:
        capture(spec, tmp_path)
    assert error.value.code is ErrorCode.NO_REGION and "Street: The region's material Gone is gone" in str(error.value)
