# SPDX-License-Identifier: GPL-3.0-or-later
"""What the add-on remembers of its jobs outlives undo, revert, copies, renaming and kill -9; every take lands once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import bpy
import pytest
from attrs import evolve
from bl_ext.user_default.second_unit.link import current, files, processes, pump
from bl_ext.user_default.second_unit.link.journal import Entry, Journal
from bl_ext.user_default.second_unit.link.records import submitted_line
from bl_ext.user_default.second_unit.protocol.errors import ErrorCode, SecondUnitError
from bl_ext.user_default.second_unit.sequencer import memory

from tests.blender import daemons, footage
from tests.blender.daemons import until

pytestmark = pytest.mark.usefixtures("home")
MOMENTS = (
    "after:submitted",
    "before:fetching",
    "before:fetched",
    "after:fetched",
    "before:landed",
    "after:landed",
    "after:kept",
    "before:acknowledged",
    "after:acknowledged",
)


@pytest.fixture(scope="module")
def daemon_home(tmp_path_factory):
    """The folder of a daemon that runs for all tests that want one."""
    home = tmp_path_factory.mktemp("daemon")
    daemon = daemons.Daemon(home=home).start()
    yield home
    daemon.close()


@pytest.fixture
def film(tmp_path) -> Path:
    """An empty .blend on disk, open."""
    path = tmp_path / "project" / "film.blend"
    path.parent.mkdir()
    save(path)
    return path


def save(path: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(path))


def reopen(path: Path) -> None:
    bpy.ops.wm.open_mainfile(filepath=str(path))


def known(record):
    return current.tracker.journal.get(record.job_id)


# --- lands once ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_blender_killed_at_any_moment_lands_the_take_once(film, tmp_path, monkeypatch, daemon_home, moment):
    monkeypatch.setenv("SECOND_UNIT_HOME", str(daemon_home))
    job_id = uuid.uuid4().hex
    spooled = daemons.shot(tmp_path / "spooled")
    command = [sys.executable, "-m", "tests.blender.crash", moment, str(film), str(spooled), job_id]
    died = subprocess.run(command, cwd=footage.ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert died.returncode == -9, died.stdout[-2000:] + died.stderr[-2000:]
    for _again in range(2):
        reopen(film)
        until(lambda: (r := current.tracker.journal.get(job_id)) and r.landed and r.acknowledged, "landing")
        daemons.turn(0.1)
        assert [s.second_unit.job_id for s in footage.movies()] == [job_id]
        save(film)


def test_a_landing_that_was_undone_does_not_come_back(film, edge):
    record = footage.note_finished(edge)
    bpy.ops.ed.undo_push(message="before")
    pump.tick()
    assert len(footage.movies()) == 1
    bpy.ops.ed.undo()
    daemons.turn(0.1)
    assert not footage.movies()
    assert known(record).undone
    reopen(film)
    daemons.turn(0.1)
    assert not footage.movies()


def test_redo_brings_it_back_and_the_journal_knows(film, edge):
    record = footage.note_finished(edge)
    bpy.ops.ed.undo_push(message="before")
    pump.tick()
    bpy.ops.ed.undo()
    bpy.ops.ed.redo()
    daemons.turn(0.1)
    assert len(footage.movies()) == 1
    assert not known(record).undone


def test_a_strip_that_the_artist_deleted_does_not_come_back(film, edge):
    footage.note_finished(edge)
    pump.tick()
    editor = bpy.context.scene.sequence_editor
    editor.strips.remove(footage.movies()[0])
    daemons.turn(0.1)
    save(film)
    reopen(film)
    daemons.turn(0.1)
    assert not footage.movies()


def test_a_strip_that_was_deleted_before_the_save_does_not_come_back_after_a_crash(film, edge, monkeypatch):
    record = footage.note_finished(edge)
    pump.tick()
    bpy.context.scene.sequence_editor.strips.remove(footage.movies()[0])
    save(film)
    assert known(record).kept
    monkeypatch.setattr(files, "close", lambda journal: None)
    monkeypatch.setattr(processes, "session_alive", lambda session: False)
    reopen(film)
    daemons.turn(0.1)
    assert not footage.movies()


def test_reverting_gives_up_the_landing_and_keeps_the_take(film, edge):
    record = footage.note_finished(edge)
    pump.tick()
    assert len(footage.movies()) == 1
    reopen(film)
    daemons.turn(0.1)
    assert not footage.movies()
    assert known(record).files and known(record).fetched


def test_two_blenders_with_one_file_land_it_once(film, edge):
    record = footage.note_finished(edge)
    other = Journal(current.tracker.journal.path, "another-session")
    other.write(Entry.LANDED, record.job_id, strip="x", scene="Scene")
    pump.tick()
    assert not footage.movies()


# --- the file moves --------------------------------------------------------------------------------------------------


def test_save_as_takes_the_memory_along_and_open_jobs_follow_the_new_file_only(film, edge):
    record = footage.note_finished(edge)
    other = film.with_name("other.blend")
    save(other)
    pump.tick()
    assert len(footage.movies()) == 1
    assert Path(bpy.path.abspath(footage.movies()[0].filepath)).is_file()
    save(other)
    reopen(film)
    daemons.turn(0.1)
    assert not footage.movies()
    assert known(record).moved
    reopen(other)
    daemons.turn(0.1)
    assert len(footage.movies()) == 1


def test_save_as_while_a_capture_is_written_down_loses_nothing(film, tmp_path):
    spooled = daemons.shot(tmp_path / "spooled")
    memory.ensure_open()
    job_id = uuid.uuid4().hex
    daemons.submit(spooled, job_id=job_id)
    save(film.with_name("other.blend"))
    until(lambda: current.tracker.journal.get(job_id), "the journal's line")
    assert current.tracker.journal.path.name == "other.journal.jsonl"


def test_saving_a_copy_is_not_saving(film, edge):
    record = footage.note_finished(edge)
    pump.tick()
    bpy.ops.wm.save_as_mainfile(filepath=str(film.with_name("copy.blend")), copy=True)
    assert current.tracker.journal.path.name == "film.journal.jsonl"
    assert not known(record).kept
    save(film)
    assert known(record).kept


def test_a_copied_blend_lands_nothing_a_second_time(film, edge):
    footage.note_finished(edge)
    pump.tick()
    save(film)
    shutil.copy(film, film.with_name("copied.blend"))
    reopen(film.with_name("copied.blend"))
    daemons.turn(0.1)
    assert len(footage.movies()) == 1


def test_a_copied_project_folder_keeps_its_takes(film, edge, tmp_path):
    record = footage.note_finished(edge)
    pump.tick()
    save(film)
    shutil.copytree(film.parent, tmp_path / "copied")
    shutil.rmtree(film.parent)
    reopen(tmp_path / "copied" / "film.blend")
    daemons.turn(0.1)
    assert len(footage.movies()) == 1
    assert current.tracker.journal.absolute(known(record).files["clip"]).is_file()
    assert Path(bpy.path.abspath(footage.movies()[0].filepath)).is_file()


def test_a_file_saved_over_another_puts_its_memory_aside(film, edge):
    footage.note_finished(edge)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    second = footage.note_finished(edge)
    save(film)
    assert [r.job_id for r in current.tracker.journal.records()] == [second.job_id]
    assert current.tracker.journal.path.with_name("film.journal.jsonl.old").is_file()


# --- never saved, or not writable ------------------------------------------------------------------------------------


def test_an_unsaved_blend_has_its_memory_in_the_users_folder_until_it_is_saved(home, edge, tmp_path):
    record = footage.note_finished(edge)
    assert current.tracker.journal.path.is_relative_to(home / "unsaved")
    pump.tick()
    assert len(footage.movies()) == 1
    save(tmp_path / "now.blend")
    assert current.tracker.journal.path == tmp_path / "second_unit" / "now.journal.jsonl"
    assert known(record).landed and known(record).kept
    assert not list((home / "unsaved").glob("*/journal.jsonl"))
    assert Path(bpy.path.abspath(footage.movies()[0].filepath)).is_file()


def unsaved_journal(session: str, *entries: Entry):
    record = evolve(footage.take(bpy.context.scene), shot_id="shot-of-a-lost-file")
    journal = Journal(files.unsaved_folder() / session / "journal.jsonl", session)
    journal.write(Entry.SUBMITTED, record.job_id, **submitted_line(record))
    for entry in entries:
        journal.write(entry)
    return record


def open_unsaved(shots: list[str], jobs: list[str]) -> list[str]:
    return [r.job_id for r in files.open_journal("", shots, jobs, lambda _path: None).records()]


def dead_session() -> str:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    return f"{gone.pid}-0123456789ab"


def test_after_a_crash_an_unsaved_file_is_known_by_its_shots():
    record = unsaved_journal(dead_session())
    assert open_unsaved(["shot-of-a-lost-file"], []) == [record.job_id]
    assert open_unsaved(["another"], []) == []


def test_an_unsaved_file_that_was_given_up_is_not_taken_up_by_its_shots_but_by_its_strips():
    record = unsaved_journal(dead_session(), Entry.CLOSED)
    assert open_unsaved(["shot-of-a-lost-file"], []) == []
    assert open_unsaved([], [record.job_id]) == [record.job_id]


def test_an_unsaved_file_of_a_blender_that_runs_is_left_to_it():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        unsaved_journal(f"{other.pid}-0123456789ab")
        assert open_unsaved(["shot-of-a-lost-file"], []) == []
        other.stdin.close()


@pytest.mark.skipif(os.name != "posix", reason="folder permissions of POSIX")
def test_beside_a_blend_in_a_folder_that_may_not_be_written_to_the_users_folder_serves(home, tmp_path, monkeypatch):
    monkeypatch.setattr(files.os, "access", lambda _path, _how: False)  # root may write anywhere
    path = files.journal_path(str(tmp_path / "film.blend"))
    assert path.is_relative_to(home / "journals")
    assert path == files.journal_path(str(tmp_path / "film.blend"))
    assert path != files.journal_path(str(tmp_path / "elsewhere" / "film.blend"))


def test_a_journal_that_cannot_be_read_is_said_and_tried_again(film, edge):
    blocked = film.parent / "second_unit" / "film.journal.jsonl"
    blocked.mkdir(parents=True)
    reopen(film)
    daemons.turn(0.05)
    assert current.tracker.journal is None
    assert current.tracker.journal_error.code is ErrorCode.NOT_WRITABLE
    assert "film.journal.jsonl" in current.tracker.journal_error.cause
    blocked.rmdir()
    daemons.turn(0.05)
    assert current.tracker.journal is not None
    assert current.tracker.journal_error is None


# --- the journal's file ----------------------------------------------------------------------------------------------


def written(path: Path, session: str = "1-a") -> Journal:
    journal = Journal(path, session)
    journal.write(Entry.SUBMITTED, "a" * 32, **submitted_line(footage.take(bpy.context.scene)))
    return journal


def test_a_line_that_was_cut_short_is_passed_over_and_the_next_is_whole(tmp_path):
    path = tmp_path / "j.jsonl"
    written(path)
    with path.open("ab") as file:
        file.write(b'{"entry": "fetched", "session"')
    journal = Journal(path, "2-b")
    assert not journal.get("a" * 32).fetched
    journal.write(Entry.ENDED, "a" * 32, reason="why")
    assert Journal(path, "3-c").get("a" * 32).ended == "why"


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe not text",
        b"[]",
        b'{"entry": 5, "session": "x"}',
        b'{"entry": "submitted", "session": "x", "job": "%s"}' % (b"b" * 32),
        b'{"entry": "fetching", "session": "x", "job": "%s"}' % (b"a" * 32),
        b'{"entry": "fetched", "session": "x", "job": "%s"}' % (b"c" * 32),
        b'{"entry": "of a later version", "session": "x", "job": "%s"}' % (b"a" * 32),
    ],
)
def test_a_damaged_line_harms_no_other(tmp_path, line):
    path = tmp_path / "j.jsonl"
    written(path)
    with path.open("ab") as file:
        file.write(line + b"\n")
    assert [r.job_id for r in Journal(path, "2-b").records()] == ["a" * 32]


def test_two_blenders_see_each_others_lines(tmp_path):
    one = written(tmp_path / "j.jsonl", "1-a")
    two = Journal(one.path, "2-b")
    two.write(Entry.FETCHING, "a" * 32, files={"clip": "x.mp4"}, blobs={}, result={})
    one.write(Entry.FETCHED, "a" * 32)
    assert one.get("a" * 32).files == {"clip": "x.mp4"}
    assert two.refresh() and two.get("a" * 32).fetched


def test_a_journal_that_was_replaced_is_read_anew(tmp_path):
    one = written(tmp_path / "j.jsonl")
    one.path.write_text(json.dumps({"entry": "closed", "session": "9-z"}) + "\n")
    one.refresh()
    assert one.records() == []
    assert one.closed_sessions == {"9-z"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_said(tmp_path):
    (tmp_path / "j.jsonl").symlink_to("/dev/full")
    with pytest.raises(SecondUnitError) as caught:
        written(tmp_path / "j.jsonl")
    assert caught.value.code is ErrorCode.DISK_FULL


def test_a_session_that_lives_is_told_from_one_that_is_over():
    assert not processes.session_alive(processes.new_session())  # our own run is never another one
    assert processes.session_alive(f"{os.getppid()}-x")
    assert not processes.session_alive(dead_session())
