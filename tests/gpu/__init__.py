# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks for a machine with a CUDA card: real sizes, random weights. Skipped, with the reason, where there is none."""
