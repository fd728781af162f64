# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound for a clip: chosen by words and by what the shot knows, recorded or synthesised, placed, levelled."""
