# SPDX-License-Identifier: GPL-3.0-or-later
"""Which models' licences the user has accepted: asked once each, kept in the user's folder."""

from __future__ import annotations

import json
import time
from pathlib import Path

from second_unit_protocol.disk import write_private
from second_unit_protocol.paths import home

from .spec import Licence

FILE = "licences.json"


def must_ask(licence: Licence) -> bool:
    """Whether it has conditions that nobody has accepted here yet."""
    return (licence.accept or licence.gated) and not accepted(licence)


def accepted(licence: Licence) -> bool:
    return _key(licence) in _known()


def accept(licence: Licence) -> None:
    """Raises SecondUnitError (NOT_WRITABLE …)."""
    known = _known() | {_key(licence): time.strftime("%Y-%m-%d")}
    write_private(_path(), json.dumps(known, indent=2, ensure_ascii=False).encode())


def _key(licence: Licence) -> str:
    return f"{licence.name} {licence.url}"


def _path() -> Path:
    return home() / FILE


def _known() -> dict[str, str]:
    try:
        told = json.loads(_path().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
