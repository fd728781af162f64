# SPDX-License-Identifier: GPL-3.0-or-later
"""Models' weights as the daemon's clients see and change them; the work is done in a process of its own."""
