# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside the Blender under test, sent there as source after scene.py: how long the add-on holds the main thread.

Every way by which Blender calls the add-on is timed: its timer, what panels and lists draw, its operators and its
handlers. One frame of capture and the landing of a strip are left out, as their own time depends on the scene. Waiting
for a processor that other programs have is left out too (Linux counts it per thread); waiting for a disk is not.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from pathlib import Path

import bpy

_CALLED_BY_BLENDER = ("poll", "draw", "draw_header_preset", "draw_item", "filter_items", "invoke", "modal", "execute")
_SCHEDULE = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")


def held_s() -> float:
    """A clock that stands still while this thread waits for a processor."""
    while True:  # a wait between the two readings would be counted as work
        waited, now = _waited_ns(), time.perf_counter()
        if waited == _waited_ns():
            return now - waited / 1e9


def _waited_ns() -> int:
    return int(_SCHEDULE.read_text().split()[1])


class Stopwatch:
    """``start`` puts itself around the add-on's entry points, ``stop`` takes itself away; ``longest`` tells."""

    def __init__(self) -> None:
        self.longest: dict[str, float] = {}  # entry point -> seconds
        self._put_back: list[Callable[[], None]] = []
        self._left_out = 0.0
        self._depth = 0

    def start(self) -> None:
        for name, cls in _classes():
            for method in _CALLED_BY_BLENDER:
                if any(method in vars(base) and base.__module__.startswith(ADDON) for base in cls.__mro__):  # noqa: F821
                    self._around(cls, method, f"{name}.{method}", self._timed)
        self._around(part("link.pump"), "tick", "pump.tick", self._timed)  # noqa: F821 scene.py came before
        self._around(part("capture.session").CaptureSession, "_step", "", self._skipped)  # noqa: F821
        self._around(part("sequencer.landing"), "land", "", self._skipped)  # noqa: F821
        for event in dir(bpy.app.handlers):
            handlers = getattr(bpy.app.handlers, event)
            if isinstance(handlers, list):
                self._around_handlers(event, handlers)

    def stop(self) -> None:
        while self._put_back:
            self._put_back.pop()()

    def _timed(self, function: Callable, name: str) -> Callable:
        @functools.wraps(function)
        def timed(*args, **kwargs):
            self._depth += 1
            left_out, begun = self._left_out, held_s()
            try:
                return function(*args, **kwargs)
            finally:
                seconds = held_s() - begun - (self._left_out - left_out)
                self._depth -= 1
                if not self._depth:
                    self.longest[name] = max(seconds, self.longest.get(name, 0.0))

        return timed

    def _skipped(self, function: Callable, _name: str) -> Callable:
        @functools.wraps(function)
        def skipped(*args, **kwargs):
            begun = held_s()
            try:
                return function(*args, **kwargs)
            finally:
                self._left_out += held_s() - begun

        return skipped

    def _around(self, owner: object, attribute: str, name: str, wrap: Callable) -> None:
        own = attribute in vars(owner)
        bases = owner.__mro__ if isinstance(owner, type) else (owner,)
        original = next(vars(base)[attribute] for base in bases if attribute in vars(base))
        if isinstance(original, classmethod):
            wrapped: object = classmethod(_same_arguments(original.__func__, wrap(original.__func__, name)))
        elif isinstance(owner, type):
            wrapped = _same_arguments(original, wrap(original, name))
        else:
            wrapped = wrap(original, name)
        setattr(owner, attribute, wrapped)
        self._put_back.append(lambda: setattr(owner, attribute, original) if own else delattr(owner, attribute))

    def _around_handlers(self, event: str, handlers: list) -> None:
        for place, handler in enumerate(handlers):
            if handler.__module__.startswith(ADDON):  # noqa: F821
                handlers[place] = self._timed(handler, f"{event} handler")
                self._put_back.append(lambda place=place, handler=handler: handlers.__setitem__(place, handler))


def _same_arguments(original: Callable, wrapped: Callable) -> Callable:
    """``wrapped`` with as many arguments as ``original`` declares: Blender passes that many, and *args are none."""
    names = ", ".join(f"a{number}" for number in range(original.__code__.co_argcount))
    return eval(f"lambda {names}: wrapped({names})", {"wrapped": wrapped})


def _classes() -> list[tuple[str, type]]:
    """The add-on's classes that Blender calls."""
    kinds = (bpy.types.Panel, bpy.types.UIList, bpy.types.Menu, bpy.types.Operator)
    found = [cls for kind in kinds for cls in kind.__subclasses__() if cls.__module__.startswith(ADDON)]  # noqa: F821
    return [(cls.__name__, cls) for cls in found if cls.is_registered]


class Heartbeat:
    """Blender's main loop, seen from a timer: the longest time between two beats."""

    EVERY_S = 0.01

    def __init__(self) -> None:
        self.longest_gap_s = 0.0
        self.beats = 0
        self._last = time.perf_counter()
        self._timer = self._beat  # every access makes another bound method, and Blender knows this one
        bpy.app.timers.register(self._timer)

    def end(self) -> None:
        bpy.app.timers.unregister(self._timer)

    def _beat(self) -> float:
        now = time.perf_counter()
        self.longest_gap_s, self._last = max(self.longest_gap_s, now - self._last), now
        self.beats += 1
        return self.EVERY_S
