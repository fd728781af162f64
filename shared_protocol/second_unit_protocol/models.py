# SPDX-License-Identifier: GPL-3.0-or-later
"""What the daemon says about models' weights."""

from __future__ import annotations

from enum import StrEnum

from .errors import ErrorInfo
from .late import field, frozen


class ModelState(StrEnum):
    ABSENT = "absent"
    HERE = "here"
    WAITING = "waiting"  # for another model's change to end
    FETCHING = "fetching"
    VERIFYING = "verifying"
    REMOVING = "removing"


BUSY = (ModelState.WAITING, ModelState.FETCHING, ModelState.VERIFYING, ModelState.REMOVING)


class ModelChange(StrEnum):
    FETCH = "fetch"  # goes on where an earlier one was cut off
    RENEW = "renew"  # fetches what is published now, not the commit that was fetched before
    VERIFY = "verify"
    REMOVE = "remove"
    STOP = "stop"  # whatever is being done with it; what was fetched is kept


@frozen
class ModelLicence:
    name: str
    url: str = ""
    note: str = ""
    ask: bool = False  # must be accepted before its weights are fetched, and has not been yet
    gated: bool = False  # the hub gives it only to accounts that were given access


@frozen
class ModelInfo:
    """One model as a user keeps it; ``name`` is its engine's."""

    name: str
    label: str
    description: str
    licence: ModelLicence
    bytes: int  # of its weights
    state: ModelState
    place: str = ""  # owner/name on the hub, or the folder that it lies in for good
    commit: str = ""  # whose weights are used; empty where none are here, or they lie in a folder
    fetchable: bool = True  # false: it lies in a folder of the user's, which Second Unit leaves alone
    done_bytes: int = 0
    total_bytes: int = 0  # of what is being done; 0 where it is not known yet
    shared_with: tuple[str, ...] = field(default=())  # models that the same files serve
    note: str = ""  # what the last change came to
    error: ErrorInfo | None = None  # why it came to nothing
