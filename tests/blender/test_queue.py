# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes land when Blender is ready for it, one after another; what one meets does not hold up the next."""

from __future__ import annotations

import logging
from pathlib import Path

import addon_utils
import bpy
import pytest
from bl_ext.user_default.second_unit.link import current, pump
from bl_ext.user_default.second_unit.link.state import job_views
from bl_ext.user_default.second_unit.protocol.errors import ErrorCode
from bl_ext.user_default.second_unit.sequencer import busy, landing, queue

from tests.blender import footage
from tests.blender.inside import PACKAGE

pytestmark = pytest.mark.usefixtures("home")


def edit_a_mesh() -> None:
    mesh = bpy.data.meshes.new("m")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    made = bpy.data.objects.new("o", mesh)
    bpy.context.scene.collection.objects.link(made)
    bpy.context.view_layer.objects.active = made
    bpy.ops.object.mode_set(mode="EDIT")


def test_landing_waits_for_edit_mode_to_end_and_says_so(edge):
    edit_a_mesh()
    footage.note_finished(edge)
    pump.tick()
    assert not footage.movies()
    assert queue.waiting() == "Edit Mode is on"
    assert [v.stage for v in job_views(current.tracker, queue.waiting())] == ["Waiting to land: Edit Mode is on"]
    bpy.ops.object.mode_set(mode="OBJECT")
    pump.tick()
    assert len(footage.movies()) == 1
    assert queue.waiting() == ""


def test_landing_waits_for_playback_to_end(edge):
    footage.note_finished(edge)
    current.disk.wait()  # an operator under an override does not go with a thread, see landing.push_undo
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window, screen=window.screen):
        bpy.ops.screen.animation_play()
        pump.tick()
        assert queue.waiting() == "the timeline is playing"
        assert not footage.movies()
        current.disk.wait()  # which the list of takes has asked meanwhile
        bpy.ops.screen.animation_play()
    pump.tick()
    assert len(footage.movies()) == 1


def test_every_take_that_waits_lands_in_its_turn(edge):
    for number in (1, 2, 3):
        footage.note_finished(edge, number=number)
    for landed in (1, 2, 3):
        pump.tick()
        assert len(footage.movies()) == landed
    assert {strip.channel for strip in footage.movies()} == {1, 2, 3}


def test_a_take_that_cannot_land_is_said_once_and_does_not_hold_up_the_next(edge):
    lost = footage.note_finished(edge)
    Path(current.tracker.journal.absolute(lost.files["clip"])).unlink()
    second = footage.note_finished(edge, number=2)
    pump.tick()
    pump.tick()
    assert [strip.second_unit.job_id for strip in footage.movies()] == [second.job_id]
    assert current.tracker.errors[lost.job_id].code is ErrorCode.FILE_GONE


def test_a_fault_of_ours_while_landing_becomes_a_sentence_and_is_not_repeated(edge, monkeypatch, caplog):
    record = footage.note_finished(edge)
    calls = []

    def fail(*_args, **_words):
        calls.append(1)
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(landing, "land", fail)
    with caplog.at_level(logging.ERROR):
        pump.tick()
        pump.tick()
    assert len(calls) == 1
    assert "ZeroDivisionError: division by zero" in current.tracker.errors[record.job_id].cause


def test_operators_of_other_add_ons_that_never_end_do_not_hold_up_landing():
    assert busy._counts("TRANSFORM_OT_translate")
    assert busy._counts("SECOND_UNIT_OT_shoot")
    assert not busy._counts("OBJECT_OT_select_pattern"), "one that is written in Python"


def traces() -> dict[str, object]:
    """What an add-on can leave behind in Blender."""
    handlers = {
        name: [f for f in getattr(bpy.app.handlers, name) if "second_unit" in getattr(f, "__module__", "")]
        for name in dir(bpy.app.handlers)
        if isinstance(getattr(bpy.app.handlers, name), list)
    }
    return {
        "handlers": {name: found for name, found in handlers.items() if found},
        "timer": bpy.app.timers.is_registered(pump._timer),
        "chores": list(pump._chores),
        "classes": [name for name in dir(bpy.types) if name.startswith("SECOND_UNIT_")],
        "properties": [
            owner for owner in ("Strip", "Scene", "WindowManager") if hasattr(getattr(bpy.types, owner), "second_unit")
        ],
    }


def test_disabling_leaves_nothing_behind_and_closes_the_journal(edge):
    footage.note_finished(edge)
    path, session = current.tracker.journal.path, current.tracker.journal.session
    before = traces()
    addon_utils.disable(PACKAGE)
    assert not any(traces().values())
    assert f'"session": "{session}"' in path.read_text().splitlines()[-1]
    assert '"entry": "closed"' in path.read_text().splitlines()[-1]
    addon_utils.enable(PACKAGE)
    after = traces()
    assert {name: len(after[name]) for name in ("handlers", "chores", "classes", "properties")} == {
        name: len(before[name]) for name in ("handlers", "chores", "classes", "properties")
    }
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    pump.tick()
    assert current.tracker.journal is not None, "handlers and pump work again"


def test_handlers_outlive_the_opening_of_a_file():
    before = traces()["handlers"]
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert traces()["handlers"] == before
    assert set(before) >= {"load_pre", "load_post", "save_post", "undo_post", "redo_post"}
