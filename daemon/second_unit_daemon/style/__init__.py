# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures in another look by a small network on the CPU, and that look carried along the motion of a shot or clip."""
