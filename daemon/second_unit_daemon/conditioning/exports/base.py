# SPDX-License-Identifier: GPL-3.0-or-later
"""What an export is, and what a person may choose about one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from attrs import field, frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ..shot_data import ShotData


@frozen
class Options:
    """Choices of an export. ``bits`` a sample of depth has, 0 for the form's own; ``backward`` flow; ``seed`` of noise;
    ``spacing`` pixels between tracks; ``by`` what masks are made ("object", "material", "collection"), ``of`` which one
    alone."""

    bits: int = 0
    backward: bool = False
    seed: int = 0
    spacing: int = 32
    by: str = "object"
    of: str = ""


Write = Callable[[ShotData, Path, Options], None]


@frozen
class Export:
    """A form that a shot can be written in. ``files`` says what is written, by the name that is given."""

    name: str
    title: str
    files: str
    read_by: str
    write: Write = field(repr=False)


def refused(shot: ShotData, cause: str, remedy: str) -> SecondUnitError:
    """The error of an export that cannot be made."""
    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, shot=shot.request.shot_name, remedy=remedy)
