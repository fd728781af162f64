# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots from anybody's pictures: files of pictures, depth and a camera path opened as the projection opens a capture."""
