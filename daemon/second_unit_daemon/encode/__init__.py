# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames to files and back: the delivered clip, the lossless master, still pictures."""
