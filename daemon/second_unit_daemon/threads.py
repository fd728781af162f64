# SPDX-License-Identifier: GPL-3.0-or-later
"""How many threads numpy's linear algebra may have: one, since all it gets here are matrices of three or four rows.

OpenBLAS hands even those to threads of its own and waits for them. On a busy machine that costs a thousand times what
the arithmetic does: 1.8 ms for the inverse of a 4 × 4 against 3 µs, measured with both of two cores in use.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping

_VARIABLE = "OPENBLAS_NUM_THREADS"


def one_for_small_matrices(environment: MutableMapping[str, str] | None = None) -> None:
    """To be called before numpy is imported; a number that the user has set stands."""
    (os.environ if environment is None else environment).setdefault(_VARIABLE, "1")
