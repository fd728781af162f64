# SPDX-License-Identifier: GPL-3.0-or-later
"""Engines that generate video with diffusion models: one file per family over a shared core.

What the daemon's own process imports (``spec``, ``catalogue``, ``families``, ``planning``, ``memory``, ``engine``) is
light: TOML and sums. numpy comes with the doors, torch with ``loading`` and ``running``, both in workers only.
"""
