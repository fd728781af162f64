# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo scene, and the script that shoots it without a window."""
