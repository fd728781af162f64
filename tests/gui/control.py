# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside the Blender under test (``--python``): answers a test's questions on a loopback socket.

A question is one line of JSON, ``{"code": "…"}``; the code runs on Blender's main thread from a timer and sets
``result``. The answer is one line, ``{"result": …}`` or ``{"error": "traceback"}``. What a question with ``"helpers":
true`` defines stays: a later one that gives such a name another value is refused, since tests share this Blender, and
the next would stumble over it or not as their order has it. The port is written to the file named by
SECOND_UNIT_GUI_PORT_FILE. Buttons are pressed by X events, never from here.
"""

from __future__ import annotations

import json
import os
import socket
import traceback
from pathlib import Path

import bpy

TICK_SECONDS = 0.005
_names: dict[str, object] = {"bpy": bpy}  # what one question defines, the next may use
_helpers: dict[str, object] = {}


class Questions:
    """A listening socket that never blocks Blender."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setblocking(False)
        self._peer: socket.socket | None = None
        self._waiting = b""
        port_file = Path(os.environ["SECOND_UNIT_GUI_PORT_FILE"])
        partial = port_file.with_suffix(".part")
        partial.write_text(str(self._server.getsockname()[1]))
        partial.replace(port_file)

    def tick(self) -> float:
        try:
            if self._peer is None:
                self._peer, _ = self._server.accept()
                self._peer.setblocking(False)
            self._waiting += self._peer.recv(1 << 20)
        except BlockingIOError:
            return TICK_SECONDS
        while b"\n" in self._waiting:
            line, _, self._waiting = self._waiting.partition(b"\n")
            question = json.loads(line)
            self._answer(question["code"], question.get("helpers", False))
        return TICK_SECONDS

    def _answer(self, code: str, helpers: bool) -> None:
        assert self._peer is not None
        try:
            _names["result"] = None
            before = dict(_names)
            exec(code, _names)
            if helpers:
                _helpers.update((name, value) for name, value in _names.items() if before.get(name) is not value)
            taken = [name for name, value in _helpers.items() if _names.get(name) is not value]
            if taken:
                _names.update(_helpers)
                raise NameError(f"the question gave another value to {', '.join(taken)}, which helpers define")
            reply = json.dumps({"result": _names["result"]})
        except Exception:  # noqa: BLE001 - whatever went wrong is the answer
            reply = json.dumps({"error": traceback.format_exc()})
        self._peer.setblocking(True)
        self._peer.sendall(reply.encode() + b"\n")
        self._peer.setblocking(False)


bpy.app.timers.register(Questions().tick, persistent=True)
