# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding the daemon, being let in or not, losing it and finding it again."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve
from second_unit_protocol import link, session
from second_unit_protocol import messages as m
from second_unit_protocol.client import BlockingClient
from second_unit_protocol.connection import Connection, load, save
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.events import LinkState, LinkStatus, Notice
from second_unit_protocol.keypair import KeyPair

from tests.protocol.conftest import Daemon, RawClient, Watcher
from tests.support.shots import wall_shot

Watch = Callable[..., Watcher]
Raw = Callable[..., RawClient]


def refusal(connection: Connection | Path) -> SecondUnitError:
    with pytest.raises(SecondUnitError) as caught:
        BlockingClient(connection).open()
    return caught.value


def test_a_client_connects_and_learns_who_answers(daemon: Daemon, watch: Watch) -> None:
    watcher = watch(daemon.connection)
    assert [e.status for e in (watcher.ready(),)] == [LinkStatus.READY]
    welcome = watcher.client.state.welcome
    assert welcome is not None
    assert (welcome.version, welcome.bulk_endpoint) == (m.PROTOCOL_VERSION, daemon.server.bulk_endpoint)
    assert watcher.seen[0] == LinkState(LinkStatus.CONNECTING)


def test_each_request_gets_its_own_reply(daemon: Daemon, watch: Watch) -> None:
    watcher = watch(daemon.connection)
    asked = {watcher.client.send(message): reply for message, reply in (
        (m.Ping(), m.Pong), (m.GetStatus(), m.Status), (m.ListEngines(), m.Engines), (m.ListJobs(), m.Jobs),
        (m.GetJob("nothing"), m.ErrorReply), (m.Subscribe(), m.Subscribed),
    )}  # fmt: skip
    for request_id, reply in asked.items():
        found = [e for e in watcher.seen if getattr(e, "request_id", "") == request_id]
        message = found[0].message if found else watcher.reply(request_id)
        assert isinstance(message, reply)


def test_without_a_connection_file_there_is_no_daemon(tmp_path: Path) -> None:
    error = refusal(tmp_path / "connection.json")
    assert error.code is ErrorCode.NO_DAEMON and "second-unit serve" in error.info.sentence()


def test_a_connection_file_of_a_daemon_that_died_says_so(daemon: Daemon) -> None:
    daemon.stop()
    assert refusal(daemon.connection_file).code is ErrorCode.NO_DAEMON


def test_a_damaged_connection_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "connection.json"
    for content in (b"", b"[]", b'{"endpoint": 5}', b"\xff\xfe"):
        path.write_bytes(content)
        error = refusal(path)
        assert error.code is ErrorCode.BAD_MESSAGE and str(path) in error.info.cause


def test_a_connection_file_comes_back_and_is_its_owners_alone(daemon: Daemon, tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "connection.json"
    save(daemon.connection, path)
    assert load(path) == daemon.connection
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o077 == 0
    assert daemon.connection.client_secret not in repr(daemon.connection)


def test_a_client_with_a_key_that_the_daemon_does_not_know_is_told_so(daemon: Daemon) -> None:
    assert refusal(daemon.connection_of(KeyPair.new())).code is ErrorCode.WRONG_KEY


def test_a_client_that_expects_another_daemons_key_is_told_so(daemon: Daemon) -> None:
    assert refusal(evolve(daemon.connection, server_public=KeyPair.new().public)).code is ErrorCode.WRONG_KEY


def test_another_program_at_the_address_is_not_the_daemon(daemon: Daemon) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            peer, _ = other.accept()
            with peer:
                peer.recv(10)
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        error = refusal(evolve(daemon.connection, endpoint=f"tcp://127.0.0.1:{other.getsockname()[1]}"))
        thread.join(10)
    assert error.code is ErrorCode.NO_DAEMON and "not the daemon" in error.info.cause


def test_a_program_that_says_nothing_is_not_waited_for_for_ever(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "HANDSHAKE_MS", 200)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        assert refusal(evolve(daemon.connection, endpoint=endpoint)).code is ErrorCode.NO_DAEMON


@pytest.mark.parametrize(("lowest", "highest"), [(2, 9), (-3, 0)])
def test_a_daemon_of_another_version_says_which_side_is_too_old(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch, lowest: int, highest: int
) -> None:
    monkeypatch.setattr("second_unit_protocol.client.MIN_PROTOCOL_VERSION", lowest)
    monkeypatch.setattr("second_unit_protocol.client.PROTOCOL_VERSION", highest)
    error = refusal(daemon.connection)
    assert error.code is ErrorCode.VERSION_MISMATCH
    assert ("the daemon is too old" if lowest > 1 else "the client is too old") in error.info.cause


def test_the_highest_common_version_is_spoken(daemon: Daemon, raw: Raw) -> None:
    client = raw(daemon.connection)
    welcome = client.ask(m.Hello(1, 99, "newer"), version=99)
    assert isinstance(welcome, m.Welcome) and welcome.version == m.PROTOCOL_VERSION
    reply = client.ask(m.Ping(), version=99)
    assert isinstance(reply, m.ErrorReply) and reply.error.code is ErrorCode.VERSION_MISMATCH
    assert client.ask(m.Ping()) == m.Pong()


def test_a_request_without_a_greeting_is_refused(daemon: Daemon, raw: Raw) -> None:
    reply = raw(daemon.connection).ask(m.ListJobs())
    assert isinstance(reply, m.ErrorReply) and reply.error.code is ErrorCode.NO_SESSION


def test_a_client_finds_a_daemon_that_starts_later(daemon: Daemon, watch: Watch) -> None:
    daemon.stop()
    daemon.connection_file.unlink()
    watcher = watch(daemon.connection_file)
    lost = watcher.lost()
    assert lost.error is not None and lost.error.code is ErrorCode.NO_DAEMON
    daemon.start()
    watcher.ready()
    assert isinstance(watcher.reply(watcher.client.send(m.GetStatus())), m.Status)


def test_a_restarted_daemon_is_found_again_and_its_events_come(daemon: Daemon, watch: Watch) -> None:
    watcher = watch(daemon.connection_file)
    watcher.ready()
    watcher.reply(watcher.client.send(m.Subscribe()))
    job_id = uuid.uuid4().hex
    watcher.reply(watcher.client.send(m.Submit(job_id, wall_shot(2).request)))
    daemon.stop()
    lost = watcher.lost()
    assert lost.error is not None and lost.error.code is ErrorCode.DAEMON_GONE
    daemon.start()
    watcher.ready()
    notice = watcher.until(lambda e: isinstance(e, Notice))
    assert isinstance(notice.message, m.JobChanged) and notice.message.job.job_id == job_id


def hold(daemon: Daemon) -> threading.Event:
    """Keeps the daemon's control thread busy from now until the event is set."""
    busy, held = threading.Event(), threading.Event()
    daemon.server.post(lambda: (busy.set(), held.wait(30)))
    assert busy.wait(10)
    return held


def test_a_request_that_the_daemon_never_answered_is_answered_with_the_reason(daemon: Daemon, watch: Watch) -> None:
    watcher = watch(daemon.connection)
    watcher.ready()
    held = hold(daemon)
    request_id = watcher.client.send(m.GetStatus())
    watcher.client.poll()
    daemon.server.stop()
    held.set()
    reply = watcher.reply(request_id)
    assert isinstance(reply, m.Status) or (
        isinstance(reply, m.ErrorReply) and reply.error.code is ErrorCode.DAEMON_GONE
    )
    refused = watcher.client.send(m.GetStatus())
    assert watcher.reply(refused).error.code in (ErrorCode.DAEMON_GONE, ErrorCode.NO_DAEMON)


def test_a_daemon_that_hangs_is_noticed_and_one_that_recovers_too(
    daemon: Daemon, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "PING_S", 0.1)
    watcher = watch(daemon.connection, silence_s=0.5)
    watcher.ready()
    held = hold(daemon)
    lost = watcher.lost()
    assert lost.error is not None and lost.error.code is ErrorCode.DAEMON_GONE
    held.set()
    watcher.ready()


def test_a_request_without_an_answer_times_out(daemon: Daemon, watch: Watch) -> None:
    watcher = watch(daemon.connection, request_timeout_s=0.3)
    watcher.ready()
    held = hold(daemon)
    reply = watcher.reply(watcher.client.send(m.GetStatus()))
    held.set()
    assert isinstance(reply, m.ErrorReply) and reply.error.code is ErrorCode.TIMEOUT


def test_a_session_that_the_daemon_forgot_is_begun_again_unseen(daemon: Daemon, watch: Watch) -> None:
    watcher = watch(daemon.connection)
    watcher.ready()
    forgotten = threading.Event()
    daemon.server.post(lambda: (daemon.server._router.sessions.forget_idle(float("inf")), forgotten.set()))
    assert forgotten.wait(10)
    assert isinstance(watcher.reply(watcher.client.send(m.GetStatus())), m.Status)
    assert watcher.client.state.status is LinkStatus.READY


def test_shutdown_is_answered_before_the_daemon_goes(daemon: Daemon) -> None:
    with BlockingClient(daemon.connection) as client:
        assert client.call(m.Shutdown()) == m.Stopping()
    daemon.thread.join(10)
    assert daemon.service.stopped and not daemon.thread.is_alive()


def test_only_the_owner_stops_the_daemon(daemon: Daemon) -> None:
    with BlockingClient(daemon.connection_of(daemon.second_owner)) as stranger:
        with pytest.raises(SecondUnitError, match="by its own user alone") as refused:
            stranger.call(m.Shutdown())
        assert refused.value.code is ErrorCode.BAD_REQUEST
        stranger.call(m.Ping())
    assert not daemon.service.stopped and daemon.thread.is_alive()


def test_a_program_that_forgets_to_close_its_client_still_ends(daemon: Daemon) -> None:
    script = (
        "import sys, time; from pathlib import Path; from second_unit_protocol.client import Client\n"
        "client = Client(Path(sys.argv[1])); client.open(); client.upload({})\n"
        "while client.state.welcome is None: client.wait(1); client.poll()\n"
    )
    subprocess.run([sys.executable, "-c", script, str(daemon.connection_file)], check=True, timeout=60)
