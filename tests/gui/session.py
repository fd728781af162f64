# SPDX-License-Identifier: GPL-3.0-or-later
"""A Blender in a window, with the extension installed from its zip, that a test can look at and press."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.gui.display import Display
from tests.gui.program import BlenderProgram

START_SECONDS = 120
ANSWER_SECONDS = 180
END_SECONDS = 60

# Written once, before the window opens: no splash, no dialogue at the end, no pop-up that eats a click.
QUIET_PREFERENCES = """
import bpy
view = bpy.context.preferences.view
view.show_splash = False
view.use_save_prompt = False
view.show_tooltips = False
bpy.context.preferences.use_preferences_save = False
bpy.ops.wm.save_userpref()
"""


class GuiBlender:
    """``work`` is a folder that Blender sees at the same path; pictures go to ``artifacts``."""

    def __init__(self, program: BlenderProgram, display: Display, work: Path, artifacts: Path, archive: Path):
        self.display, self.work, self._artifacts = display, work, artifacts
        control = work / "control.py"
        control.write_bytes(Path(__file__).with_name("control.py").read_bytes())
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(work / "user"),
            "BLENDER_USER_RESOURCES": str(work / "blender"),
            "SECOND_UNIT_HOME": str(work / "home"),
            "SECOND_UNIT_GUI_PORT_FILE": str(work / "port"),
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "TMPDIR": str(work),
        }
        self.environment |= display.environment
        (work / "user").mkdir(exist_ok=True)
        install = ("--command", "extension", "install-file", "-r", "user_default", "-e", str(archive))
        self.install_said = program.run(*install, environment=self.environment)
        program.run("--background", "--python-expr", QUIET_PREFERENCES, environment=self.environment)
        window = ("--gpu-backend", "opengl", "--window-geometry", "0", "0", str(display.width), str(display.height))
        self._log = (work / "blender.log").open("w")
        self._process = subprocess.Popen(
            program.command(*window, "--python", str(control)),
            env=self.environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._socket = self._connect()
        self.met: dict[str, dict[str, tuple[float, float]]] = {}  # by area: buttons and their places, see Sidebar.find

    def ask(self, code: str) -> Any:
        """Runs code on Blender's main thread; returns what it assigned to ``result``."""
        return self._asked({"code": code})

    def _asked(self, question: dict[str, Any]) -> Any:
        self._socket.sendall(json.dumps(question).encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            part = self._socket.recv(1 << 20)
            if not part:
                raise RuntimeError(f"Blender went away:\n{self.log()[-4000:]}")
            answer += part
        reply = json.loads(answer)
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply["result"]

    def teach(self, *names: str) -> None:
        """Gives Blender the helpers in ``inside/``; what they define, later questions may use and not redefine."""
        for name in names:
            code = Path(__file__).with_name("inside").joinpath(f"{name}.py").read_text()
            self._asked({"code": code, "helpers": True})

    def wait_for(self, code: str, seconds: float = 60, accept: Callable[[Any], bool] = bool) -> Any:
        """Asks until the answer is accepted; raises TimeoutError with the last answer and a picture's name."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self.ask(code)
            if accept(answer):
                return answer
            if time.monotonic() > deadline:
                self.screenshot("timeout")
                raise TimeoutError(f"{code!r} still gave {answer!r} after {seconds} s (see timeout.png)")
            time.sleep(0.1)

    def screenshot(self, name: str) -> Path:
        path = self._artifacts / f"{name}.png"
        self.display.screenshot(path)
        return path

    def log(self) -> str:
        self._log.flush()
        return (self.work / "blender.log").read_text(errors="replace")

    def close(self) -> None:
        self._socket.close()
        self._process.terminate()
        try:
            self._process.wait(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=END_SECONDS)
        self._log.close()

    def _connect(self) -> socket.socket:
        port_file = self.work / "port"
        deadline = time.monotonic() + START_SECONDS
        while not port_file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Blender did not come up:\n{self.log()[-4000:]}")
            time.sleep(0.1)
        return socket.create_connection(("127.0.0.1", int(port_file.read_text())), timeout=ANSWER_SECONDS)
