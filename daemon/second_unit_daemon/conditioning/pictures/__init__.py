# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots from anybody's files: pictures, depth and a camera path, opened as projection opens a captured shot."""
