# SPDX-License-Identifier: GPL-3.0-or-later
"""What Second Unit's add-on and daemon say to each other, and the one client that says it."""
