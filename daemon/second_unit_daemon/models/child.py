# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that changes one model's weights: ``python -m second_unit_daemon.models.child fetch NAME``.

It writes one JSON object a line: ``{"done": …, "total": …}`` in bytes as it goes on, and last ``{"note": …}`` or
``{"error": {…}}``. Killed, it leaves what it has fetched; the next one goes on there. It ends with its standard input.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from typing import IO

from attrs import asdict
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.models import ModelChange

from ..engines.diffusion import catalogue, hub
from ..engines.diffusion.spec import ModelSpec
from ..engines.diffusion.weights import commit_of, is_here

Tell = Callable[[int, int], None]


def fetch(spec: ModelSpec, tell: Tell, newest: bool = False) -> str:
    """Returns a sentence about what came of it; raises SecondUnitError."""
    files = hub.wanted(spec, newest)
    hub.pull(spec, files, tell)
    if not is_here(spec):
        cause = f"The hub gave all that {spec.repository} has, and it is not all that {spec.label} needs"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Choose another revision in the list of models")
    return "Fetched"


def renew(spec: ModelSpec, tell: Tell) -> str:
    before = commit_of(spec)
    fetch(spec, tell, newest=True)
    return "Nothing newer is published" if commit_of(spec) == before else "Fetched what is published now"


def verify(spec: ModelSpec, tell: Tell) -> str:
    damaged = hub.damaged(spec, tell)
    if damaged:
        cause = f"{len(damaged)} files of {spec.label} are not what the hub gave, {damaged[0]} among them"
        raise SecondUnitError(ErrorCode.BLOB_CORRUPT, cause, remedy="Remove it and fetch it anew")
    return "Every file is what the hub gave"


def remove(spec: ModelSpec, tell: Tell) -> str:
    return "Removed" if hub.remove(spec) else "There was nothing to remove"


WORK = {ModelChange.FETCH: fetch, ModelChange.RENEW: renew, ModelChange.VERIFY: verify, ModelChange.REMOVE: remove}


def main(change: str, name: str, voice: IO[str]) -> None:
    threading.Thread(target=_end_with_stdin, daemon=True).start()

    def say(**told: object) -> None:
        voice.write(json.dumps(told) + "\n")
        voice.flush()

    try:
        spec = catalogue.model(name)
        note = WORK[ModelChange(change)](spec, lambda done, total: say(done=done, total=total))
    except SecondUnitError as error:
        say(error=asdict(error.info))
    except Exception as error:  # noqa: BLE001 - nobody is above it; the daemon tells the user
        cause = f"{name}: {type(error).__name__}: {error}"
        say(error=asdict(SecondUnitError(ErrorCode.INTERNAL, cause[:500]).info))
    else:
        say(note=note)


def _end_with_stdin() -> None:
    while os.read(0, 1024):
        pass
    os._exit(3)


if __name__ == "__main__":
    words = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else prints does so on stderr
    main(sys.argv[1], sys.argv[2], words)
