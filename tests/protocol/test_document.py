# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/protocol.md says what the code does: every message, field, limit, value, state and error, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from second_unit_protocol import messages, planes, shot
from second_unit_protocol.errors import REMEDY, ErrorCode
from second_unit_protocol.messages import BY_KIND, CAPABILITIES, EVENTS, REPLIES, REQUESTS, kind_of
from second_unit_protocol.states import LEGAL, JobState

from tests.support.wire_types import Row, rows, structures

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "protocol.md"
STRUCTURES, ENUMS = structures()
DESCRIBED = BY_KIND | STRUCTURES
LIMITS = {
    name: value
    for module in (messages, shot, planes)
    for name, value in vars(module).items()
    if re.fullmatch(r"(MAX|MIN|CHUNK|CREDIT|PROTOCOL)_[A-Z_]+", name)
}


def sections() -> dict[str, str]:
    """Text under each third-level heading, and under each second-level one up to its first third-level heading."""
    parts = re.split(r"^##+ (.+)$", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE)
    return {heading.strip("`"): text for heading, text in zip(parts[1::2], parts[2::2], strict=True)}


def table(text: str) -> list[list[str]]:
    """Cells of the rows of a table, without its heading."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


SECTIONS = sections()


@pytest.mark.parametrize("name", sorted(DESCRIBED))
def test_every_message_and_structure_is_described_field_by_field(name):
    described: list[Row] = [(cells[0].strip("`"), cells[1], cells[2]) for cells in table(SECTIONS[name])]
    assert described == rows(DESCRIBED[name])
    assert all(cells[3] for cells in table(SECTIONS[name])), "each field has a meaning"


@pytest.mark.parametrize("name", sorted(ENUMS.keys() - {"job-state", "error-code"}))
def test_every_value_of_an_enum_is_named(name):
    listed = SECTIONS[name].strip().split("\n")[0]
    assert re.findall(r"`([^`]+)`", listed) == [value.value for value in ENUMS[name]]


def test_nothing_is_described_that_does_not_exist():
    headings = set(re.findall(r"^### `(.+)`$", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE))
    assert headings == DESCRIBED.keys() | ENUMS.keys()


def test_requests_replies_and_events_stand_where_they_belong():
    text = DOCUMENT.read_text("utf-8")
    chapters = {name: part for name, part in re.findall(r"^## (.+?)$(.*?)(?=^## |\Z)", text, flags=re.M | re.S)}

    def kinds(chapter: str) -> set[str]:
        return set(re.findall(r"^### `(.+)`$", chapters[chapter], flags=re.MULTILINE))

    assert kinds("Control requests") | kinds("Bulk requests") == {kind_of(cls) for cls in REQUESTS}
    assert kinds("Replies") == {kind_of(cls) for cls in REPLIES}
    assert kinds("Events") == {kind_of(cls) for cls in EVENTS}


def test_limits_are_those_of_the_code():
    assert {name.strip("`"): int(value) for name, value, _ in table(SECTIONS["Limits"])} == LIMITS


def test_capabilities_are_those_of_the_code():
    (line,) = re.findall(r"^Capabilities: (.*)$", SECTIONS["Session"], flags=re.MULTILINE)
    assert tuple(re.findall(r"`([^`]+)`", line.split("(")[0])) == CAPABILITIES


def test_states_and_their_moves_are_those_of_the_code():
    described = {row[0].strip("`"): set(re.findall(r"`([^`]+)`", row[1])) for row in table(SECTIONS["job-state"])}
    assert described == {state.value: {to.value for to in LEGAL[state]} for state in JobState}


def test_errors_and_their_remedies_are_those_of_the_code():
    assert {row[0].strip("`"): row[1] for row in table(SECTIONS["error-code"])} == {
        code.value: REMEDY[code] for code in ErrorCode
    }
