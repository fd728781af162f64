# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests in a real Blender window on a virtual display; skipped, with the reason, where there is no Blender program.

``SECOND_UNIT_BLENDER_ROOT`` names a Debian folder with Blender (see ``debian_root.py``, which builds one);
``SECOND_UNIT_BLENDER`` or ``blender`` on PATH is used before it. Pictures are left in ``gui_artifacts/``.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from build_addon import build
from tests.gui.display import Display
from tests.gui.outside_daemon import OutsideDaemon
from tests.gui.program import BlenderProgram
from tests.gui.session import GuiBlender
from tests.gui.sidebar import EDGE, Sidebar

PROGRAM = "bpy.context.preferences.addons[ADDON].preferences.daemon_program"
ARTIFACTS = Path(__file__).resolve().parents[2] / "gui_artifacts"


@pytest.fixture(scope="session")
def work() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="second_unit_gui_") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def program(work: Path) -> Iterator[BlenderProgram]:
    for tool in ("Xvfb", "xdotool", "import"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    found = BlenderProgram.find([work])
    if found is None:
        pytest.skip("no Blender program: put one on PATH, or run python -m tests.gui.debian_root as root")
    yield found
    found.close()


@pytest.fixture(scope="session")
def display(program: BlenderProgram) -> Iterator[Display]:
    made = Display(1600, 1200)  # tall, so that the whole tab is in view
    yield made
    made.close()


@pytest.fixture(scope="session")
def daemon(work: Path) -> Iterator[OutsideDaemon]:
    made = OutsideDaemon(work)
    yield made
    made.close()


@pytest.fixture(scope="session")
def blender(program: BlenderProgram, display: Display, work: Path, daemon: OutsideDaemon) -> Iterator[GuiBlender]:
    archive = build(work / "dist", ["linux-x64"], checked=False)[0]
    ARTIFACTS.mkdir(exist_ok=True)
    made = GuiBlender(program, display, work, ARTIFACTS, archive)
    made.teach("scene")
    yield made
    made.close()
    shutil.copy(work / "blender.log", ARTIFACTS / "blender.log")


@pytest.fixture
def sidebar(blender: GuiBlender) -> Sidebar:
    """The sidebar with its tab open, over a fresh file (see ``inside/scene.py``)."""
    blender.ask("new_file()")
    blender.ask(f"set_up({str(blender.work / 'shot.blend')!r})")
    made = Sidebar(blender)
    made.open_tab()
    return made


@pytest.fixture
def alone(blender: GuiBlender, sidebar: Sidebar) -> None:
    """No daemon runs, and its program is not known."""
    blender.ask(f"{PROGRAM} = ''")
    blender.ask("link = part('link.current').link\nif link.ready:\n    link.stop()")
    blender.wait_for("result = not part('link.current').link.ready")


@pytest.fixture
def running(blender: GuiBlender, daemon: OutsideDaemon, sidebar: Sidebar) -> Sidebar:
    """The sidebar of a file with one shot, and a daemon that is ready."""
    blender.ask(f"{PROGRAM} = {str(daemon.program)!r}")
    ready = "result = part('link.current').link.ready"
    if not blender.ask(ready):
        blender.wait_for("result = part('link.current').link.phase.value", accept=lambda phase: phase == "stopped")
        blender.ask("part('link.current').link.start()")
        blender.wait_for(ready)
    sidebar.press_for("second_unit.shot_add()", "result = len(window().scene.second_unit.shots)", EDGE)
    return sidebar
