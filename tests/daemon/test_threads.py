# SPDX-License-Identifier: GPL-3.0-or-later
"""Small matrices get no threads of their own: said in time, and only where the user has not said otherwise."""

from __future__ import annotations

import subprocess
import sys

import pytest
from second_unit_daemon.threads import one_for_small_matrices


@pytest.mark.parametrize("module", ["second_unit_daemon.cli", "second_unit_daemon.executors.worker"])
def test_numpy_is_not_there_yet_when_it_is_said(module):
    code = f"import sys, {module}; print('numpy' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "False"


def test_a_users_own_number_stands():
    mine, nothing = {"OPENBLAS_NUM_THREADS": "4"}, {}
    one_for_small_matrices(mine)
    one_for_small_matrices(nothing)
    assert mine == {"OPENBLAS_NUM_THREADS": "4"} and nothing == {"OPENBLAS_NUM_THREADS": "1"}
