# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual X display, the mouse and keyboard on it, and pictures of it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STEP_SECONDS = 30


class Display:
    """Xvfb on a display number that the server itself chose."""

    def __init__(self, width: int = 1600, height: int = 900):
        self.width, self.height = width, height
        reader, writer = os.pipe()
        command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
        self._server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        self.name = f":{number}"

    @property
    def environment(self) -> dict[str, str]:
        return {"DISPLAY": self.name}

    def move(self, x: float, y: float) -> None:
        """Moves the pointer there (pixels from the top left), by way of a neighbour so that it is seen as motion."""
        self._xdotool("mousemove", str(round(x) + 1), str(round(y) + 1), "mousemove", str(round(x)), str(round(y)))

    def click(self, x: float, y: float, button: int = 1) -> None:
        self.move(x, y)
        time.sleep(0.15)  # Blender makes a button active on a motion event before it takes a press
        self.press(button)

    def press(self, button: int = 1) -> None:
        """Presses where the pointer is."""
        self._xdotool("mousedown", str(button))
        time.sleep(0.05)
        self._xdotool("mouseup", str(button))

    def drag_middle(self, x: float, y: float, to_x: float, to_y: float) -> None:
        """Drags with the middle button, which turns a 3D viewport."""
        self.drag(x, y, to_x, to_y, button=2)

    def drag(self, x: float, y: float, to_x: float, to_y: float, button: int = 1) -> None:
        """Presses, moves there and lets go."""
        self.move(x, y)
        self._xdotool("mousedown", str(button))
        for share in (0.02, 0.05, 0.25, 0.5, 0.75, 1.0):  # the first within what is dragged
            self._xdotool("mousemove", str(round(x + share * (to_x - x))), str(round(y + share * (to_y - y))))
            time.sleep(0.02 if button == 2 else 0.25)
        self._xdotool("mouseup", str(button))

    def scroll(self, x: float, y: float, down: bool, times: int = 1) -> None:
        self.move(x, y)
        self._xdotool("click", "--repeat", str(times), "--delay", "10", "5" if down else "4")

    def key(self, name: str) -> None:
        self._xdotool("key", name)

    def write(self, words: str) -> None:
        self._xdotool("type", "--delay", "20", words)

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        """A key that is held down meanwhile."""
        self._xdotool("keydown", name)
        try:
            yield
        finally:
            self._xdotool("keyup", name)

    def screenshot(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        command = ["import", "-window", "root", str(path)]
        subprocess.run(command, env={**os.environ, **self.environment}, check=True, timeout=STEP_SECONDS)

    def close(self) -> None:
        self._server.terminate()
        self._server.wait(timeout=STEP_SECONDS)

    def _xdotool(self, *words: str) -> None:
        environment = {**os.environ, **self.environment}
        subprocess.run(["xdotool", *words], env=environment, check=True, timeout=STEP_SECONDS)
