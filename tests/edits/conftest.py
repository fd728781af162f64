# SPDX-License-Identifier: GPL-3.0-or-later
"""One daemon with tiny models for the edits' tests."""

from __future__ import annotations

import pytest

from tests.support.daemon import DaemonProcess
from tests.support.tiny_models import models_toml, tiny_model
from tests.support.tiny_models.wan import table as wan_table
from tests.support.tiny_models.wan import wan_image, wan_text
from tests.support.tiny_models.wan_vace import table, vace


class PatientDaemon(DaemonProcess):
    """Its commands wait for whole takes, of models too."""

    def command(self, *arguments: str, check: bool = True, seconds: float = 300.0):
        return super().command(*arguments, check=check, seconds=seconds)


@pytest.fixture(scope="session")
def daemon(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edits")
    models = models_toml(
        folder / "models.toml",
        tiny_vace=table(tiny_model(vace)),
        tiny_text=wan_table(tiny_model(wan_text), "wan-t2v-1.3b", "Tiny text"),
        tiny_image=wan_table(tiny_model(wan_image), "wan-i2v-a14b", "Tiny image", steps=4, experts=2),
    )
    process = PatientDaemon(folder / "home")
    process.environment |= {"SECOND_UNIT_MODELS": str(models), "OMP_NUM_THREADS": "1"}
    with process:
        yield process
