# SPDX-License-Identifier: GPL-3.0-or-later
"""What this Blender has one of: the link, the jobs of the open file, the plan, models, the installer, all driven by
the pump."""

from __future__ import annotations

import bpy

from .background import Background
from .board import Board
from .daemon import DaemonLink
from .editing import Editor
from .fits import Fits
from .installer import Installer
from .models import Shelf
from .paintings import Paintings
from .planner import Planner
from .programs import Programs
from .tracker import JobTracker

disk = Background()
link = DaemonLink()
link.name = f"blender {bpy.app.version_string}, second_unit"
tracker = JobTracker(link, disk)
board = Board(link)
editor = Editor(tracker, link)
exporter = Programs()
planner = Planner(link)
models = Shelf(link)
paintings = Paintings(link, disk)
fits = Fits(link, disk)
installer = Installer()


def clear() -> None:
    """Hangs up, and waits for what is being written."""
    link.close()
    installer.cancel()
    disk.wait()
