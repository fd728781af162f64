# SPDX-License-Identifier: GPL-3.0-or-later
"""A daemon of another machine: its address and key pasted, let in there, and a take that lands here."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import uuid

import bpy
import pytest
from bl_ext.user_default.second_unit.link import current, records, remote
from bl_ext.user_default.second_unit.link.daemon import Phase
from bl_ext.user_default.second_unit.link.remote import Remote, own_keys
from bl_ext.user_default.second_unit.link.state import daemon_view
from bl_ext.user_default.second_unit.protocol import connection
from bl_ext.user_default.second_unit.protocol.errors import ErrorCode, SecondUnitError
from bl_ext.user_default.second_unit.sequencer import memory
from bl_ext.user_default.second_unit.ui.takes import view

from tests.blender import daemons, footage
from tests.blender.daemons import until
from tests.blender.inside import PACKAGE


@pytest.fixture
def preferences():
    found = bpy.context.preferences.addons[PACKAGE].preferences
    yield found
    for name in ("daemon_place", "remote_address", "remote_key", "keep_takes", "quality", "land_sound"):
        found.property_unset(name)


@pytest.fixture
def far(tmp_path, monkeypatch):
    """A daemon with a home of its own, as on another machine; this Blender has another home and nothing on PATH."""
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "here"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    current.link.close()
    current.link.error = None
    memory.close()
    memory.ensure_open()
    running = daemons.Daemon(home=tmp_path / "there")
    running.start()
    yield running
    running.close()


def there(daemon: daemons.Daemon, *words: str) -> str:
    """Runs second-unit on the daemon's machine."""
    command = [os.environ["SECOND_UNIT_DAEMON_PYTHON"], "-m", "second_unit_daemon.cli", *words]
    done = subprocess.run(
        command, cwd=footage.ROOT, env=daemon.environment, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


def test_an_address_with_its_key_has_the_next_command_copied(preferences, monkeypatch):
    asked = []
    monkeypatch.setattr(remote, "allow_command", lambda: asked.append(True) or "second-unit allow")
    preferences.elsewhere = "render-box:7755"
    assert preferences.daemon_place == "REMOTE" and not asked
    preferences.elsewhere = f"render-box:7755 {own_keys().public}"
    assert asked == [True], "in the background there is no clipboard to look at"


def test_a_take_comes_from_another_machine_once_its_daemon_lets_this_blender_in(far, preferences, tmp_path):
    at = connection.load(tmp_path / "there" / "connection.json").endpoint
    key = there(far, "key")
    preferences.daemon_place = "REMOTE"
    preferences.remote_address, preferences.remote_key = at.removeprefix("tcp://"), own_keys().public
    until(lambda: current.link.error and current.link.error.code is ErrorCode.WRONG_KEY, "a wrong key")
    preferences.elsewhere = ""
    assert preferences.daemon_place == "HERE"
    preferences.elsewhere = f" {at.removeprefix('tcp://')}  {key} "  # as one line, in the panel
    assert (preferences.daemon_place, preferences.remote_key) == ("REMOTE", key)
    until(lambda: current.link.phase is Phase.LOST and current.link.error, "not being let in")
    told = daemon_view(current.link)
    assert "does not know this Blender's key" in told.error.cause
    assert not (told.can_start or told.can_stop or told.can_install)
    bpy.context.window_manager.clipboard = ""
    command = told.error.remedy.removeprefix("There run: second-unit ").replace("NAME", "kate")
    assert bpy.ops.second_unit.daemon_copy_key() == {"FINISHED"}
    there(far, *shlex.split(command))
    until(lambda: current.link.ready, "being let in")
    assert daemon_view(current.link).details[0] == f"On {preferences.remote_address}"
    with pytest.raises(RuntimeError, match="on another machine"):
        bpy.ops.second_unit.daemon_start()

    listens = tmp_path / "program"
    listens.write_text('#!/bin/sh\necho "note: $SECOND_UNIT_DEVICE" >&2\nexit 1\n')
    listens.chmod(0o755)
    until(lambda: current.link.status, "the far machine's state")
    record = records.JobRecord(uuid.uuid4().hex, spool=str(tmp_path / "spool"))
    edit = current.editor.start(listens, (), record, "Text to Video", bpy.context.scene.name)
    until(lambda: edit.over, "the program that plans here")
    assert json.loads(edit.notes[0])["total_bytes"] == current.link.status.device.total_bytes
    current.editor.forget()

    job_id = uuid.uuid4().hex
    daemons.submit(daemons.shot(tmp_path / "shot"), job_id=job_id)
    until(lambda: (r := current.tracker.journal.get(job_id)) and r.landed and r.acknowledged, "the take from there")
    assert len(footage.movies()) == 1

    with pytest.raises(RuntimeError, match=r"known to the daemon at .*Run second-unit remix or final there"):
        bpy.ops.second_unit.edit_remix(job_id=job_id, new_seed=True, seed=3)
    until(lambda: view.any_of(bpy.context.scene), "the list of takes")
    with pytest.raises(RuntimeError, match=f"Run there: second-unit export {job_id[:8]} --form holes"):
        bpy.ops.second_unit.take_export(job_id=job_id, form="holes", filepath=str(tmp_path / "holes.mkv"))

    preferences.daemon_place = "HERE"
    until(lambda: current.link.phase is Phase.ABSENT, "being back at the own daemon, which is not there")


@pytest.mark.parametrize(
    ("address", "key", "words"),
    [
        ("render-box", "k" * 40, "render-box is no address"),
        ("box:99999", "k" * 40, "is no address"),
        ("", "k" * 40, "The daemon's address is missing"),
        ("box:7755", "short", "40 characters"),
    ],
)
def test_what_was_pasted_wrong_is_said(tmp_path, monkeypatch, address, key, words):
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    with pytest.raises(SecondUnitError, match=words):
        Remote(address, key).connection()


def test_addresses_may_have_a_scheme_and_be_of_any_kind(tmp_path, monkeypatch):
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    key = own_keys().public
    for address in ("box:7755", "tcp://box:7755", " box:7755/ "):
        assert Remote(address, key).connection().endpoint == "tcp://box:7755"
    assert Remote("[::1]:7755", key).connection().endpoint == "tcp://[::1]:7755"
    assert own_keys() == own_keys() and oct((tmp_path / "home/keys/client.json").stat().st_mode)[-3:] == "600"


def test_a_new_shot_has_the_quality_of_the_preferences(preferences):
    preferences.quality = "draft"
    bpy.ops.second_unit.shot_add()
    assert bpy.context.scene.second_unit.shots[0].quality == "draft"
