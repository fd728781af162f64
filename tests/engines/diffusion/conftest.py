# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiny models in a registry of their own, and shots that fit their plans."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from tests.support.generating import Studio
from tests.support.tiny_models import models_toml, tiny_model
from tests.support.tiny_models.wan_vace import table, vace, vace_a14b

torch.set_num_threads(1)  # threads that wait for each other over tiny matrices cost a busy machine minutes


@pytest.fixture(scope="session")
def tiny_list(tmp_path_factory):
    """A list of models with every tiny one that these tests use."""
    return models_toml(
        tmp_path_factory.mktemp("models") / "models.toml",
        tiny_vace=table(tiny_model(vace)),
        tiny_short='like = "tiny-vace"\nwindow = 9\n',
        tiny_a14b=table(tiny_model(vace_a14b), "Tiny A14B", steps=4, experts=2),
    )


@pytest.fixture(scope="module")
def studio(tiny_list, tmp_path_factory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("studio")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECOND_UNIT_MODELS", str(tiny_list))
        patch.setenv("SECOND_UNIT_HOME", str(folder / "home"))
        yield Studio(folder)
