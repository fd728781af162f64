# SPDX-License-Identifier: GPL-3.0-or-later
"""The wheels that the extension carries: read from the lock, fetched by pip, checked against their hashes.

Blender 4.5 and 5.0 run Python 3.11, 5.1 and later 3.13; the extension must hold wheels for both on each platform.
A Linux distribution's own Blender runs the system's Python, so Linux has one more.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from . import WHEELS_LOCK, BuildError
from .cache import cache_folder

PYTHONS: dict[str, tuple[str, ...]] = {
    "linux-x64": ("3.11", "3.13", "3.14"),
    "windows-x64": ("3.11", "3.13"),
    "macos-arm64": ("3.11", "3.13"),
}

# Blender's name of a platform -> the words that its wheels' platform tags have.
PLATFORMS: dict[str, tuple[str, ...]] = {
    "linux-x64": ("manylinux", "x86_64"),
    "windows-x64": ("win_amd64",),
    "macos-arm64": ("macosx",),
}
# What pip may look for when the lock is renewed; oldest first where a floor matters.
PIP_PLATFORMS: dict[str, tuple[str, ...]] = {
    "linux-x64": (*(f"manylinux_2_{n}_x86_64" for n in (28, 27, 26, 24, 17)), "manylinux2014_x86_64"),
    "windows-x64": ("win_amd64",),
    "macos-arm64": (
        "macosx_11_0_arm64",
        "macosx_12_0_arm64",
        *(f"macosx_{v}_universal2" for v in ("10_9", "10_13", "10_15", "11_0")),
    ),
}


@dataclass(frozen=True)
class Wheel:
    """One locked wheel file, named as its index names it."""

    name: str
    version: str
    file: str
    sha256: str

    @property
    def tags(self) -> tuple[list[str], list[str]]:
        """Python tags and platform tags of the file's name (PEP 427)."""
        parts = self.file.removesuffix(".whl").split("-")
        return parts[-3].split("."), parts[-1].split(".")

    def runs_on(self, platform: str, python: str) -> bool:
        """Whether Blender on this platform with this Python would install the wheel."""
        pythons, platforms = self.tags
        fits_platform = platforms == ["any"] or any(
            all(word in tag for word in PLATFORMS[platform]) for tag in platforms
        )
        exact = "cp" + python.replace(".", "")
        stable_abi = "-abi3-" in self.file and any(
            tag.startswith("cp3") and int(tag[3:]) <= int(python.split(".")[1]) for tag in pythons
        )
        return fits_platform and ("py3" in pythons or exact in pythons or stable_abi)


def read_lock(path: Path = WHEELS_LOCK) -> tuple[str, list[Wheel]]:
    """The setuptools version that builds the daemon's wheel, and all locked wheels."""
    with path.open("rb") as file:
        lock = tomllib.load(file)
    return lock["setuptools"], [Wheel(**entry) for entry in lock["wheel"]]


def for_platform(wheels: Iterable[Wheel], platform: str) -> list[Wheel]:
    """The wheels of one platform's zip, sorted by file. Raises BuildError if a package lacks one for some Python."""
    wheels = list(wheels)
    for name in sorted({wheel.name for wheel in wheels}):
        for python in PYTHONS[platform]:
            if not any(wheel.name == name and wheel.runs_on(platform, python) for wheel in wheels):
                raise BuildError(f"the lock has no wheel of {name} for Python {python} on {platform}")
    chosen = [wheel for wheel in wheels if any(wheel.runs_on(platform, python) for python in PYTHONS[platform])]
    return sorted(chosen, key=lambda wheel: wheel.file)


def fetch(wheels: Iterable[Wheel], platform: str) -> list[Path]:
    """The files of these wheels, from the cache or through pip. Raises BuildError for a wrong hash or no network."""
    wheels = list(wheels)
    cache = cache_folder("wheels")
    if not all(_is_intact(cache / wheel.file, wheel.sha256) for wheel in wheels):
        with tempfile.TemporaryDirectory() as folder:
            for python in PYTHONS[platform]:
                lines = [
                    f"{w.name}=={w.version} --hash=sha256:{w.sha256}\n" for w in wheels if w.runs_on(platform, python)
                ]
                requirements = Path(folder, "requirements.txt")
                requirements.write_text("".join(lines))
                tags = sorted({tag for wheel in wheels for tag in wheel.tags[1]} - {"any"})
                _pip_download(["--require-hashes", "-r", str(requirements)], python, tags, Path(folder))
            for file in Path(folder).glob("*.whl"):
                shutil.move(file, cache / file.name)
    for wheel in wheels:
        if not _is_intact(cache / wheel.file, wheel.sha256):
            raise BuildError(f"{wheel.file} was not fetched with the hash that the lock has")
    return [cache / wheel.file for wheel in wheels]


def relock(packages: Iterable[str], setuptools: str, path: Path = WHEELS_LOCK) -> None:
    """Writes the lock anew from requirements such as ``pyzmq>=27``, for every platform and Python."""
    found: dict[str, Wheel] = {}
    with tempfile.TemporaryDirectory() as folder:
        for platform, tags in PIP_PLATFORMS.items():
            for python in PYTHONS[platform]:
                target = Path(folder, platform, python)
                _pip_download(list(packages), python, tags, target)
                for file in target.glob("*.whl"):
                    name, version = file.name.split("-")[:2]
                    digest = hashlib.sha256(file.read_bytes()).hexdigest()
                    found[file.name] = Wheel(name.lower().replace("_", "-"), version, file.name, digest)
    lines = [
        "# SPDX-License-Identifier: GPL-3.0-or-later",
        "# Wheels that the extension carries. Renew with: python build_addon.py --relock",
        "",
        f"setuptools = \"{setuptools}\"  # builds the daemon's wheel; fixed, or the zip's bytes would change",
    ]
    for wheel in sorted(found.values(), key=lambda w: w.file):
        lines += ["", "[[wheel]]", *(f'{key} = "{value}"' for key, value in vars(wheel).items())]
    path.write_text("\n".join(lines) + "\n")


def _is_intact(file: Path, sha256: str) -> bool:
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == sha256


def _pip_download(what: list[str], python: str, platform_tags: Iterable[str], out: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--implementation", "cp", "--python-version", python, "--dest", str(out)]
    for tag in platform_tags:
        command += ["--platform", tag]
    done = subprocess.run([*command, *what], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"pip could not fetch the add-on's wheels for Python {python}:\n{done.stderr.strip()}")
