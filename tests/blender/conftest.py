# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the add-on inside Blender (the ``bpy`` wheel), through the zip that is shipped.

How it works
    Outside (the development environment) every ``tests/blender/test_*.py`` becomes one test per Blender version, e.g.
    ``tests/blender/test_capture.py::bpy-5.0.1``. It builds the Linux zip and runs the file as a child
    ``python -m pytest`` in an environment that has only ``bpy`` and ``pytest``; the child's failures are its failures.
    Files of one group share a child, and some files leave out the version in the middle: see groups.py.
    Inside, before anything is collected, the zip is installed the way a user does it, under a BLENDER_USER_RESOURCES
    of its own. The bundled wheels are what runs: the environment must not have them, and that is asserted.

How to write one
    Import at the top of the file, as add-on code does, from the installed extension:
        from bl_ext.user_default.second_unit.core import camera
    Each test starts in an empty factory scene. Fixtures: ``addon`` (the extension's module), ``daemon_python`` (the
    Python that has the daemon: ``[daemon_python, "-m", "second_unit_daemon.cli", "serve"]``), ``archive`` (the zip),
    ``edge`` (a clip), ``home`` (a fresh user folder without a daemon).
    SECOND_UNIT_HOME points to a fresh folder. Test-only helpers must be importable without the daemon or the protocol
    (``tests.blender.something``).

How to run
    pytest tests/blender                          every version
    pytest tests/blender/test_capture.py -k 5.0.1
    pytest tests/blender/test_capture.py -k 4.5 --inside='-x -k shift'      words for the child's pytest
    SECOND_UNIT_EVERY_VERSION=1   also what groups.py runs at the ends of the range only
    SECOND_UNIT_BPY_ENVS   folder of environments bpy4.5.15, bpy5.0.1, bpy5.2.3 (made on demand; default: in the cache)
"""

from __future__ import annotations

import os

INSIDE = "SECOND_UNIT_INSIDE_BLENDER" in os.environ

if INSIDE:
    from tests.blender.inside import addon as addon
    from tests.blender.inside import archive as archive
    from tests.blender.inside import daemon_python as daemon_python
    from tests.blender.inside import edge as edge
    from tests.blender.inside import empty_scene as empty_scene
    from tests.blender.inside import home as home
    from tests.blender.inside import pytest_sessionstart as pytest_sessionstart
    from tests.blender.inside import unhurried_rounds as unhurried_rounds
else:
    from tests.blender.outside import pytest_addoption as pytest_addoption
    from tests.blender.outside import pytest_pycollect_makemodule as pytest_pycollect_makemodule
