# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is sent arrives as it was; whatever arrives is a valid message or a DecodeError."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from second_unit_protocol import messages as m
from second_unit_protocol.codec import WITH_PAYLOAD, DecodeError, decode, encode, header_of, pack, unpack
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.results import ShotResult
from second_unit_protocol.shot import Array, BlobRef, ShotRequest

from tests.protocol.strategies import instances

ID = "0" * 32


def frames_of(message: object) -> list[Any]:
    payload = b"xyz" if isinstance(message, WITH_PAYLOAD) else None
    return encode(header_of(message, "1", "parent"), message, payload)


@pytest.mark.parametrize("cls", m.MESSAGES, ids=m.kind_of)
def test_every_message_arrives_as_it_was_sent(cls: type) -> None:
    @settings(max_examples=20, deadline=None)
    @given(instances(cls))
    def round_trip(message: object) -> None:
        header, arrived, payload = decode(frames_of(message))
        assert (arrived, type(arrived)) == (message, cls)
        assert (header.kind, header.id, header.parent) == (m.kind_of(cls), "1", "parent")
        assert payload == (b"xyz" if cls in WITH_PAYLOAD else None)

    round_trip()


@pytest.mark.parametrize("cls", [ShotRequest, ShotResult])
def test_what_a_database_keeps_comes_back(cls: type) -> None:
    @settings(max_examples=20, deadline=None)
    @given(instances(cls))
    def round_trip(value: object) -> None:
        assert unpack(cls, pack(value)) == value

    round_trip()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=4))
def test_random_bytes_are_refused_and_nothing_else(frames: list[bytes]) -> None:
    with pytest.raises(DecodeError):
        decode(frames)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=4)
    | st.binary(max_size=4) | st.builds(msgpack.ExtType, st.integers(0, 127), st.binary(max_size=4)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


def paths_of(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, item in inner for path in paths_of(item, (*at, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_message_with_anything_in_any_place_is_read_or_refused(data: st.DataObject) -> None:
    message = data.draw(st.sampled_from(m.MESSAGES).flatmap(instances))
    frames = frames_of(message)
    which = data.draw(st.integers(0, 1))
    plain = msgpack.unpackb(frames[which])
    frames[which] = msgpack.packb(replaced(plain, data.draw(st.sampled_from(paths_of(plain))), data.draw(VALUES)))
    try:
        _, arrived, _ = decode(frames)
    except DecodeError as error:
        assert error.code in (ErrorCode.BAD_MESSAGE, ErrorCode.UNKNOWN_KIND, ErrorCode.TOO_LARGE)
        if which == 1:
            assert error.header is not None and error.header.id == "1"
    else:
        decode(frames_of(arrived))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_message_cut_short_is_refused(data: st.DataObject) -> None:
    frames = frames_of(data.draw(st.sampled_from(m.MESSAGES).flatmap(instances)))
    which = data.draw(st.integers(0, 1))
    frames[which] = frames[which][: data.draw(st.integers(0, len(frames[which]) - 1))]
    with pytest.raises(DecodeError):
        decode(frames)


def refused(cls: type, plain: Any) -> SecondUnitError:
    with pytest.raises(DecodeError) as caught:
        decode([pack(m.Header(m.kind_of(cls), "7")), msgpack.packb(plain)])
    assert caught.value.header is not None and caught.value.header.id == "7"
    return caught.value


def test_an_unknown_field_is_refused_by_name() -> None:
    error = refused(m.GetJob, {"job_id": ID, "colour": "red"})
    assert error.code is ErrorCode.BAD_MESSAGE and "colour" in error.info.cause


def test_a_missing_field_is_refused_by_name() -> None:
    assert "job_id" in refused(m.GetJob, {}).info.cause


def test_nothing_is_converted() -> None:
    assert "limit" in refused(m.ListJobs, {"limit": "5"}).info.cause
    assert "limit" in refused(m.ListJobs, {"limit": True}).info.cause
    assert "job_ids" in refused(m.Subscribe, {"job_ids": "abc"}).info.cause


def test_a_newer_hello_is_read_so_that_it_can_be_answered() -> None:
    hello = {"min_version": 8, "max_version": 9, "client": "later", "capabilities": [], "colour": "red"}
    _, message, _ = decode([pack(m.Header("hello", "1", version=9)), msgpack.packb(hello)])
    assert message == m.Hello(8, 9, "later")


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(DecodeError) as caught:
        decode([pack(m.Header("make-coffee", "7")), b"\x80"])
    assert caught.value.code is ErrorCode.UNKNOWN_KIND and "make-coffee" in caught.value.info.cause


@pytest.mark.parametrize(
    ("cls", "plain"),
    [
        (m.HaveBlobs, {"blobs": [{"digest": "../../../etc/passwd", "size": 1}]}),
        (m.HaveBlobs, {"blobs": [{"digest": "0" * 64, "size": -1}]}),
        (m.Submit, {"job_id": "../x", "shot": {}}),
        (m.GetChunk, {"digest": "0" * 64, "offset": -1, "length": 1}),
        (m.GetChunk, {"digest": "0" * 64, "offset": 0, "length": m.CHUNK_BYTES + 1}),
        (m.ListJobs, {"limit": m.MAX_JOBS_LISTED + 1}),
        (m.GetJob, {"job_id": "x" * (m.MAX_TEXT + 1)}),
        (m.Subscribe, {"job_ids": [""] * (m.MAX_ITEMS + 1)}),
    ],
)
def test_values_outside_their_limits_are_refused(cls: type, plain: Any) -> None:
    assert refused(cls, plain).code is ErrorCode.BAD_MESSAGE


def test_nesting_without_end_is_refused() -> None:
    deep = b"\x81\xa6job_id" + b"\x91" * 100_000
    with pytest.raises(DecodeError):
        decode([pack(m.Header("get-job", "1")), deep])


def test_too_large_a_message_is_neither_sent_nor_read() -> None:
    huge = m.Preview("a", 0, 1, 1, b"")
    object.__setattr__(huge, "jpeg", bytes(m.MAX_MESSAGE_BYTES))
    with pytest.raises(SecondUnitError, match="larger than") as caught:
        frames_of(huge)
    assert caught.value.code is ErrorCode.TOO_LARGE
    with pytest.raises(DecodeError) as refusal:
        decode([pack(m.Header("preview", "1")), bytes(m.MAX_MESSAGE_BYTES + 1)])
    assert refusal.value.code is ErrorCode.TOO_LARGE


def test_a_chunk_has_a_payload_and_others_have_none() -> None:
    chunk = frames_of(m.PutChunk("0" * 64, 0))
    for frames in (chunk[:2], [*frames_of(m.Ping()), b"x"], [*chunk[:2], bytes(m.CHUNK_BYTES + 1)]):
        with pytest.raises(DecodeError):
            decode(frames)


def test_an_array_is_as_large_as_it_says() -> None:
    Array("<f8", (2, 3), bytes(48))
    for dtype, shape, data in (
        ("<f8", (2, 3), b""),
        ("O", (1,), b"x"),
        ("|u1", (-1, -1), b"x"),
        ("|u1", (1,) * 9, b"x"),
    ):
        with pytest.raises(ValueError):
            Array(dtype, shape, data)


def test_a_text_that_is_not_unicode_is_sent_all_the_same() -> None:
    _, message, _ = decode(frames_of(m.GetJob("shot\udcff")))
    assert message == m.GetJob("shot?")


def test_a_digest_is_the_only_name_of_a_blob() -> None:
    for wrong in ("", "0" * 63, "G" * 64, "A" * 64, "0" * 64 + "\n"):
        with pytest.raises(ValueError):
            BlobRef(wrong, 1)
