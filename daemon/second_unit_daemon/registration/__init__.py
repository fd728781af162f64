# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether references fit the geometry under them: measured, aligned where little is amiss, refused where much is."""
