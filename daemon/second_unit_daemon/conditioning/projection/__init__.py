# SPDX-License-Identifier: GPL-3.0-or-later
"""Reference pictures carried to other views by exact depth: backward lookup, occlusion, holes, seams."""
