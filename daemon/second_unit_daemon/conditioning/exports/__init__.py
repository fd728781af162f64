# SPDX-License-Identifier: GPL-3.0-or-later
"""What other programs and models read of a shot: one function for each form, each writing frame by frame.

Example::

    export_shot(shot, "depth_per_frame", Path("depth.mkv"))
"""

from .base import Export, Options
from .registry import EXPORTS, export_shot, find_export

__all__ = ["EXPORTS", "Export", "Options", "export_shot", "find_export"]
