# SPDX-License-Identifier: GPL-3.0-or-later
"""The distribution: the wheel that its source archive gives is whole, and its base install is light."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

from blender_addon.packaging import ROOT
from blender_addon.packaging.daemon_wheel import copy_sources
from tests.support.daemon import eventually

SECONDS = 300
HEAVY = ("torch", "diffusers", "transformers", "ray", "bpy", "matplotlib")


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Folder with the source archive and the wheel made from it, by the standard front end."""
    source = tmp_path_factory.mktemp("source")
    copy_sources(source)
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--outdir", str(out), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="module")
def wheel(built) -> Path:
    (wheel,) = built.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory) -> Path:
    """The wheel's packages alone in a folder; what they depend on comes from this environment."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def metadata(unpacked) -> Message:
    (folder,) = unpacked.glob("*.dist-info")
    return Parser().parsestr((folder / "METADATA").read_text())


def second_unit(unpacked: Path, home: Path, *words: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(unpacked), "SECOND_UNIT_HOME": str(home)}
    code = (
        "import second_unit_daemon, sys; "
        f"assert second_unit_daemon.__file__.startswith({str(unpacked)!r}), second_unit_daemon.__file__; "
        "from second_unit_daemon.cli import main; main()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        env=environment, cwd=home, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def test_every_source_file_is_in_both(built, wheel):
    packages = {
        path.relative_to(root).as_posix()
        for root in (ROOT / "daemon", ROOT / "shared_protocol")
        for path in root.rglob("*")
        if path.suffix in {".py", ".sql", ".toml", ".opus", ".typed"} and "egg-info" not in str(path)
    }
    with zipfile.ZipFile(wheel) as archive:
        assert packages <= set(archive.namelist())
    (source,) = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {name.split("/", 2)[-1] for name in archive.getnames()}
    assert packages <= names


def test_the_base_install_is_light(metadata):
    base = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert base
    assert not [line for line in base if line.lower().startswith(HEAVY)]


def test_the_extras_are_those_of_the_manual(metadata):
    assert set(metadata.get_all("Provides-Extra", [])) == {
        "diffusion", "quantised", "finish", "ray", "style", "demo", "plots", "test",
    }  # fmt: skip
    wanted = [line for line in metadata.get_all("Requires-Dist", []) if line.startswith("torch=")]
    assert wanted == ['torch==2.13.0; extra == "diffusion"']


def test_the_licence_travels_along(metadata, unpacked):
    assert metadata["License-Expression"] == "GPL-3.0-or-later"
    (text,) = unpacked.glob("*.dist-info/licenses/LICENSE")
    assert text.read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_its_command_runs_from_the_wheel_alone(unpacked, tmp_path):
    daemon = second_unit(unpacked, tmp_path, "serve")
    try:
        eventually((tmp_path / "connection.json").exists, "the daemon's connection file")
        status = second_unit(unpacked, tmp_path, "status")
        said, _ = status.communicate(timeout=60)
        assert status.returncode == 0, said
        engines, _ = second_unit(unpacked, tmp_path, "engines").communicate(timeout=60)
        assert "projection" in engines
    finally:
        daemon.terminate()
        daemon.wait(30)
