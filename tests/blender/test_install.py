# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip installs in every Blender, brings its own wheels, and goes away without a trace."""

from __future__ import annotations

import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import addon_utils
import bpy

from tests.blender.inside import PACKAGE, loaded_by_enabling


def test_the_extension_is_enabled_after_installing(addon):
    assert PACKAGE in bpy.context.preferences.addons
    assert Path(addon.__file__).parent.name == "second_unit"


def test_every_bundled_wheel_is_the_locked_version(archive):
    with zipfile.ZipFile(archive) as names:
        wheels = [Path(name).name for name in names.namelist() if name.startswith("wheels/")]
    locked = {tuple(name.split("-")[:2]) for name in wheels}
    assert len(locked) == 6
    for name, wanted in locked:
        assert version(name) == wanted


def test_enabling_imports_no_wheel_and_no_message():
    """Blender's start does not wait for them: a thread imports them when it is up, or their first use does."""
    assert loaded_by_enabling == []


def test_enabling_leaves_pythons_finders_as_they_were():
    """Its own is quicker for its own modules, and other add-ons' imports do not pass it once it is enabled."""
    assert not [finder for finder in sys.meta_path if getattr(finder, "__module__", "").startswith(PACKAGE)]
    text = sys.modules[f"{PACKAGE}.ui.text"]
    assert Path(text.__spec__.origin) == Path(text.__file__) and text.__spec__.has_location
    assert sys.modules[f"{PACKAGE}.ui.shot"].__spec__.submodule_search_locations == [
        str(Path(text.__file__).parent / "shot")
    ]


def test_the_zip_carries_the_daemon(addon):
    assert len(list(Path(addon.__file__).parent.glob("daemon_dist/second_unit-*.whl"))) == 1


def test_disabling_and_enabling_again_works():
    addon_utils.disable(PACKAGE, default_set=True)
    assert PACKAGE not in bpy.context.preferences.addons
    assert addon_utils.enable(PACKAGE, default_set=True) is not None
    assert PACKAGE in bpy.context.preferences.addons
