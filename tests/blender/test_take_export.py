# SPDX-License-Identifier: GPL-3.0-or-later
"""A take's shot is exported from Blender by the daemon's own program."""

from __future__ import annotations

import json
import uuid

import bpy
import pytest
from bl_ext.user_default.second_unit.link import current, pump
from bl_ext.user_default.second_unit.ui.takes import view

from tests.blender import daemons
from tests.blender.daemons import until


@pytest.fixture
def take(tmp_path, monkeypatch):
    """The job of a take that has landed; its daemon runs, and its program is the preferences'."""
    program = daemons.program(tmp_path / "second-unit")
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(pump.preferences, "daemon_program", lambda: str(program))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "film.blend"))
    daemon = daemons.Daemon().start()
    until(lambda: current.link.ready, "the link")
    job_id = uuid.uuid4().hex
    daemons.submit(daemons.shot(tmp_path / "spool"), job_id=job_id)

    def landed():
        record = current.tracker.journal.get(job_id)
        return record and record.acknowledged

    until(landed, "landing")
    until(lambda: view.active_job(bpy.context.window_manager), "the list of takes")
    yield job_id
    daemon.close()


def test_a_take_is_exported_and_a_script_waits_for_it(take, tmp_path):
    out = tmp_path / "path.json"
    assert bpy.ops.second_unit.take_export(job_id=take, form="transforms_json", filepath=str(out)) == {"FINISHED"}
    assert len(json.loads(out.read_text())["frames"]) == 4
    assert bpy.ops.second_unit.take_export(job_id=take, form="depth_metric", filepath=str(tmp_path / "depth")) == {
        "FINISHED"
    }
    assert sorted(p.name for p in (tmp_path / "depth").iterdir()) == [f"{n:06d}.exr" for n in range(4)]
    assert [run.over for run in current.exporter.runs][-2:] == [True, True]
    bpy.ops.second_unit.exports_forget()
    assert not current.exporter.runs


def test_what_the_program_refuses_is_said_in_its_words(take, tmp_path):
    with pytest.raises(RuntimeError, match="no reference"):
        bpy.ops.second_unit.take_export(job_id=take, form="warp_vace", filepath=str(tmp_path / "a.mkv"))
    assert current.exporter.runs[-1].over is False
    bpy.ops.second_unit.exports_forget()


def test_without_a_daemon_installed_the_way_out_is_named(take, tmp_path, monkeypatch):
    monkeypatch.setattr(pump.preferences, "daemon_program", lambda: str(tmp_path / "gone"))
    with pytest.raises(RuntimeError, match="Press Install"):
        bpy.ops.second_unit.take_export(job_id=take, form="tracks", filepath=str(tmp_path / "a.npz"))
