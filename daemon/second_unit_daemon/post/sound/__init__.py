# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound for a clip: chosen by words and by what the shot knows, synthesised (or the user's), placed, levelled."""
