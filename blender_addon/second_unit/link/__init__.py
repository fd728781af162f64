# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon, the jobs and the journal as this Blender sees them."""

from .. import later

__getattr__ = later.modules(
    __name__,
    "ancestry",
    "background",
    "batches",
    "board",
    "current",
    "daemon",
    "environment",
    "files",
    "fits",
    "installer",
    "journal",
    "launcher",
    "models",
    "paintings",
    "processes",
    "records",
    "remote",
    "spool",
    "state",
    "takes",
)
