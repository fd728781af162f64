# SPDX-License-Identifier: GPL-3.0-or-later
"""Cards as the driver's own tool tells of them, and whether the installed torch can use one."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from second_unit_daemon import devices
from second_unit_protocol.results import DeviceInfo

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for the driver's tool")
MEBIBYTE = 1 << 20


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """Writes a tool that answers the question about cards, and the one about processes."""

    def install(cards: str, processes: str = "", code: int = 0) -> None:
        tool = tmp_path / "nvidia-smi"
        tool.write_text(
            f"#!/bin/sh\ncase $1 in *apps*) printf '{processes}';; *) printf '{cards}';; esac\nexit {code}\n"
        )
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return install


def test_cards_have_their_memory(driver):
    driver("NVIDIA GeForce RTX 4090, 24564, 23000\\nNVIDIA, of sorts, 8192, 100\\n")
    first, second = devices.cards()
    assert (first.name, first.kind) == ("NVIDIA GeForce RTX 4090", "cuda")
    assert (first.total_bytes, first.free_bytes) == (24564 * MEBIBYTE, 23000 * MEBIBYTE)
    assert second.name == "NVIDIA, of sorts" and second.free_bytes == 100 * MEBIBYTE


def test_what_our_own_worker_holds_counts_as_free(driver):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as worker:
        driver("Card, 24000, 4000\\n", f"{worker.pid}, 18000\\n1, 2000\\n")
        assert devices.cards()[0].free_bytes == 22000 * MEBIBYTE
        worker.communicate(b"\n")


def test_without_a_worker_the_driver_is_asked_once(driver, monkeypatch):
    driver("Card, 24000, 4000\\n")
    monkeypatch.setattr(devices.psutil.Process, "children", lambda *_, **__: [])
    asked, real = [], devices._ask
    monkeypatch.setattr(devices, "_ask", lambda query: asked.append(query) or real(query))
    assert devices.cards()[0].free_bytes == 4000 * MEBIBYTE
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("cards", "code"), [("", 0), ("Card, 8192, 100", 9), ("No devices were found", 0), ("a, b, c", 0)]
)
def test_a_driver_that_has_none_or_fails_is_no_card(driver, cards, code):
    driver(cards, code=code)
    assert devices.cards() == []
    assert devices.best().kind == "cpu"


@pytest.mark.parametrize(("built", "kind"), [("'12.8'", "cuda"), ("None", "cpu")])
def test_a_card_counts_only_for_a_torch_that_was_built_for_one(driver, tmp_path, monkeypatch, built, kind):
    driver("Card, 24000, 4000\\n")
    package = tmp_path / "torch"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "version.py").write_text(f"from typing import Optional\ncuda: Optional[str] = {built}\nhip = 'x'\n")
    spec = type("Spec", (), {"origin": str(package / "__init__.py")})()
    monkeypatch.setattr(devices, "find_spec", lambda name: spec if name == "torch" else None)
    found = devices.best()
    assert found.kind == kind
    assert devices.fresh(found).kind == kind


def test_without_torch_there_is_the_processor(driver, monkeypatch):
    driver("Card, 24000, 4000\\n")
    monkeypatch.setattr(devices, "find_spec", lambda name: None)
    assert devices.best().kind == "cpu"


def test_what_a_command_puts_together_is_planned_for_the_daemon_that_will_make_it(monkeypatch):
    far = {"name": "NVIDIA RTX A6000", "kind": "cuda", "total_bytes": 48 << 30, "free_bytes": 46 << 30}
    monkeypatch.setenv("SECOND_UNIT_DEVICE", json.dumps(far))
    assert devices.asked_for() == DeviceInfo(**far)
    for nonsense in ("", "[]", "{}", '{"name": "x", "kind": "cuda", "total_bytes": "many", "free_bytes": 1}'):
        monkeypatch.setenv("SECOND_UNIT_DEVICE", nonsense)
        assert devices.asked_for().name == devices.best().name
