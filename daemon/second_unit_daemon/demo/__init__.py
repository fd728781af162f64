# SPDX-License-Identifier: GPL-3.0-or-later
"""``second-unit demo``: the whole way from a scene to a strip, without Blender's window."""
