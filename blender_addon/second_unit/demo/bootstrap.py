# SPDX-License-Identifier: GPL-3.0-or-later
"""Started by ``second-unit demo`` in a Python with bpy, or by ``blender --background --python``.

Installs the zip as a user does and runs the demo through what was installed. The last word of the command line is a
JSON file: ``archive`` is the zip, the rest is for :mod:`.run`.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import bpy


def main() -> None:
    settings = json.loads(Path(sys.argv[-1]).read_text())
    archive = settings.pop("archive")
    bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=True)
    importlib.import_module("bl_ext.user_default.second_unit.demo.run").run(**settings)


if __name__ == "__main__":
    main()
