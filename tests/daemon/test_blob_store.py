# SPDX-License-Identifier: GPL-3.0-or-later
"""Blobs on disk: whole or not there, never taken from who has just asked for them."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest
from second_unit_daemon.blobs.store import BlobStore
from second_unit_protocol.blobs import blob_of_bytes
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.shot import BlobRef


@pytest.fixture
def store(tmp_path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def put(store: BlobStore, content: bytes, age_s: float = 0.0) -> BlobRef:
    ref = blob_of_bytes(content)
    writer = store.begin(ref)
    writer.write(content)
    writer.finish()
    moment = time.time() - age_s
    os.utime(store.path(ref), (moment, moment))
    return ref


def test_a_blob_is_not_there_before_it_is_whole(store):
    ref = blob_of_bytes(b"0123456789")
    writer = store.begin(ref)
    writer.write(b"01234")
    assert not store.has(ref) and store.missing([ref]) == (ref,)
    writer.write(b"56789")
    assert not store.has(ref)
    writer.finish()
    assert store.path(ref).read_bytes() == b"0123456789"


@pytest.mark.parametrize("pieces", [[b"012345678"], [b"0123456780"], [b"01234", b"567890"]])
def test_other_bytes_than_announced_leave_nothing(store, pieces):
    writer = store.begin(blob_of_bytes(b"0123456789"))
    with pytest.raises(SecondUnitError) as raised:
        for piece in pieces:
            writer.write(piece)
        writer.finish()
    assert raised.value.code is ErrorCode.BLOB_CORRUPT
    assert list(store.stored()) == [] and list((store.root / "partial").iterdir()) == []


def test_a_file_that_a_power_cut_left_short_does_not_count_and_is_replaced(store):
    ref = put(store, b"0123456789")
    store.path(ref).write_bytes(b"0123")
    assert store.missing([ref]) == (ref,)
    assert store.path(put(store, b"0123456789")).read_bytes() == b"0123456789"


def test_what_is_damaged_on_disk_is_found_and_can_be_sent_again(store):
    good, bad, gone = put(store, b"good"), put(store, b"bad!"), blob_of_bytes(b"gone")
    store.path(bad).write_bytes(b"bed!")
    assert store.discard_corrupt([good, bad, gone]) == (bad,)
    assert store.missing([good, bad]) == (bad,)


def test_a_file_moves_in_also_from_another_disk(store, tmp_path, monkeypatch):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"frames")
    real = os.replace

    def refuse_between_disks(source, target):
        if Path(source) == path:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        real(source, target)

    monkeypatch.setattr(os, "replace", refuse_between_disks)
    ref = store.adopt(path)
    assert store.path(ref).read_bytes() == b"frames" and not path.exists()
    assert list((store.root / "partial").iterdir()) == []


def test_adopting_again_mends_what_was_damaged(store, tmp_path):
    for content in (b"frames", b"frames"):
        path = tmp_path / "clip.mp4"
        path.write_bytes(content)
        ref = store.adopt(path)
        assert store.path(ref).read_bytes() == b"frames"
        store.path(ref).write_bytes(b"fraves")


def test_what_was_asked_for_is_new_again(store):
    old = put(store, b"old", age_s=1000)
    store.missing([old])
    assert store.collect(set(), 500) == 0 and store.has(old)


def test_what_is_asked_for_while_garbage_is_collected_stays(store, monkeypatch):
    """A client that is told 'I have that' does not send it: it must not be deleted after that."""
    old = put(store, b"old", age_s=1000)
    listed = list(store.stored())
    monkeypatch.setattr(store, "stored", lambda: iter(listed))  # the collector has looked at it
    assert store.missing([old]) == ()  # then somebody asks
    assert store.collect(set(), 500) == 0 and store.has(old)


def test_the_quota_takes_the_longest_unused_and_spares_the_last_minute(store):
    oldest, older, kept, fresh = (
        put(store, b"a" * 100, age_s=4000),
        put(store, b"b" * 100, age_s=3000),
        put(store, b"c" * 100, age_s=5000),
        put(store, b"d" * 100),
    )
    assert store.collect({kept.digest}, 1e9, quota_bytes=300) == 100
    assert store.missing([oldest, older, kept, fresh]) == (oldest,)
    for ref in (older, kept, fresh):
        assert store.has(ref)
    os.utime(store.path(older), (0, 0))
    assert store.collect({kept.digest}, 1e9, quota_bytes=0) == 100
    assert store.has(kept) and store.has(fresh)


def test_interrupted_uploads_are_cleared_away(store):
    store.begin(blob_of_bytes(b"0123456789")).write(b"01234")
    assert len(list((store.root / "partial").iterdir())) == 1
    store.clear_partial()
    assert list((store.root / "partial").iterdir()) == []


def test_a_place_that_cannot_hold_blobs_is_named(tmp_path):
    (tmp_path / "blobs").write_text("a file where a folder belongs")
    with pytest.raises(SecondUnitError, match="blobs"):
        BlobStore(tmp_path / "blobs")
