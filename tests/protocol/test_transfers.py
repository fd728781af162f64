# SPDX-License-Identifier: GPL-3.0-or-later
"""Blobs both ways over real sockets and real disks: whole or not at all, and never in the way of a cancel."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from second_unit_daemon.blobs.store import BlobStore, BlobWriter
from second_unit_daemon.server import bulk, uploads
from second_unit_daemon.server.downloads import OpenFiles
from second_unit_protocol import messages as m
from second_unit_protocol.blobs import blob_of_bytes
from second_unit_protocol.client import BlockingClient
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.events import TransferDone, TransferFailed, TransferProgress
from second_unit_protocol.shot import BlobRef

from tests.protocol.conftest import PATIENCE_S, Daemon, RawClient, Watcher
from tests.support.shots import wall_shot

Watch = Callable[..., Watcher]
Raw = Callable[..., RawClient]

WINDOW = m.CREDIT_CHUNKS * m.CHUNK_BYTES
SIZES = (0, 1, m.CHUNK_BYTES - 1, m.CHUNK_BYTES, m.CHUNK_BYTES + 1, WINDOW, 2 * WINDOW + 12_345)
NO_WRITE_WITHOUT_ROOM = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")


def files(folder: Path, *contents: bytes) -> list[tuple[BlobRef, Path]]:
    folder.mkdir(exist_ok=True)
    made = []
    for number, content in enumerate(contents):
        path = folder / f"{number}"
        path.write_bytes(content)
        made.append((blob_of_bytes(content), path))
    return made


def full_file() -> BinaryIO:
    """A file on a disk without room: every write ends in the kernel's own ENOSPC."""
    return os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb", buffering=0)


def leftovers(store: BlobStore) -> list[Path]:
    return list((store.root / "partial").iterdir())


def keep(daemon: Daemon, folder: Path, content: bytes) -> tuple[BlobRef, Path]:
    """Puts content into the daemon's store; returns its name and where it lies."""
    path = folder / "kept"
    path.write_bytes(content)
    ref = daemon.store.adopt(path)
    return ref, daemon.store.path(ref)


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon whose disk takes its time, so that what happens meanwhile does happen meanwhile."""
    write, read = BlobWriter.write, OpenFiles.read

    def write_slowly(writer: BlobWriter, piece: bytes | memoryview) -> None:
        time.sleep(0.004)
        write(writer, piece)

    def read_slowly(downloads: OpenFiles, digest: str, offset: int, length: int) -> tuple[bytes, int]:
        time.sleep(0.004)
        return read(downloads, digest, offset, length)

    monkeypatch.setattr(BlobWriter, "write", write_slowly)
    monkeypatch.setattr(OpenFiles, "read", read_slowly)


# --- uploads -----------------------------------------------------------------------------------------------------


def test_blobs_of_every_size_arrive_as_they_are(daemon: Daemon, tmp_path: Path) -> None:
    sent = files(tmp_path / "out", *(os.urandom(size) for size in SIZES))
    told: list[tuple[int, int]] = []
    with BlockingClient(daemon.connection) as client:
        client.upload(sent, progress=lambda done, total: told.append((done, total)))
        client.call(m.Ping())
    assert [daemon.store.path(ref).read_bytes() for ref, _ in sent] == [path.read_bytes() for _, path in sent]
    assert told[-1] == (sum(SIZES), sum(SIZES))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert {ref for ref, _ in sent} == set(daemon.service.arrived)
    assert not leftovers(daemon.store)


def test_what_the_daemon_has_is_not_sent_again(daemon: Daemon, tmp_path: Path) -> None:
    sent = files(tmp_path / "out", b"a" * 1000, b"b" * 1000)
    with BlockingClient(daemon.connection) as client:
        client.upload(sent[:1])
        client.upload(sent)
        client.upload(sent)
        client.call(m.Ping())
    assert [ref for ref, _ in sent] == daemon.service.arrived


@pytest.mark.usefixtures("slow_disk")
def test_a_cancel_is_answered_within_a_second_while_a_large_upload_runs(daemon: Daemon, tmp_path: Path) -> None:
    blob = tmp_path / "large"
    with blob.open("wb") as file:
        for _ in range(96):
            file.write(os.urandom(1 << 20))
    ref = blob_of_bytes(blob.read_bytes())
    running, progress = threading.Event(), []

    def watch_progress(done: int, total: int) -> None:
        progress.append((done, total))
        if done:
            running.set()

    def upload() -> None:
        with BlockingClient(daemon.connection) as client:
            client.upload([(ref, blob)], progress=watch_progress)

    uploading = threading.Thread(target=upload)
    with BlockingClient(daemon.connection) as client:
        job = client.call(m.Submit("a" * 32, wall_shot(2).request))
        uploading.start()
        assert running.wait(30)
        began = time.monotonic()
        cancelled = client.call(m.CancelJob(job.job.job_id)).job
        seconds = time.monotonic() - began
        under_way = uploading.is_alive() and progress[-1][0] < ref.size
    uploading.join(60)
    assert cancelled.state == "cancelled"
    assert under_way, "the upload was over too soon to prove anything"
    assert seconds < 1.0
    assert daemon.store.has(ref)


def test_an_upload_that_is_cancelled_stops_and_leaves_nothing(
    daemon: Daemon, watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = files(tmp_path / "out", os.urandom(32 << 20), os.urandom(1000))
    cancelled = threading.Event()
    write = BlobWriter.write

    def write_half_until_cancelled(writer: BlobWriter, piece: bytes | memoryview) -> None:
        if writer.received >= 16 << 20:  # else a daemon in luck has it all before the cancel is heard
            cancelled.wait(PATIENCE_S)
        write(writer, piece)

    monkeypatch.setattr(BlobWriter, "write", write_half_until_cancelled)
    watcher = watch(daemon.connection)
    watcher.ready()
    first, second = watcher.client.upload(sent[:1]), watcher.client.upload(sent[1:])
    watcher.until(lambda e: isinstance(e, TransferProgress) and e.done_bytes > 0)
    watcher.client.cancel_transfer(first)
    failed = watcher.until(lambda e: isinstance(e, TransferFailed))
    cancelled.set()
    assert isinstance(failed, TransferFailed) and (failed.transfer_id, failed.error.code) == (
        first,
        ErrorCode.CANCELLED,
    )
    watcher.until(lambda e: isinstance(e, TransferDone) and e.transfer_id == second)
    assert daemon.store.missing(ref for ref, _ in sent) == (sent[0][0],)
    watcher.client.close()
    daemon.stop()
    daemon.start()
    assert not leftovers(daemon.store)


@pytest.mark.usefixtures("slow_disk")
def test_an_upload_goes_on_with_the_next_daemon(daemon: Daemon, watch: Watch, tmp_path: Path) -> None:
    sent = files(tmp_path / "out", *(os.urandom(8 << 20) for _ in range(8)))
    watcher = watch(daemon.connection_file)
    watcher.ready()
    transfer = watcher.client.upload(sent)
    watcher.until(lambda e: isinstance(e, TransferProgress) and e.done_bytes > 0)
    daemon.stop()
    assert daemon.store.missing(ref for ref, _ in sent), "it was over too soon to prove anything"
    daemon.start()
    watcher.until(lambda e: isinstance(e, TransferDone) and e.transfer_id == transfer)
    assert not daemon.store.missing(ref for ref, _ in sent)


def test_two_clients_may_send_the_same_blob_at_once(daemon: Daemon, tmp_path: Path) -> None:
    sent = files(tmp_path / "out", os.urandom(16 << 20))

    def upload() -> None:
        with BlockingClient(daemon.connection) as client:
            client.upload(sent)

    both = [threading.Thread(target=upload) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(60)
    assert daemon.store.path(sent[0][0]).read_bytes() == sent[0][1].read_bytes()
    assert not leftovers(daemon.store)


@pytest.mark.parametrize("size", [999, 1000])
def test_a_file_that_changes_while_it_is_sent_is_not_kept(daemon: Daemon, tmp_path: Path, size: int) -> None:
    ((ref, path),) = files(tmp_path / "out", b"a" * 1000)
    path.write_bytes(b"b" * size)
    with BlockingClient(daemon.connection) as client, pytest.raises(SecondUnitError) as raised:
        client.upload([(ref, path)])
    assert raised.value.code is ErrorCode.BLOB_CORRUPT
    assert not daemon.store.has(ref)


def test_a_file_that_is_gone_is_named(daemon: Daemon, tmp_path: Path) -> None:
    ((ref, path),) = files(tmp_path / "out", b"a" * 1000)
    path.unlink()
    with BlockingClient(daemon.connection) as client, pytest.raises(SecondUnitError, match=str(path)) as raised:
        client.upload([(ref, path)])
    assert raised.value.code is ErrorCode.FILE_GONE


def test_a_blob_that_has_no_room_is_refused_before_it_is_sent(
    daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = files(tmp_path / "out", b"a" * 1000)
    usage = type("usage", (), {"free": 60 << 20})
    monkeypatch.setattr("second_unit_daemon.blobs.store.shutil.disk_usage", lambda path: usage)
    with BlockingClient(daemon.connection) as client, pytest.raises(SecondUnitError, match="no room") as raised:
        client.upload(sent)
    assert raised.value.code is ErrorCode.DISK_FULL and "Free some space" in str(raised.value)


@NO_WRITE_WITHOUT_ROOM
def test_a_disk_that_fills_up_meanwhile_ends_the_upload_with_a_sentence(
    daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = files(tmp_path / "out", b"a" * 1000)
    begin = BlobStore.begin

    def begin_without_room(store: BlobStore, ref: BlobRef) -> BlobWriter:
        writer = begin(store, ref)
        writer._file.close()
        writer._file = full_file()
        return writer

    with BlockingClient(daemon.connection) as client:
        with monkeypatch.context() as full:
            full.setattr(BlobStore, "begin", begin_without_room)
            with pytest.raises(SecondUnitError, match="is full") as raised:
                client.upload(sent)
        assert raised.value.code is ErrorCode.DISK_FULL
        assert not daemon.store.has(sent[0][0]) and not leftovers(daemon.store)
        client.upload(sent)
    assert daemon.store.has(sent[0][0])


# --- uploads by a client that breaks the rules -------------------------------------------------------------------


@pytest.fixture
def rude(daemon: Daemon, raw: Raw) -> RawClient:
    return raw(daemon.connection, daemon.server.bulk_endpoint)


def refusal(client: RawClient, parent: str) -> ErrorCode:
    header, message = client.receive()
    assert isinstance(message, m.ErrorReply), message
    assert header.parent == parent
    return message.error.code


@pytest.mark.parametrize(
    ("offset", "size"),
    [(1, 10), (0, 0), (0, 11), (100, 10)],
    ids=["not the next", "empty", "more than announced", "behind the end"],
)
def test_bytes_out_of_order_close_their_upload_and_no_other(
    daemon: Daemon, rude: RawClient, offset: int, size: int
) -> None:
    good, bad = blob_of_bytes(b"g" * 10), blob_of_bytes(b"b" * 10)
    assert rude.ask(m.PutBlob(good), "good") == m.PutCredit(good.digest, 0, 10)
    assert rude.ask(m.PutBlob(bad), "bad") == m.PutCredit(bad.digest, 0, 10)
    rude.send(m.PutChunk(bad.digest, offset), "c", b"b" * size)
    assert refusal(rude, "bad") is ErrorCode.BAD_MESSAGE
    rude.send(m.PutChunk(bad.digest, 0), "d", b"b" * 10)
    assert refusal(rude, "d") is ErrorCode.NO_SUCH_BLOB
    rude.send(m.PutChunk(good.digest, 0), "e", b"g" * 10)
    assert rude.receive()[1] == m.PutDone(good.digest)
    assert daemon.store.missing((good, bad)) == (bad,)


def test_bytes_that_are_not_what_the_name_says_are_not_kept(daemon: Daemon, rude: RawClient) -> None:
    ref = blob_of_bytes(b"true")
    rude.ask(m.PutBlob(ref), "put")
    rude.send(m.PutChunk(ref.digest, 0), "c", b"fake")
    assert refusal(rude, "put") is ErrorCode.BLOB_CORRUPT
    assert not daemon.store.has(ref) and not leftovers(daemon.store)


def test_limits_of_uploads_are_kept(rude: RawClient) -> None:
    rude.send(m.PutBlob(BlobRef("a" * 64, m.MAX_BLOB_BYTES + 1)), "huge")
    assert refusal(rude, "huge") is ErrorCode.TOO_LARGE
    for number in range(m.MAX_OPEN_UPLOADS):
        assert isinstance(rude.ask(m.PutBlob(BlobRef(f"{number:064x}", 10)), f"n{number}"), m.PutCredit)
    rude.send(m.PutBlob(BlobRef("b" * 64, 10)), "one too many")
    assert refusal(rude, "one too many") is ErrorCode.BAD_REQUEST


def test_an_upload_that_falls_asleep_is_given_up_and_its_client_told(
    daemon: Daemon, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon.stop()
    monkeypatch.setattr(uploads, "IDLE_S", 0.2)
    monkeypatch.setattr(bulk, "TIDY_MS", 50)
    daemon.start()
    sleepy = raw(daemon.connection, daemon.server.bulk_endpoint)
    assert isinstance(sleepy.ask(m.PutBlob(BlobRef("a" * 64, 10)), "put"), m.PutCredit)
    assert len(leftovers(daemon.store)) == 1
    assert refusal(sleepy, "put") is ErrorCode.TIMEOUT
    assert not leftovers(daemon.store)


# --- downloads ---------------------------------------------------------------------------------------------------


def test_blobs_of_every_size_come_back_as_they_are(daemon: Daemon, tmp_path: Path) -> None:
    with BlockingClient(daemon.connection) as client:
        for size in SIZES:
            content = os.urandom(size)
            ref, _ = keep(daemon, tmp_path, content)
            target = tmp_path / "in" / f"{size}.mp4"
            client.download(ref, target)
            assert target.read_bytes() == content
    assert len(list((tmp_path / "in").iterdir())) == len(SIZES), "nothing but the clips lies there"


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_a_fetched_clip_is_as_readable_as_any_file_of_its_owner(daemon: Daemon, tmp_path: Path) -> None:
    """Takes lie on disks that a studio shares."""
    ref, _ = keep(daemon, tmp_path, b"clip")
    other = tmp_path / "other"
    other.touch()
    with BlockingClient(daemon.connection) as client:
        client.download(ref, tmp_path / "clip.mp4")
    assert (tmp_path / "clip.mp4").stat().st_mode == other.stat().st_mode


def test_a_blob_damaged_on_the_daemons_disk_is_not_taken_for_the_clip(daemon: Daemon, tmp_path: Path) -> None:
    ref, place = keep(daemon, tmp_path, os.urandom(3 * m.CHUNK_BYTES))
    with place.open("r+b") as file:
        file.seek(m.CHUNK_BYTES)
        file.write(b"not what was there")
    target = tmp_path / "in" / "clip.mp4"
    target.parent.mkdir()
    target.write_bytes(b"an older clip")
    with BlockingClient(daemon.connection) as client, pytest.raises(SecondUnitError, match=r"clip\.mp4") as raised:
        client.download(ref, target)
    assert raised.value.code is ErrorCode.BLOB_CORRUPT
    assert [p.name for p in target.parent.iterdir()] == ["clip.mp4"] and target.read_bytes() == b"an older clip"


def test_a_blob_that_is_not_there_any_more_says_so(daemon: Daemon, tmp_path: Path) -> None:
    with BlockingClient(daemon.connection) as client, pytest.raises(SecondUnitError) as raised:
        client.download(BlobRef("a" * 64, 10), tmp_path / "clip.mp4")
    assert raised.value.code is ErrorCode.NO_SUCH_BLOB
    assert not (tmp_path / "clip.mp4").exists()


@NO_WRITE_WITHOUT_ROOM
def test_a_full_disk_ends_a_download_with_a_sentence(
    daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, _ = keep(daemon, tmp_path, b"clip")
    real = Path.open

    def without_room(path: Path, *arguments, **more):
        return full_file() if path.suffix == ".part" else real(path, *arguments, **more)

    with BlockingClient(daemon.connection) as client:
        monkeypatch.setattr(Path, "open", without_room)
        with pytest.raises(SecondUnitError, match="is full") as raised:
            client.download(ref, tmp_path / "in" / "clip.mp4")
    assert raised.value.code is ErrorCode.DISK_FULL


@pytest.mark.usefixtures("slow_disk")
def test_a_download_begins_again_with_the_next_daemon(daemon: Daemon, watch: Watch, tmp_path: Path) -> None:
    content = os.urandom(64 << 20)
    ref, _ = keep(daemon, tmp_path, content)
    watcher = watch(daemon.connection_file)
    watcher.ready()
    transfer = watcher.client.download(ref, tmp_path / "clip.mp4")
    watcher.until(lambda e: isinstance(e, TransferProgress) and e.done_bytes > 0)
    daemon.stop()
    assert not (tmp_path / "clip.mp4").exists(), "it was over too soon to prove anything"
    daemon.start()
    watcher.until(lambda e: isinstance(e, TransferDone) and e.transfer_id == transfer)
    assert (tmp_path / "clip.mp4").read_bytes() == content


def test_a_client_that_asks_for_much_and_reads_nothing_holds_nobody_up(
    daemon: Daemon, rude: RawClient, tmp_path: Path
) -> None:
    ref, _ = keep(daemon, tmp_path, os.urandom(8 << 20))
    for number in range(2000):
        rude.send(m.GetChunk(ref.digest, 0, m.CHUNK_BYTES), f"g{number}")
    with BlockingClient(daemon.connection) as client:
        began = time.monotonic()
        client.download(ref, tmp_path / "clip.mp4")
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("digest", ["../jobs.sqlite", "a" * 63, "A" * 64, "", "/etc/passwd"])
def test_a_name_that_is_no_digest_reaches_no_file(rude: RawClient, digest: str) -> None:
    rude.send(m.GetChunk(digest, 0, 10), "g")
    assert refusal(rude, "g") is ErrorCode.NO_SUCH_BLOB


def test_bytes_behind_the_end_are_refused(daemon: Daemon, rude: RawClient, tmp_path: Path) -> None:
    ref, _ = keep(daemon, tmp_path, b"0123456789")
    assert rude.ask(m.GetChunk(ref.digest, 4, 100), "g") == m.Chunk(ref.digest, 4, 10)
    rude.send(m.GetChunk(ref.digest, 11, 1), "h")
    assert refusal(rude, "h") is ErrorCode.BAD_REQUEST
