# SPDX-License-Identifier: GPL-3.0-or-later
"""Models in Blender, through a real daemon and a hub on loopback: listed, fetched, stopped, verified, removed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.second_unit.link import current
from bl_ext.user_default.second_unit.protocol.models import ModelState
from bl_ext.user_default.second_unit.ui.models import view

from tests.blender import daemons
from tests.blender.daemons import until
from tests.support.hub import serve_hub

REPOSITORY = "someone/tiny"
COMPONENTS = ("text_encoder", "transformer", "vae")
HEAVY_BYTES = 12 << 20
TABLE = f"""
like = "wan-vace-1.3b"
repository = "{REPOSITORY}"
parameters = {{ transformer = 3_000_000_000, text_encoder = 1_000_000_000, vae = 1_000_000_000 }}
"""
LISTS = f"""
[models.tiny]
label = "Tiny"
{TABLE}
[models.asked]
label = "Asked"
{TABLE}
licence = {{ name = "Odd Licence", url = "https://example.org/odd", accept = true, note = "Be kind." }}
"""


@pytest.fixture
def hub(tmp_path):
    folder = tmp_path / "published"
    for component in COMPONENTS:
        (folder / component).mkdir(parents=True)
        (folder / component / "config.json").write_text("{}")
        (folder / component / "model.safetensors").write_bytes(os.urandom(1000))
    (folder / "transformer" / "model.safetensors").write_bytes(os.urandom(HEAVY_BYTES))
    index = {component: ["diffusers", "Thing"] for component in COMPONENTS}
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "WanVACEPipeline", **index}))
    with serve_hub() as running:
        running.repositories[REPOSITORY] = folder
        yield running


@pytest.fixture
def daemon(tmp_path, monkeypatch, hub):
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    current.link.close()
    (tmp_path / "home" / "loras").mkdir(parents=True)
    (tmp_path / "home" / "loras" / "ink.safetensors").write_bytes(b"")
    (tmp_path / "models.toml").write_text(LISTS)
    running = daemons.Daemon(models=tmp_path / "models.toml")
    running.environment |= {
        "HF_ENDPOINT": hub.address,
        "HF_HUB_CACHE": str(tmp_path / "cache"),
        "HF_HUB_DISABLE_XET": "1",
    }
    running.start()
    current.models.models = ()
    until(lambda: current.link.ready and current.models.find("tiny"), "the list of models")
    bpy.context.preferences.system.use_online_access = True
    yield running
    running.close()


def choose(name: str) -> None:
    state = bpy.context.window_manager.second_unit_models
    until(lambda: name in state.rows, "the rows")
    state.active = state.rows.find(name)


def state_of(name: str) -> ModelState:
    return current.models.find(name).state


def test_a_model_is_fetched_and_becomes_an_engine(daemon, hub):
    choose("tiny")
    assert (state_of("tiny"), current.models.loras) == (ModelState.ABSENT, ("ink",))
    assert not bpy.ops.second_unit.model_verify.poll()
    bpy.ops.second_unit.model_fetch()
    seen: list[tuple[float, str]] = []

    def here() -> bool:
        model = current.models.find("tiny")
        if model.state is ModelState.FETCHING and model.total_bytes:
            seen.append(view.progress(model))
        return model.state is ModelState.HERE

    until(here, "the download")
    assert seen and seen[-1][1].startswith("Fetching ") and seen[-1][1].endswith("of 13 MB")
    until(lambda: any(e.name == "tiny" and e.available for e in current.link.engines), "the engine")
    assert view.status(current.models.find("tiny")) == "12 GB"
    assert ("Commit", hub.commit[:7]) in view.facts(current.models.find("tiny"))
    hub.commit = "f" * 40
    bpy.ops.second_unit.model_fetch(newest=True)
    until(lambda: current.models.find("tiny").commit == hub.commit, "the newest")
    until(lambda: current.models.find("tiny").note == "Fetched what is published now", "the end of it")

    bpy.ops.second_unit.model_verify()
    until(lambda: current.models.find("tiny").note == "Every file is what the hub gave", "the verification")
    bpy.ops.second_unit.model_remove()
    until(lambda: state_of("tiny") is ModelState.ABSENT and state_of("asked") is ModelState.ABSENT, "the removal")
    until(lambda: not any(e.name == "tiny" and e.available for e in current.link.engines), "the engine's going")


def test_a_licence_is_accepted_first_and_once(daemon):
    choose("asked")
    with pytest.raises(RuntimeError, match="Asked is fetched once Odd Licence is accepted"):
        bpy.ops.second_unit.model_fetch()
    assert current.models.find("asked").licence.note == "Be kind."
    bpy.ops.second_unit.model_fetch(accept_licence=True)
    until(lambda: state_of("asked") is ModelState.HERE, "the download")
    assert not current.models.find("asked").licence.ask
    assert state_of("tiny") is ModelState.HERE or until(lambda: state_of("tiny") is ModelState.HERE, "its sibling")


def test_a_download_can_be_stopped_and_goes_on(daemon, hub):
    choose("tiny")
    hub.pause_at = 11 << 20
    bpy.ops.second_unit.model_fetch()
    until(lambda: current.models.find("tiny").done_bytes > 10_000_000, "the first piece")
    bpy.ops.second_unit.model_stop()
    until(lambda: state_of("tiny") is ModelState.ABSENT, "the stop")
    assert current.models.find("tiny").error is None
    hub.resume()
    bpy.ops.second_unit.model_fetch()
    until(lambda: state_of("tiny") is ModelState.HERE, "the rest")
    assert any(asked.startswith("bytes=1") for asked in hub.ranges)


def test_what_the_hub_refuses_is_shown_with_the_model(daemon, hub):
    choose("tiny")
    hub.gated.add(REPOSITORY)
    bpy.ops.second_unit.model_fetch()
    until(lambda: current.models.find("tiny").error, "the refusal")
    assert "given only to those who asked for it" in current.models.find("tiny").error.cause


def test_memory_is_freed_and_a_missing_daemon_is_said(daemon):
    freed: list[object] = []
    current.models.free_memory(freed.append)
    until(lambda: freed, "the answer")
    assert freed == [None]
    assert bpy.ops.second_unit.free_memory() == {"FINISHED"}
    daemon.stop()
    until(lambda: not current.link.ready, "the daemon's end")
    assert not bpy.ops.second_unit.free_memory.poll()
    with pytest.raises(RuntimeError, match="Start the daemon first"):
        bpy.ops.second_unit.models_refresh()


def test_without_online_access_nothing_is_fetched(daemon):
    choose("tiny")
    bpy.context.preferences.system.use_online_access = False
    assert not bpy.ops.second_unit.model_fetch.poll()
    assert not list(Path(os.environ["SECOND_UNIT_HOME"]).glob("**/*.part"))
