# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending to many clients without waiting for any: a slow one costs a bounded amount of memory, then it is dropped."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence

import zmq
from attrs import Factory, define
from second_unit_protocol.codec import Buffer
from second_unit_protocol.messages import MAX_WAITING_REPLIES

RETRY_MS = 20

Frames = Sequence[Buffer]


@define
class _Waiting:
    """What a peer could not take yet. Replies keep their order; of events only the latest of each key is kept."""

    replies: deque[Frames] = Factory(deque)
    events: dict[Hashable, Frames] = Factory(dict)


class Outbox:
    """Sends on a ROUTER socket. ``on_lost`` is told of a peer that has gone or that never reads."""

    def __init__(self, socket: zmq.Socket, on_lost: Callable[[bytes], None]):
        self._socket = socket
        self._on_lost = on_lost
        self._waiting: dict[bytes, _Waiting] = {}

    @property
    def busy(self) -> bool:
        """Something waits: call ``flush`` again within RETRY_MS."""
        return bool(self._waiting)

    def reply(self, peer: bytes, frames: Frames) -> None:
        """Sends, or keeps for later; drops the peer once MAX_WAITING_REPLIES wait for it."""
        waiting = self._waiting.get(peer)
        if waiting is None and self._sent(peer, frames):
            return
        waiting = self._waiting.setdefault(peer, _Waiting())
        waiting.replies.append(frames)
        if len(waiting.replies) > MAX_WAITING_REPLIES:
            self._drop(peer)

    def event(self, peer: bytes, key: Hashable, frames: Frames) -> None:
        """Sends, or keeps for later in place of an older event of the same key."""
        waiting = self._waiting.get(peer)
        if waiting is None and self._sent(peer, frames):
            return
        self._waiting.setdefault(peer, _Waiting()).events[key] = frames

    def flush(self) -> None:
        """Tries again to send what waits."""
        for peer, waiting in list(self._waiting.items()):
            while waiting.replies and self._sent(peer, waiting.replies[0]):
                waiting.replies.popleft()
            while waiting.events and not waiting.replies:
                key = next(iter(waiting.events))
                if not self._sent(peer, waiting.events[key]):
                    break
                del waiting.events[key]
            if not waiting.replies and not waiting.events:
                self._waiting.pop(peer, None)

    def _sent(self, peer: bytes, frames: Frames) -> bool:
        """Whether nothing is left to do: sent, or the peer has gone."""
        try:
            self._socket.send_multipart([peer, *frames], zmq.NOBLOCK, copy=len(frames) < 3)
        except zmq.Again:
            return False
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            self._drop(peer)
        return True

    def _drop(self, peer: bytes) -> None:
        self._waiting.pop(peer, None)
        self._on_lost(peer)
