# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of time hold as they are stated where a test has the machine to itself."""

from __future__ import annotations

import os

HAS_COMPANY = "PYTEST_XDIST_WORKER" in os.environ


def limit(alone: float, times: float) -> float:
    """``alone``, or that many times it where other tests run beside this one and take a processor of two."""
    return alone * times if HAS_COMPANY else alone
