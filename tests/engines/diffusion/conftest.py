# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiny models in a registry of their own, and shots that fit their plans."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the diffusion extra is not installed: pip install '.[test]'")
pytest.importorskip("diffusers", reason="the diffusion extra is not installed: pip install '.[test]'")

from tests.support.generating import Studio
from tests.support.tiny_models import models_toml, tiny_model
from tests.support.tiny_models.wan_vace import table, vace, vace_a14b


@pytest.fixture(scope="session")
def tiny_list(tmp_path_factory):
    """A list of models with every tiny one that these tests use."""
    return models_toml(
        tmp_path_factory.mktemp("models") / "models.toml",
        tiny_vace=table(tiny_model(vace)),
        tiny_a14b=table(tiny_model(vace_a14b), "Tiny A14B", steps=4, experts=2),
    )


@pytest.fixture
def studio(tiny_list, tmp_path, monkeypatch) -> Studio:
    monkeypatch.setenv("SECOND_UNIT_MODELS", str(tiny_list))
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    return Studio(tmp_path)
