# SPDX-License-Identifier: GPL-3.0-or-later
"""The same shots for every engine: how well each keeps to its camera."""
