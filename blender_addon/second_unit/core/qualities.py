# SPDX-License-Identifier: GPL-3.0-or-later
"""The qualities that a shot can ask for, as menus show them; the first of each is the protocol's word."""

QUALITIES = (
    ("draft", "Draft", "Fastest, to judge movement"),
    ("standard", "Standard", "For most shots"),
    ("final", "Final", "Slowest and best"),
)
