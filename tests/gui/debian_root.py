# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder with Debian sid and its Blender in it, for a machine that has no Blender program of its own.

    python -m tests.gui.debian_root        builds it (a few minutes, about 1.6 GB) and prints where it is

``$SECOND_UNIT_BLENDER_ROOT`` names such a folder; else it is kept in the cache. Needs root and ``debootstrap``; takes
Debian's mirror from this machine's own apt sources.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from blender_addon.packaging.cache import cache_folder

ROOT_VARIABLE = "SECOND_UNIT_BLENDER_ROOT"
SUITE = "sid"
# Debian's Blender lacks attrs, cattrs and requests, which Blender's own extension manager imports.
PACKAGES = (
    *("blender", "python3-numpy", "python3-attr", "python3-cattr", "python3-requests"),
    *("libgl1", "libglx-mesa0", "libgl1-mesa-dri", "libegl1", "libegl-mesa0", "fonts-dejavu-core"),
)
BUILD_SECONDS = 1500
KERNEL_MOUNTS = (("proc", "proc", "proc"), ("sysfs", "sys", "sys"), ("devtmpfs", "dev", "dev"))


class NoRoot(Exception):
    """The folder cannot be built here; the message says why."""


def find() -> Path | None:
    """The folder, if it is there and holds Blender."""
    chosen = os.environ.get(ROOT_VARIABLE)
    root = Path(chosen) if chosen else cache_folder("gui") / "debian"
    return root if (root / "usr" / "bin" / "blender").exists() else None


def build() -> Path:
    """Makes the folder in the cache unless it is there. Raises NoRoot with the reason when this machine cannot."""
    if found := find():
        return found
    if os.geteuid() != 0:
        raise NoRoot("building a Debian folder for Blender needs root")
    if shutil.which("debootstrap") is None:
        raise NoRoot("debootstrap is not installed")
    root = cache_folder("gui") / "debian"
    shutil.rmtree(root, ignore_errors=True)
    _run(["debootstrap", "--variant=minbase", SUITE, str(root), debian_mirror()])
    mounted = mount_kernel(root)
    try:
        apt = [
            "chroot",
            str(root),
            "env",
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "-qq",
            "--no-install-recommends",
        ]
        _run([*apt, "install", *PACKAGES])
        _run(["chroot", str(root), "apt-get", "clean"])
    finally:
        unmount(mounted)
    return root


def debian_mirror() -> str:
    """The address of the Debian archive that this machine's apt uses. Raises NoRoot when there is none."""
    folder = Path("/etc/apt")
    for path in [folder / "sources.list", *sorted(folder.glob("sources.list.d/*"))]:
        if not path.is_file():
            continue
        for line in path.read_text(errors="replace").splitlines():
            match = re.search(r"^(?:deb |URIs:).*?(https?://\S+)", line)
            if match and "security" not in match[1] and match[1].rstrip("/").endswith("/debian"):
                return match[1]
    raise NoRoot("apt's sources name no Debian archive")


def mount_kernel(root: Path) -> list[Path]:
    """Mounts proc, sys and dev where they are not yet; returns what was mounted."""
    mounted = []
    for kind, source, place in KERNEL_MOUNTS:
        target = root / place
        if not os.path.ismount(target):
            _run(["mount", "-t", kind, source, str(target)])
            mounted.append(target)
    return mounted


def bind(source: Path, root: Path) -> Path:
    """Makes a folder of this machine visible at the same path inside; returns the mount point."""
    target = root / source.relative_to("/")
    target.mkdir(parents=True, exist_ok=True)
    _run(["mount", "--bind", str(source), str(target)])
    return target


def unmount(places: list[Path]) -> None:
    """Undoes mounts, last first."""
    for place in reversed(places):
        subprocess.run(["umount", "--lazy", str(place)], check=False, timeout=60)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()[-5:]
        raise NoRoot(f"{' '.join(command[:4])} … failed: " + " | ".join(said))


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{build()}\n")
    except NoRoot as reason:
        sys.exit(f"no Blender folder: {reason}")
