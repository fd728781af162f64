# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot on disk is whole, and a job of a running daemon can be written as one."""

from __future__ import annotations

import json

import numpy as np
import pytest
from second_unit_daemon.commands.shots import open_shot
from second_unit_daemon.conditioning.forms import Given, read_camera
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_daemon.conditioning.shot_files import load_shot, save_shot
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from tests.support.daemon import DaemonProcess, painted, submit, wait_for
from tests.support.shots import wall_shot


def shot_in(folder, **fields):
    made = wall_shot(**fields)
    made.write(folder)
    return ShotData(made.request, lambda ref: folder / ref.digest)


def test_a_shot_comes_back_from_its_folder(tmp_path):
    shot = shot_in(tmp_path / "blobs", frames=3, moving_box=True)
    folder = save_shot(shot.request, shot.blob_path, tmp_path / "shot")
    found = load_shot(folder)
    assert found.request == shot.request
    assert load_shot(folder / "shot.msgpack").request == shot.request
    for frame in range(3):
        np.testing.assert_array_equal(found.depth(frame), shot.depth(frame))
        np.testing.assert_array_equal(found.colour(frame), shot.colour(frame))
    np.testing.assert_array_equal(found.references[1].image, shot.references[1].image)
    save_shot(shot.request, shot.blob_path, folder)  # again over itself


def test_a_folder_that_is_not_whole_is_refused_in_words(tmp_path):
    shot = shot_in(tmp_path / "blobs", frames=3)
    folder = save_shot(shot.request, shot.blob_path, tmp_path / "shot")
    with pytest.raises(SecondUnitError, match=r"no shot\.msgpack"):
        load_shot(tmp_path)
    with pytest.raises(SecondUnitError, match=r"no shot\.msgpack"), open_shot(str(tmp_path)):
        pass
    victim = folder / "blobs" / shot.request.blobs()[0].digest
    victim.write_bytes(victim.read_bytes()[:-1])
    with pytest.raises(SecondUnitError, match="cut short") as caught:
        load_shot(folder)
    assert caught.value.code is ErrorCode.NO_SUCH_BLOB and "Wall" in str(caught.value)
    (folder / "shot.msgpack").write_bytes(b"rubbish")
    with pytest.raises(SecondUnitError, match="shot-request"):
        load_shot(folder)


def test_a_job_of_the_daemon_is_exported_and_read_again(tmp_path):
    """The command as a user runs it; with the folder alone it works without a daemon."""
    made = painted(3, name="Alley")
    with DaemonProcess(tmp_path / "home") as daemon:
        with daemon.client() as client:
            job = wait_for(client, submit(client, made, tmp_path / "sent"))
        said = daemon.command("export", job.job_id[:8], "--out", str(tmp_path / "alley")).stdout
        assert "3 frames as the shot itself" in said
        missing = daemon.command("export", "ffff", "--out", str(tmp_path / "no"), check=False)
        assert missing.returncode == 1 and "There is no job ffff" in missing.stderr
    assert load_shot(tmp_path / "alley").request == made.request
    path = tmp_path / "path.json"
    daemon.command("export", str(tmp_path / "alley"), "--form", "transforms_json", "--out", str(path))
    track = read_camera(path, None, Given())
    np.testing.assert_allclose(track.c2w, load_shot(tmp_path / "alley").c2w, atol=1e-9)
    assert json.loads(path.read_text())["w"] == made.request.width
    wrong = daemon.command("export", str(tmp_path / "alley"), "--form", "fbx", "--out", "x", check=False)
    assert wrong.returncode == 1 and "Choose one of: shot, warp_vace" in wrong.stderr
    assert "plucker_wan_fun" in daemon.command("export", "--list").stdout
