# SPDX-License-Identifier: GPL-3.0-or-later
"""Second Unit's render daemon: queue, engines, post, encoding."""

__version__ = "0.1.0"
