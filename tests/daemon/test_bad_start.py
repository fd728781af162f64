# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a daemon's way is said in one sentence with what to do, and what can go on goes on."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import psutil
import pytest
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.keypair import KeyPair
from second_unit_protocol.messages import ListJobs, Ping

from tests.support.beside import limit
from tests.support.daemon import DaemonProcess, painted, submit, wait_for

READY_CPU_S = limit(1.0, 1.5)


def refusal(home: Path, *arguments: str) -> str:
    """What ``second-unit`` says before it gives up: one line."""
    answer = DaemonProcess(home).command(*arguments, check=False)
    assert answer.returncode == 1 and answer.stdout == ""
    (line,) = answer.stderr.strip().splitlines()
    assert line.startswith("second-unit: ")
    return line


def test_it_is_ready_within_a_second_of_work(tmp_path):
    """Processor time, because tests share their machine; on a free one that is what the clock says too."""
    with DaemonProcess(tmp_path) as daemon:
        spent = psutil.Process(daemon.process.pid).cpu_times()
        assert spent.user + spent.system < READY_CPU_S


def test_a_port_that_another_program_has_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refusal(tmp_path, "serve", "--quiet", "--port", str(port))
    assert f"127.0.0.1:{port} cannot be used" in line and "Choose another port" in line
    assert not (tmp_path / "connection.json").exists()
    with DaemonProcess(tmp_path, port=port) as daemon:
        assert f":{port}" in json.loads(daemon.connection_file.read_text())["endpoint"]


def test_an_address_that_is_not_this_machines_is_named(tmp_path):
    assert "192.0.2.1" in refusal(tmp_path, "serve", "--quiet", "--host", "192.0.2.1")


def test_a_database_that_is_none_says_what_to_do_with_it(tmp_path):
    (tmp_path / "jobs.sqlite").write_bytes(b"this is a text file" * 1000)
    line = refusal(tmp_path, "serve", "--quiet")
    assert str(tmp_path / "jobs.sqlite") in line and "is damaged" in line and "move the file away" in line


def test_a_database_damaged_while_it_is_used_fails_requests_and_not_the_daemon(tmp_path):
    with DaemonProcess(tmp_path) as daemon:
        with daemon.client() as client:
            job_id = submit(client, painted(2), tmp_path / "blobs")
            wait_for(client, job_id)
        daemon.stop()
        database = tmp_path / "jobs.sqlite"
        content = bytearray(database.read_bytes())
        content[4096:] = b"\xa5" * (len(content) - 4096)  # all but the first page, which has the schema
        database.write_bytes(content)
        daemon.start()
        with daemon.client() as client:
            with pytest.raises(SecondUnitError, match="is damaged") as refused:
                client.call(ListJobs())
            assert refused.value.code is ErrorCode.INTERNAL and "move the file away" in refused.value.info.remedy
            client.call(Ping())


def test_a_key_that_the_daemon_does_not_know_is_called_that(tmp_path):
    with DaemonProcess(tmp_path) as daemon:
        stranger = KeyPair.new()
        file = json.loads(daemon.connection_file.read_text())
        file |= {"client_public": stranger.public, "client_secret": stranger.secret}
        daemon.connection_file.write_text(json.dumps(file))
        line = refusal(tmp_path, "status")
    assert "does not accept the key" in line and "connection file" in line


def test_a_damaged_key_is_not_replaced_in_silence(tmp_path):
    """With new keys, the jobs would belong to nobody."""
    with DaemonProcess(tmp_path):
        pass
    key = tmp_path / "keys" / "owner.json"
    key.write_text(key.read_text().replace("public", "pubic"))
    assert f"The key file {key} is damaged" in refusal(tmp_path, "serve", "--quiet")


def test_a_home_that_is_no_folder_is_named(tmp_path):
    home = tmp_path / "home"
    home.write_text("a file")
    assert str(home) in refusal(home, "serve", "--quiet")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_may_not_be_written_is_named(tmp_path):
    tmp_path.chmod(0o500)
    assert "cannot be used" in refusal(tmp_path / "home", "serve", "--quiet")


def test_a_list_of_engines_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "engines.toml").write_text("[engines\n")
    with DaemonProcess(tmp_path):
        line = refusal(tmp_path, "engines")
    assert str(tmp_path / "engines.toml") in line and "Correct the file" in line


def test_fetching_into_what_is_no_folder_is_one_sentence(tmp_path):
    with DaemonProcess(tmp_path) as daemon, daemon.client() as client:
        job_id = submit(client, painted(2), tmp_path / "blobs")
        wait_for(client, job_id)
        (tmp_path / "file").write_text("a file")
        assert str(tmp_path / "file") in refusal(tmp_path, "fetch", job_id, "--out", str(tmp_path / "file" / "takes"))
