# SPDX-License-Identifier: GPL-3.0-or-later
"""What needs no Blender: maths, rules, words."""

from .. import later

__getattr__ = later.modules(
    __name__,
    "camera",
    "camera_files",
    "drawing",
    "finishing",
    "frustum",
    "mending",
    "motion",
    "pictures",
    "prompt",
    "recording",
    "rules",
    "spec",
    "styles",
)
