# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong with a camera file, in a person's words."""

from __future__ import annotations

import warnings


class CameraFileError(Exception):
    """``cause`` says what is wrong with which file, ``remedy`` what to do about it."""

    def __init__(self, cause: str, remedy: str):
        self.cause = cause
        self.remedy = remedy
        super().__init__(f"{cause}. {remedy}")


class CameraWarning(UserWarning):
    """Something of the camera does not survive in a form, or a file does not say it."""


def warn(sentence: str) -> None:
    warnings.warn(sentence, CameraWarning, stacklevel=3)
