# SPDX-License-Identifier: GPL-3.0-or-later
"""Many clients, some rude: nobody sees another's jobs, and nobody holds the others up."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

import msgpack
import psutil
import pytest
from attrs import evolve
from second_unit_protocol import messages as m
from second_unit_protocol.client import BlockingClient
from second_unit_protocol.codec import decode, encode, header_of, pack
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.models import ModelChange
from second_unit_protocol.states import JobState

from tests.protocol.conftest import Daemon, RawClient
from tests.support.shots import wall_shot

Raw = Callable[..., RawClient]


@pytest.fixture
def job_id(daemon: Daemon) -> str:
    """A job of the first owner."""
    number = uuid.uuid4().hex
    with BlockingClient(daemon.connection) as client:
        client.call(m.Submit(number, wall_shot(2).request))
    return number


def code_of(reply: object) -> ErrorCode:
    assert isinstance(reply, m.ErrorReply)
    return reply.error.code


def test_a_job_goes_through_its_life_by_message(daemon: Daemon) -> None:
    shot, number = wall_shot(2).request, uuid.uuid4().hex
    with BlockingClient(daemon.connection) as client:
        submitted = client.call(m.Submit(number, shot))
        assert set(submitted.missing) == set(shot.blobs())
        assert client.call(m.Submit(number, shot)).job == submitted.job
        assert client.call(m.CancelJob(number)).job.state is JobState.CANCELLED
        assert client.call(m.RetryJob(number)).job.state is JobState.QUEUED
        assert client.call(m.MoveJob(number, before="another")).job.job_id == number
        assert daemon.service.moved == [(number, "another")]
        assert client.call(m.Acknowledge(number)).job.state is JobState.DELIVERED
        assert [job.job_id for job in client.call(m.ListJobs()).jobs] == [number]
        assert client.call(m.ListJobs(shot_id="another")).jobs == ()


def test_a_request_whose_parts_do_not_fit_is_refused(daemon: Daemon) -> None:
    shot = wall_shot(2).request
    wrong = [
        evolve(shot, grid=evolve(shot.grid, count=3)),
        evolve(shot, width=shot.width * 2),
        evolve(shot, delivery=evolve(shot.delivery, last=shot.delivery.first - 1)),
        evolve(shot, camera=evolve(shot.camera, c2w=shot.camera.intrinsics)),
        evolve(shot, colour=shot.depth),
        evolve(shot, references=(evolve(shot.references[0], c2w=shot.camera.c2w),)),
    ]
    with BlockingClient(daemon.connection) as client:
        for request in wrong:
            with pytest.raises(SecondUnitError, match="does not fit together") as caught:
                client.call(m.Submit(uuid.uuid4().hex, request))
            assert caught.value.code is ErrorCode.BAD_REQUEST and caught.value.info.shot == shot.shot_name


def test_another_owner_sees_nothing_of_a_job(daemon: Daemon, job_id: str) -> None:
    with BlockingClient(daemon.connection_of(daemon.second_owner)) as stranger:
        assert stranger.call(m.ListJobs()).jobs == ()
        for request in (
            m.GetJob,
            m.GetShot,
            m.CancelJob,
            m.RetryJob,
            m.MoveJob,
            m.Acknowledge,
            lambda n: m.Subscribe((n,)),
        ):
            with pytest.raises(SecondUnitError) as caught:
                stranger.call(request(job_id))
            assert caught.value.code is ErrorCode.NO_SUCH_JOB


def test_events_go_to_their_owner_alone(daemon: Daemon, job_id: str) -> None:
    owner = daemon.keys.owner.public
    job = daemon.service.get(owner, job_id)
    with (
        BlockingClient(daemon.connection) as mine,
        BlockingClient(daemon.connection_of(daemon.second_owner)) as stranger,
    ):
        mine.call(m.Subscribe())
        stranger.call(m.Subscribe())
        daemon.server.publish(owner, m.JobChanged(evolve(job, stage="first")))
        daemon.server.publish(daemon.second_owner.public, m.JobChanged(evolve(job, stage="theirs")))
        assert next(e for e in mine.events(10) if e.job.stage).job.stage == "first"
        assert next(iter(stranger.events(10))).job.stage == "theirs"


def test_a_subscription_to_one_job_brings_no_other(daemon: Daemon, job_id: str) -> None:
    owner = daemon.keys.owner.public
    job = daemon.service.get(owner, job_id)
    with BlockingClient(daemon.connection) as client:
        client.call(m.Subscribe((job_id,)))
        daemon.server.publish(owner, m.JobChanged(evolve(job, job_id="another", stage="x")))
        daemon.server.publish(owner, m.Preview(job_id, 3, 8, 8, b"jpeg"))
        assert [type(e) for _, e in zip(range(2), client.events(10), strict=False)] == [m.JobChanged, m.Preview]


def test_who_does_not_ask_for_previews_gets_none(daemon: Daemon, raw: Raw, job_id: str) -> None:
    owner = daemon.keys.owner.public
    job = daemon.service.get(owner, job_id)
    client = raw(daemon.connection)
    client.hello()
    client.ask(m.Subscribe((job_id,)))
    assert isinstance(client.receive()[1], m.JobChanged)
    daemon.server.publish(owner, m.Preview(job_id, 3, 8, 8, b"jpeg"))
    daemon.server.publish(owner, m.JobChanged(evolve(job, stage="after")))
    _, event = client.receive()
    assert isinstance(event, m.JobChanged) and event.job.stage == "after"


def test_a_name_of_a_connection_is_no_proof_of_who_it_is(daemon: Daemon, raw: Raw, job_id: str) -> None:
    first = raw(daemon.connection, routing_id=b"shared")
    first.hello()
    first.close()
    for _ in range(100):  # until the daemon's socket has noticed that the first is gone and the name is free
        second = raw(daemon.connection_of(daemon.second_owner), routing_id=b"shared")
        second.send(m.ListJobs())
        if second.socket.poll(300):
            assert code_of(second.receive()[1]) is ErrorCode.NO_SESSION
            return
        second.close()
    raise AssertionError("the name never became free")


def test_what_cannot_be_read_is_answered_and_the_session_lives_on(daemon: Daemon, raw: Raw) -> None:
    client = raw(daemon.connection)
    client.hello()
    header = pack(m.Header("get-job", "7"))
    rude = {
        ErrorCode.UNKNOWN_KIND: [pack(m.Header("make-coffee", "7")), b"\x80"],
        ErrorCode.BAD_MESSAGE: [header, msgpack.packb({"job_id": "x", "colour": "red"})],
        ErrorCode.TOO_LARGE: [pack(m.Header("put-chunk", "7")), b"\x80", bytes(m.CHUNK_BYTES + 1)],
    }
    for code, frames in rude.items():
        client.socket.send_multipart(frames)
        answer, reply = client.receive()
        assert (answer.parent, code_of(reply)) == ("7", code)
    for frames in ([b""], [b"\x00"] * 50, [header], [b"garbage", b"garbage"], [bytes(2000), b"\x80"]):
        client.socket.send_multipart(frames)
        answer, reply = client.receive()
        assert answer.parent == "" and isinstance(reply, m.ErrorReply)
    for message in (m.Pong(), m.HaveBlobs(())):
        assert code_of(client.ask(message)) is ErrorCode.BAD_MESSAGE
    assert client.ask(m.Ping()) == m.Pong()


def test_a_bulk_message_that_cannot_be_read_is_answered_too(daemon: Daemon, raw: Raw) -> None:
    client = raw(daemon.connection, daemon.server.bulk_endpoint)
    client.socket.send_multipart([b"garbage"])
    assert code_of(client.receive()[1]) is ErrorCode.BAD_MESSAGE
    assert code_of(client.ask(m.ListJobs())) is ErrorCode.BAD_MESSAGE
    assert code_of(client.ask(m.HaveBlobs(()), version=99)) is ErrorCode.VERSION_MISMATCH
    assert client.ask(m.HaveBlobs(())) == m.MissingBlobs(())


def test_a_message_beyond_the_limit_ends_its_own_session_only(daemon: Daemon, raw: Raw) -> None:
    client = raw(daemon.connection)
    client.hello()
    with BlockingClient(daemon.connection) as other:
        client.socket.send(bytes(m.MAX_MESSAGE_BYTES + m.CHUNK_BYTES + 1))
        assert other.call(m.Ping()) == m.Pong()
        assert not client.socket.poll(300)
        assert other.call(m.Ping()) == m.Pong()


def test_a_client_that_floods_and_never_reads_holds_nobody_up(daemon: Daemon, raw: Raw) -> None:
    rude = raw(daemon.connection, rcvhwm=1, sndhwm=100_000)
    rude.hello()
    long_id = "x" * 900  # comes back in every reply
    for _ in range(30_000):
        rude.send(m.Ping(), long_id)
    with BlockingClient(daemon.connection) as other:
        for _ in range(20):
            assert other.call(m.Ping()) == m.Pong()


def test_a_slow_listener_costs_little_memory_and_still_learns_the_end(daemon: Daemon, raw: Raw, job_id: str) -> None:
    owner = daemon.keys.owner.public
    job = daemon.service.get(owner, job_id)
    slow = raw(daemon.connection, rcvhwm=1, rcvbuf=64 << 10)
    slow.hello()
    slow.ask(m.Subscribe((job_id,)))
    process, count = psutil.Process(), 8000
    before = process.memory_info().rss
    for number in range(count):
        daemon.server.publish(owner, m.JobChanged(evolve(job, fraction=number / count, reason="x" * 20_000)))
    with BlockingClient(daemon.connection) as other:
        assert other.call(m.Ping()) == m.Pong()
        daemon.server.publish(owner, m.JobChanged(evolve(job, stage="end")))
        assert other.call(m.Ping()) == m.Pong()
    grown = process.memory_info().rss - before
    received, event = 0, None
    while event is None or event.job.stage != "end":
        received, event = received + 1, slow.receive()[1]
        assert isinstance(event, m.JobChanged)
    assert received < count
    assert grown < count * 20_000 / 2


def test_a_failure_inside_the_daemon_is_answered_not_fatal(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon.service, "list_jobs", lambda *_: 1 / 0)
    with BlockingClient(daemon.connection) as client:
        with pytest.raises(SecondUnitError, match="ZeroDivisionError") as caught:
            client.call(m.ListJobs())
        assert caught.value.code is ErrorCode.INTERNAL
        daemon.server.post(lambda: 1 / 0)
        assert client.call(m.Ping()) == m.Pong()


def test_encoding_and_decoding_agree_on_frames() -> None:
    frames = encode(header_of(m.Ping(), "1"), m.Ping())
    assert decode([memoryview(bytes(frame)) for frame in frames])[1] == m.Ping()


def test_models_are_asked_for_and_their_changes_told_to_whoever_listens_to_all(daemon: Daemon) -> None:
    stranger = daemon.connection_of(daemon.second_owner)
    with BlockingClient(daemon.connection) as client, BlockingClient(stranger) as other:
        reply = client.call(m.ListModels())
        assert [model.name for model in reply.models] == ["none"] and reply.loras == ("grain",)
        told = client.call(m.ChangeModel("none", ModelChange.VERIFY)).model
        assert told.note == "verify"
        client.call(m.FreeMemory())
        assert daemon.service.freed
        daemon.server.publish(None, m.ModelChanged(evolve(told, note="to nobody yet")))
        told_nobody = threading.Event()
        daemon.server.post(told_nobody.set)  # what is posted runs in order
        assert told_nobody.wait(10)
        client.call(m.Subscribe())
        other.call(m.Subscribe())
        daemon.server.publish(None, m.ModelChanged(evolve(told, note="heard")))
        for session in (client, other):
            assert next(iter(session.events(10))).model.note == "heard"
