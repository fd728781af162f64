# SPDX-License-Identifier: GPL-3.0-or-later
"""A Wan VACE 1.3B of the real size with random weights, made once and kept in the cache of tiny models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.gpu.running import Subject
from tests.support.generating import Studio
from tests.support.tiny_models import models_toml, tiny_model
from tests.support.tiny_models.real_size import real_vace, table

NO_CARD = "torch sees no CUDA card here; these checks are for a machine that has one"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if torch.cuda.is_available():
        return
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=NO_CARD))


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    folder = tmp_path_factory.mktemp("gpu")
    place = tiny_model(real_vace)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECOND_UNIT_MODELS", str(models_toml(folder / "models.toml", real_vace=table(place))))
        patch.setenv("SECOND_UNIT_HOME", str(folder / "home"))
        yield Subject(Studio(folder), place)
