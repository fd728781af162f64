# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes kept in order: named, starred, thrown away."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import bpy
import pytest
from bl_ext.user_default.second_unit.link import current, pump
from bl_ext.user_default.second_unit.link.journal import Entry
from bl_ext.user_default.second_unit.sequencer import memory, provenance
from bl_ext.user_default.second_unit.ui.takes import keeping, view

from tests.blender import footage
from tests.blender.inside import PACKAGE

pytestmark = pytest.mark.usefixtures("home")


def shown(job_id: str) -> view.TakeView:
    view.refresh()
    found = view.of_job(job_id)
    assert found is not None
    return found


def test_a_name_and_a_star_outlive_the_session(edge):
    record = footage.note_finished(edge)
    pump.tick()
    assert (shown(record.job_id).title, shown(record.job_id).starred) == ("Take 1", False)
    bpy.ops.second_unit.take_rename(job_id=record.job_id, label=" the good one ")
    if sys.platform == "linux":  # PATH is empty here
        assert bpy.ops.second_unit.take_folder(job_id=record.job_id) == {"CANCELLED"}
    bpy.ops.second_unit.take_star(job_id=record.job_id)
    memory.close()
    memory.ensure_open()
    assert (shown(record.job_id).title, shown(record.job_id).starred) == ("the good one", True)
    bpy.ops.second_unit.take_star(job_id=record.job_id)
    bpy.ops.second_unit.take_rename(job_id=record.job_id, label="")
    assert (shown(record.job_id).title, shown(record.job_id).starred) == ("Take 1", False)


def test_the_seed_of_the_last_take_is_kept_by_one_press_and_let_go_by_another(edge):
    bpy.ops.second_unit.shot_add()
    shot = bpy.context.scene.second_unit.shots[0]
    for number, seed in ((1, 5), (2, 77)):
        footage.note_finished(edge, number=number, shot_id=shot.uid, seed=seed)
    pump.tick()
    view.refresh()
    bpy.ops.second_unit.seed_keep()
    assert (shot.random_seed, shot.seed) == (False, 77)
    bpy.ops.second_unit.seed_keep()
    assert (shot.random_seed, shot.seed) == (True, 77)


def test_with_shift_a_take_is_deleted_without_asking(edge):
    record, done = footage.note_finished(edge), {"FINISHED"}
    operator = SimpleNamespace(record=lambda _context: record, execute=lambda _context: done, job_id="")
    assert keeping.SECOND_UNIT_OT_take_delete.invoke(operator, bpy.context, SimpleNamespace(shift=True)) == done
    assert operator.job_id == record.job_id


def test_who_looks_at_the_newest_take_goes_on_to_the_next_and_who_looks_at_another_stays(edge):
    manager = bpy.context.window_manager
    jobs = []
    for number in (1, 2):
        jobs.append(footage.note_finished(edge, number=number).job_id)
        pump.tick()  # the list looks as soon as there is something new
        assert view.active_job(manager) == jobs[-1]
    manager.second_unit.active_take = 1
    assert view.active_job(manager) == jobs[0]
    footage.note_finished(edge, number=3)
    pump.tick()
    assert [row.name for row in manager.second_unit.takes] == ["Take 3", "Take 2", "Take 1"]
    assert view.active_job(manager) == jobs[0]


def test_in_the_sequencer_a_take_is_the_chosen_strips(edge):
    first, second = (footage.note_finished(edge, number=number) for number in (1, 2))
    while len(footage.movies()) < 2:
        pump.tick()
    view.refresh()
    assert view.active_job(bpy.context.window_manager) == second.job_id, "the list's"
    scene = bpy.context.scene
    other = scene.sequence_editor.strips.new_movie("other", str(view.file_of(first)), 9, 1)
    with footage.in_sequencer(scene, provenance.find_strip(first.job_id)[1]):
        bpy.ops.second_unit.take_star()
    with footage.in_sequencer(scene, other), pytest.raises(RuntimeError, match="This strip shows no take"):
        bpy.ops.second_unit.take_star()
    scene.sequence_editor.active_strip = None
    assert (shown(first.job_id).starred, shown(second.job_id).starred) == (True, False)


def test_only_as_many_takes_stay_as_the_preferences_keep_but_starred_and_shown_ones(edge):
    settings = bpy.context.preferences.addons[PACKAGE].preferences
    records = [footage.note_finished(edge, number=number) for number in range(1, 7)]
    while len(footage.movies()) < 6:
        pump.tick()
    for record in records:
        current.tracker.journal.write(Entry.ACKNOWLEDGED, record.job_id)
    scene = bpy.context.scene
    for strip in footage.movies():
        if strip.second_unit.take != 2:
            scene.sequence_editor.strips.remove(strip)
    view.refresh()
    bpy.ops.second_unit.take_star(job_id=records[0].job_id)
    try:
        settings.keep_takes = 2
        for _ in range(8):
            pump.tick()
    finally:
        settings.keep_takes = 0
    left = [record.take for record in view.listed()]
    assert left == [6, 5, 2, 1], "the newest two, the one on the timeline, the one with a star"
    trash = view.file_of(records[0]).parent / "trash"
    assert sorted(file.name for file in trash.iterdir()) == ["take_003.mp4", "take_004.mp4"]
