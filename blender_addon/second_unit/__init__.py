# SPDX-License-Identifier: GPL-3.0-or-later
"""Second Unit: video along the camera that you animated."""


def register() -> None:
    """Nothing to register yet."""


def unregister() -> None:
    """Nothing to undo yet."""
