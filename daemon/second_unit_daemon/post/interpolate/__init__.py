# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames in between: from exact depth and motion where the shot is ours, from optical flow for any other clip."""
