# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's zips: complete, checked, the same bytes from the same tree."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from blender_addon.packaging import ROOT, BuildError, imports, manifest, wheels
from blender_addon.packaging.archive import write_zip
from blender_addon.packaging.stage import check
from build_addon import build


@pytest.fixture(scope="module")
def archives(tmp_path_factory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("dist")
    return dict(zip(wheels.PLATFORMS, build(out, checked=False), strict=True))


@pytest.fixture(scope="module")
def staged(archives, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("staged")
    with zipfile.ZipFile(archives["linux-x64"]) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def copy(staged, tmp_path) -> Path:
    return Path(shutil.copytree(staged, tmp_path / "copy"))


def test_every_platform_passes_every_check(archives, tmp_path):
    for platform, archive in archives.items():
        with zipfile.ZipFile(archive) as names:
            names.extractall(tmp_path / platform)
        assert check(tmp_path / platform) == []
        assert f'platforms = ["{platform}"]' in (tmp_path / platform / "blender_manifest.toml").read_text()


def test_building_again_gives_the_same_bytes(archives, tmp_path):
    again = build(tmp_path, ["linux-x64"], checked=False)[0]
    assert again.name == archives["linux-x64"].name
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(archives["linux-x64"].read_bytes()).digest()


def test_each_zip_has_wheels_of_its_platform_only(archives):
    foreign = {
        "linux-x64": ("win", "macosx"),
        "windows-x64": ("manylinux", "macosx"),
        "macos-arm64": ("win_", "manylinux"),
    }
    for platform, archive in archives.items():
        with zipfile.ZipFile(archive) as names:
            carried = [name for name in names.namelist() if name.startswith("wheels/")]
        assert {name.split("/")[1].split("-")[0] for name in carried} == {
            *("attrs", "cattrs", "msgpack", "openexr", "pyzmq", "typing_extensions")
        }
        assert not [name for name in carried if any(word in name for word in foreign[platform])]


def test_the_wheels_are_unmodified(archives):
    locked = {wheel.file: wheel.sha256 for wheel in wheels.read_lock()[1]}
    for archive in archives.values():
        with zipfile.ZipFile(archive) as names:
            for name in names.namelist():
                if name.startswith("wheels/"):
                    assert hashlib.sha256(names.read(name)).hexdigest() == locked[name.removeprefix("wheels/")]


def test_the_carried_daemon_is_whole_and_free_of_the_add_on(staged):
    (wheel,) = staged.glob("daemon_dist/*.whl")
    with zipfile.ZipFile(wheel) as names:
        packages = {name.split("/")[0] for name in names.namelist()}
        assert "second_unit_daemon/engines/builtin.toml" in names.namelist()
        assert [name for name in names.namelist() if name.endswith(".sql")]
    assert packages == {
        "second_unit_cameras",
        "second_unit_daemon",
        "second_unit_protocol",
        "second_unit-0.1.0.dist-info",
    }


def test_the_protocol_travels_inside_the_extension(staged):
    assert (staged / "protocol" / "messages.py").is_file()
    assert not list(staged.rglob("__pycache__"))


@pytest.mark.parametrize(
    ("place", "code", "complaint"),
    [
        ("core/new.py", "import bpy", "imports bpy, which this part never may"),
        ("core/new.py", "from bpy.types import Scene", "imports bpy, which this part never may"),
        ("protocol/new.py", "import mathutils", "imports mathutils, which this part never may"),
        ("scene/new.py", "import torch", "imports torch, which Blender does not have"),
        ("scene/new.py", "import second_unit_protocol", "imports second_unit_protocol, which Blender does not have"),
        ("scene/new.py", "from ..nowhere import thing", "imports ..nowhere, which is not there"),
        ("scene/new.py", "from ..core.spec import Nothing", "imports Nothing from ..core.spec, which has no such name"),
        ("scene/new.py", "from .... import thing", "imports from outside the extension"),
        ("scene/new.py", "def broken(:", "cannot be parsed"),
    ],
)
def test_an_import_that_would_fail_in_blender_is_found(copy, place, code, complaint):
    (copy / place).write_text(code + "\n")
    assert [line for line in imports.problems(copy) if line.startswith(place) and complaint in line]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('tagline = "', 'tagline = "' + "long " * 13, "the tagline has"),
        ('local daemon"', 'local daemon."', "the tagline ends in punctuation"),
        ('version = "0.1.0"', 'version = "0.1"', "version is not"),
        ('"SPDX:GPL', '"GPL', "SPDX: prefix"),
        ("maintainer = ", "maintained = ", "lacks maintainer"),
        ('files = "', 'sound = "', "unknown permission sound"),
        ('tags = ["Camera", "Render", "Sequencer"]', "tags = []", "tags is empty"),
        ("wheels/attrs-", "wheels/attributes-", "is listed but not there"),
        ('version = "0.1.0"', 'version = "0.2.0"', "versions differ"),
    ],
)
def test_a_manifest_that_blender_would_refuse_is_found(copy, old, new, complaint):
    path = copy / manifest.NAME
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert [line for line in check(copy) if complaint in line]


def test_a_wheel_with_another_hash_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("SECOND_UNIT_CACHE", str(tmp_path))
    wheel = next(w for w in wheels.read_lock()[1] if w.name == "attrs")
    with pytest.raises(BuildError):
        wheels.fetch([wheels.Wheel(wheel.name, wheel.version, wheel.file, "0" * 64)], "linux-x64")


def test_a_lock_that_misses_a_platform_is_refused():
    without = [wheel for wheel in wheels.read_lock()[1] if "win_amd64" not in wheel.file]
    with pytest.raises(BuildError, match="on windows-x64"):
        wheels.for_platform(without, "windows-x64")


def test_zips_do_not_depend_on_the_order_or_time_of_files(tmp_path):
    for folder, names in (("a", "xyz"), ("b", "zyx")):
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_text(name)
        write_zip(tmp_path / folder, tmp_path / f"{folder}.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_command_fails_with_an_exit_code(tmp_path):
    command = [sys.executable, str(ROOT / "build_addon.py"), "--platform", "amiga"]
    assert subprocess.run(command, capture_output=True, check=False, cwd=tmp_path).returncode != 0
