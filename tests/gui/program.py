# SPDX-License-Identifier: GPL-3.0-or-later
"""The Blender program that the GUI tests drive: one on this machine, or the one in a Debian folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from blender_addon.packaging.blender import find_blender
from tests.gui import debian_root

X_SOCKETS = Path("/tmp/.X11-unix")
COMMAND_SECONDS = 180


class BlenderProgram:
    """Runs Blender with some folders of this machine visible to it at their own paths."""

    def __init__(self, program: str, root: Path | None, shared: list[Path]):
        self._program = program
        self._root = root
        self._mounted: list[Path] = []
        if root is not None:
            try:
                self._mounted += debian_root.mount_kernel(root)
                for folder in shared:
                    self._mounted.append(debian_root.bind(folder, root))
            except BaseException:
                self.close()
                raise

    @classmethod
    def find(cls, shared: list[Path]) -> BlenderProgram | None:
        """One on PATH (or ``$SECOND_UNIT_BLENDER``), else the Debian folder's; None where there is neither."""
        if program := find_blender():
            return cls(program, None, shared)
        if (root := debian_root.find()) and os.geteuid() == 0:
            X_SOCKETS.mkdir(mode=0o1777, exist_ok=True)  # an X server makes it, but only once it runs
            return cls("blender", root, [*shared, X_SOCKETS])
        return None

    def command(self, *words: str) -> list[str]:
        inside = ["chroot", str(self._root)] if self._root is not None else []
        return [*inside, self._program, *words]

    def run(self, *words: str, environment: dict[str, str]) -> str:
        """Runs Blender to its end and returns what it said; raises CalledProcessError with that if it failed."""
        done = subprocess.run(
            self.command(*words),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"blender {' '.join(words)} failed:\n{done.stdout}")
        return done.stdout

    def close(self) -> None:
        debian_root.unmount(self._mounted)
        self._mounted = []
