# SPDX-License-Identifier: GPL-3.0-or-later
"""What :meth:`Client.poll` returns."""

from __future__ import annotations

from enum import StrEnum

from .errors import ErrorInfo
from .late import frozen
from .messages import EventMessage, Welcome


class LinkStatus(StrEnum):
    CONNECTING = "connecting"
    READY = "ready"
    LOST = "lost"  # the client keeps trying to reach the daemon


@frozen
class LinkState:
    """The link to the daemon changed. ``welcome`` is set when READY, ``error`` when LOST."""

    status: LinkStatus
    welcome: Welcome | None = None
    error: ErrorInfo | None = None


@frozen
class Reply:
    """The one answer to a request; an :class:`ErrorReply` where it failed or the daemon went away."""

    request_id: str
    message: object


@frozen
class Notice:
    """An event."""

    message: EventMessage


@frozen
class TransferProgress:
    """``done_bytes`` of ``total_bytes`` are safe on the other side."""

    transfer_id: str
    done_bytes: int
    total_bytes: int


@frozen
class TransferDone:
    transfer_id: str


@frozen
class TransferFailed:
    """A cancelled transfer fails with CANCELLED."""

    transfer_id: str
    error: ErrorInfo


Event = LinkState | Reply | Notice | TransferProgress | TransferDone | TransferFailed
