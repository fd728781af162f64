# SPDX-License-Identifier: GPL-3.0-or-later
"""Larger pictures: a small network on the CPU that a package ships, or the user's own model through spandrel."""
