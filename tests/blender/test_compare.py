# SPDX-License-Identifier: GPL-3.0-or-later
"""Two takes compared: each on its side of the wipe, in its own colours, and nothing left of it afterwards."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.second_unit.link import current, pump
from bl_ext.user_default.second_unit.sequencer import compat, memory, provenance
from bl_ext.user_default.second_unit.ui.takes import comparing, view

from tests.blender import footage


@pytest.fixture(scope="module")
def clips(tmp_path_factory) -> list[Path]:
    """Two clips whose edges lie elsewhere: the second shows at every frame what the first shows ten frames later."""
    folder = tmp_path_factory.mktemp("clips")
    late = footage.make("edge", folder / "late.mp4", count=24, width=208, height=120, rate=24, begin=10)
    return [footage.edge_clip(folder / "edge.mp4"), late]


@pytest.fixture
def takes(clips, tmp_path, monkeypatch) -> list[str]:
    """Jobs of both; the first lies on the timeline from frame 11 on."""
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", "")
    current.link.close()
    memory.close()
    footage.frame_scene()  # the view Standard: under AgX Blender 5.2 clips bright colours wherever it blends strips
    jobs = [footage.note_finished(clip, number=number).job_id for number, clip in enumerate(clips, 1)]
    while len(footage.movies()) < 2:
        pump.tick()
    scene, second = provenance.find_strip(jobs[1])
    scene.sequence_editor.strips.remove(second)
    compat.set_content_start(provenance.find_strip(jobs[0])[1], 11)
    scene.frame_set(15)
    view.refresh()
    return jobs


def names() -> list[str]:
    return sorted(strip.name for strip in provenance.strips_of(bpy.context.scene))


def white_to(frame: int, folder: Path) -> float:
    """How much of the picture is white, from the left, in pixels."""
    return footage.edge_of(footage.shown(bpy.context.scene, frame, folder)) * footage.EDGE_STEP + footage.EDGE_START


def test_each_take_is_on_its_side_of_the_wipe_and_done_leaves_nothing(takes, tmp_path):
    before = names()
    bpy.ops.second_unit.take_compare(job_id=takes[0], other=takes[1])
    lower, upper = comparing._strips()
    assert (lower.second_unit.compared, upper.second_unit.compared) == tuple(takes)
    assert upper.channel > lower.channel > provenance.find_strip(takes[0])[1].channel
    assert (compat.left(lower), compat.left(upper)) == (11, 11), "where the shot's strip lies"
    a, b = footage.EDGE_START, footage.EDGE_START + 10 * footage.EDGE_STEP  # white to here at frame 11
    for share, white in ((0.0, b), (1.0, a), (30 / footage.WIDTH, a + b - 30)):
        upper.second_unit.wipe = share
        assert white_to(11, tmp_path) == pytest.approx(white, abs=1.5), f"wipe at {share}"
    bpy.ops.second_unit.take_compare_end()
    assert names() == before and comparing._strips() is None
    assert provenance.find_strip(takes[0]) is not None


def test_takes_that_are_compared_count_as_on_no_timeline(takes):
    bpy.ops.second_unit.take_compare(job_id=takes[0], other=takes[1])
    assert provenance.job_ids() == {takes[0]}
    view.refresh()
    assert view.of_job(takes[1]).status != view.ON_TIMELINE


def test_comparing_others_replaces_the_first_two(takes):
    bpy.ops.second_unit.take_compare(job_id=takes[0])
    bpy.ops.second_unit.take_compare(job_id=takes[1])
    assert [strip.second_unit.compared for strip in comparing._strips()] == [takes[1], takes[0]]
    assert len(names()) == 3


def test_deleting_one_of_them_ends_the_comparison(takes):
    bpy.ops.second_unit.take_compare(job_id=takes[0], other=takes[1])
    bpy.ops.second_unit.take_delete(job_id=takes[1])
    assert comparing._strips() is None and len(names()) == 1


def test_a_scene_at_another_rate_keeps_no_speed_effect_behind(takes):
    before = names()
    bpy.context.scene.render.fps = 30
    bpy.ops.second_unit.take_compare(job_id=takes[0], other=takes[1])
    assert len(names()) == len(before) + 4
    bpy.ops.second_unit.take_compare_end()
    assert names() == before


def test_one_take_alone_cannot_be_compared(takes):
    bpy.ops.second_unit.take_remove(job_id=takes[1])
    with pytest.raises(RuntimeError, match="no second take"):
        bpy.ops.second_unit.take_compare()
    with pytest.raises(RuntimeError, match="No takes are being compared"):
        bpy.ops.second_unit.take_compare_end()
