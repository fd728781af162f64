# SPDX-License-Identifier: GPL-3.0-or-later
"""Which test files share a Blender, and which are not run in every version. Imports nothing, for tests/conftest.py."""

from __future__ import annotations

# Starting a Blender with the extension costs more than most of these tests. A group is small enough to spread over
# workers. What kills Blender, installs, or takes away what others need stays out: such a file has a Blender of its own.
GROUPS = {
    "cameras": ("camera_files", "camera_moves", "capture_camera", "operators"),
    "captures": ("capture_deforming", "capture_labels", "capture_planes", "odd_scenes"),
    "clips": ("compare", "deliveries", "joins", "landing_colours", "picked", "sound", "strip_render", "takes"),
    "panels": ("drawn_regions", "prompt", "queue", "shot_inputs", "ui"),
    "files": ("landing", "stamps", "trash"),
    "jobs": ("job_queue", "remote", "take_export"),
}

# What these test is the daemon and its engines, asked through the add-on. Of Blender they need strips, files and
# pictures, whose names and ways in 5.0 to 5.1 are either 4.5's or 5.2's (sequencer/compat.py); captures, landing,
# joins, panels, stamps and the journal are tested on their own in every version. So these run at both ends only,
# unless SECOND_UNIT_EVERY_VERSION is set.
ENDS_ONLY = (
    "edits",
    "finishing",
    "fit",
    "installer",
    "job_queue",
    "launcher",
    "link",
    "models_panel",
    "paint",
    "remote",
    "take_export",
    "variations",
)

_GROUP_OF = {f"test_{name}": group for group, names in GROUPS.items() for name in names}


def group_of(file: str) -> str:
    """The group of a test file's stem; one that is in none is a group of its own."""
    return _GROUP_OF.get(file, file)


def at_ends_only(file: str) -> bool:
    """Whether a test file's stem is one that need not be run between the oldest and the newest Blender."""
    return file.removeprefix("test_") in ENDS_ONLY
