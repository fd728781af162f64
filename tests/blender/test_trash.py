# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes taken off the list: their files go to the trash, and come back with undo, whatever the disk refuses."""

from __future__ import annotations

import errno
import logging
import os
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.second_unit.link import current, pump
from bl_ext.user_default.second_unit.link.journal import Entry
from bl_ext.user_default.second_unit.link.records import JobRecord
from bl_ext.user_default.second_unit.protocol.errors import ErrorCode, SecondUnitError
from bl_ext.user_default.second_unit.ui.takes import trash, view

from tests.blender import footage

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def take(edge) -> JobRecord:
    """A take on the timeline, with a clip and a poster; the undo history begins with it."""
    record = footage.note_finished(edge)
    journal, clip = current.tracker.journal, view.file_of(record)
    poster = clip.with_suffix(".png")
    poster.write_bytes(b"picture")
    files = {"clip": journal.relative(clip), "poster": journal.relative(poster)}
    journal.write(Entry.FETCHING, record.job_id, files=files, blobs=record.blobs, result={})
    journal.write(Entry.FETCHED, record.job_id)
    pump.tick()
    view.refresh()
    bpy.ops.ed.undo_push(message="first")
    bpy.ops.ed.undo_push(message="before")
    return journal.get(record.job_id)


def files_of(record: JobRecord) -> list[Path]:
    return [view.file_of(record, name) for name in record.files]


def delete(record: JobRecord) -> None:
    assert bpy.ops.second_unit.take_delete(job_id=record.job_id) == {"FINISHED"}
    bpy.ops.ed.undo_push(message="deleted")


def is_whole(record: JobRecord) -> bool:
    """On the list, with all its files; else neither."""
    there = {file.exists() for file in files_of(record)} | {not view.record_of(record.job_id).removed}
    assert len(there) == 1
    return there.pop()


def refuse_posters(patch: pytest.MonkeyPatch) -> None:
    """From now on the disk is full for every picture."""
    replace = os.replace

    def refusing(was: Path, now: Path) -> None:
        if Path(now).suffix == ".png":
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(was, now)

    patch.setattr(os, "replace", refusing)


def test_a_deleted_take_goes_to_the_trash_with_its_strip_and_never_over_another_file(edge):
    first = footage.note_finished(edge)
    pump.tick()
    file = view.file_of(first)
    folder = file.parent / "trash"
    folder.mkdir()
    (folder / file.name).write_bytes(b"an older one")
    assert len(footage.movies()) == 1
    view.refresh()
    bpy.ops.second_unit.take_delete(job_id=first.job_id)
    assert footage.movies() == [] and not file.exists()
    assert (folder / file.name).read_bytes() == b"an older one"
    assert (folder / "take_001.001.mp4").stat().st_size > 1000
    view.refresh()
    assert view.of_job(first.job_id) is None


def test_undo_brings_a_deleted_take_back_with_its_files_and_its_strip_and_redo_takes_it_off_again(edge):
    record = footage.note_finished(edge)
    pump.tick()
    file = view.file_of(record)
    view.refresh()
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.second_unit.take_delete(job_id=record.job_id)
    bpy.ops.ed.undo_push(message="deleted")
    assert not file.exists() and footage.movies() == []
    bpy.ops.ed.undo()
    assert file.exists() and not (file.parent / "trash" / file.name).exists()
    view.refresh()
    assert len(footage.movies()) == 1 and view.of_job(record.job_id).status == view.ON_TIMELINE
    bpy.ops.ed.redo()
    view.refresh()
    assert not file.exists() and footage.movies() == [] and view.of_job(record.job_id) is None


def test_undo_brings_back_a_take_that_was_only_taken_off_the_list(edge):
    record = footage.note_finished(edge)
    pump.tick()
    view.refresh()
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.second_unit.take_remove(job_id=record.job_id)
    bpy.ops.ed.undo_push(message="removed")
    assert view.of_job(record.job_id) is None and view.file_of(record).exists()
    bpy.ops.ed.undo()
    view.refresh()
    assert view.of_job(record.job_id).title == "Take 1"
    trash.tick()
    assert footage.movies()


def test_a_take_inside_a_meta_strip_is_deleted_too(edge):
    record = footage.note_finished(edge)
    pump.tick()
    scene = bpy.context.scene
    (movie,) = footage.movies()
    meta = scene.sequence_editor.strips.new_meta("M", channel=5, frame_start=1)
    movie.move_to_meta(meta)
    view.refresh()
    bpy.ops.second_unit.take_delete(job_id=record.job_id)
    assert footage.movies() == [] and meta.name in scene.sequence_editor.strips


def test_what_the_disk_refuses_half_way_is_not_deleted_at_all(take, monkeypatch):
    with monkeypatch.context() as patch:
        refuse_posters(patch)
        with pytest.raises(RuntimeError, match="is full"):
            bpy.ops.second_unit.take_delete(job_id=take.job_id)
    assert is_whole(take) and len(footage.movies()) == 1

    def write(*_args: object) -> None:
        raise SecondUnitError(ErrorCode.NOT_WRITABLE, "the journal cannot be used")

    with monkeypatch.context() as patch:
        patch.setattr(current.tracker.journal, "write", write)
        with pytest.raises(RuntimeError, match="the journal cannot"):
            bpy.ops.second_unit.take_delete(job_id=take.job_id)
    assert is_whole(take)
    delete(take)
    assert not is_whole(take)
    bpy.ops.ed.undo()
    assert is_whole(take)


def test_what_an_undo_could_not_bring_back_the_next_one_does(take, monkeypatch):
    delete(take)
    with monkeypatch.context() as patch:
        refuse_posters(patch)
        bpy.ops.ed.undo()
    assert view.record_of(take.job_id).removed
    assert len(trash.told()) == 1 and "is full" in trash.told()[0], "the panel says it, not the log alone"
    bpy.ops.ed.undo()
    assert is_whole(take) and trash.told() == []


def test_what_an_undo_could_not_bring_back_redo_and_another_deletion_see_too(take, edge, monkeypatch):
    other = footage.note_finished(edge, number=2)
    delete(take)
    with monkeypatch.context() as patch:
        refuse_posters(patch)
        bpy.ops.ed.undo()
    bpy.ops.ed.redo()
    assert not is_whole(take)
    with monkeypatch.context() as patch:
        refuse_posters(patch)
        bpy.ops.ed.undo()
    view.refresh()
    delete(other)
    assert is_whole(take) and not is_whole(other)
    bpy.ops.ed.undo()
    assert is_whole(take) and is_whole(other)


@pytest.mark.parametrize("operator", ["take_delete", "take_remove"])
def test_in_edit_mode_nothing_is_taken_off_the_list(take, operator):
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(RuntimeError, match="now: Edit Mode is on"):
        getattr(bpy.ops.second_unit, operator)(job_id=take.job_id)
    assert is_whole(take) and len(footage.movies()) == 1


def test_strips_of_a_take_that_is_back_wait_until_they_may_be_touched(take, monkeypatch):
    delete(take)
    bpy.ops.ed.undo()
    with monkeypatch.context() as patch:
        patch.setattr(trash.busy, "reason", lambda: "a render is running")
        trash.tick()
    assert trash._returned == [take.job_id]
    trash.tick()
    assert trash._returned == []


def test_a_deletion_belongs_to_its_scene_whatever_that_is_called_by_now(take):
    delete(take)
    scene = bpy.context.scene
    name, scene.name = scene.name, "Renamed"
    bpy.data.scenes.new(name)
    bpy.ops.ed.undo_push(message="renamed")
    bpy.ops.ed.undo_push(message="anything")
    bpy.ops.ed.undo()
    assert bpy.data.scenes.keys() == ["Renamed", name] and not is_whole(take)
    bpy.ops.ed.undo()
    bpy.ops.ed.undo()
    assert is_whole(take)


def test_a_take_that_is_off_the_list_is_not_taken_off_again(take, edge):
    other = footage.note_finished(edge, number=2)
    scene = bpy.context.scene
    bpy.ops.second_unit.take_remove(job_id=take.job_id)
    with footage.in_sequencer(scene, *footage.movies()):
        for each in ("take_star", "take_rename", "take_delete", "take_remove"):
            with pytest.raises(RuntimeError, match="not in this file's list"):
                getattr(bpy.ops.second_unit, each)()
        assert bpy.ops.second_unit.take_swap(job_id=other.job_id) == {"FINISHED"}, "shown instead"
    with pytest.raises(RuntimeError, match="Street take 1 is off the list already"):
        bpy.ops.second_unit.take_delete(job_id=take.job_id)
    assert all(file.exists() for file in files_of(take))


def test_of_a_take_whose_trash_was_emptied_undo_brings_back_what_can_be_fetched_again(take, edge, caplog):
    other = footage.note_finished(edge, number=2)
    view.refresh()
    bpy.ops.ed.undo_push(message="before both")
    for each in (take, other):
        delete(each)
    for file in (view.file_of(take).parent / "trash").iterdir():
        file.unlink()
    with caplog.at_level(logging.WARNING):
        bpy.ops.ed.undo()
    view.refresh()
    assert view.of_job(other.job_id) is None and "Street take 2 stays off the list" in caplog.text
    assert len(trash.told()) == 1 and "Street take 2 stays off the list" in trash.told()[0]
    bpy.ops.ed.undo()
    assert [record.job_id for record in view.listed()] == [take.job_id] and len(footage.movies()) == 1
