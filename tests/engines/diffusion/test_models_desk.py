# SPDX-License-Identifier: GPL-3.0-or-later
"""Models through a real daemon, against a hub on loopback: listed, fetched, stopped, verified, removed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from second_unit_protocol import messages as m
from second_unit_protocol.client import BlockingClient
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.models import BUSY, ModelChange, ModelInfo, ModelState

from tests.support.daemon import DaemonProcess
from tests.support.hub import Hub, serve_hub
from tests.support.tiny_models import models_toml, tiny_model
from tests.support.tiny_models.wan_vace import vace

REPOSITORY = "someone/tiny-vace"
TABLE = f'like = "wan-vace-1.3b"\nlabel = "Tiny"\nrepository = "{REPOSITORY}"\n'
ASKED = TABLE + 'licence = { name = "Odd Licence", url = "https://example.org/odd", accept = true }\n'
HEAVY, HEAVY_BYTES = "model-00002-of-00002.safetensors", 24 << 20
PIECE = 10_000_000  # bytes that the hub's library writes at a time


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("published") / "tiny"
    shutil.copytree(tiny_model(vace), folder)
    (folder / "text_encoder" / HEAVY).write_bytes(os.urandom(HEAVY_BYTES))
    parts = {path.name: path.name for path in (folder / "text_encoder").glob("*.safetensors")}
    (folder / "text_encoder" / "model.safetensors.index.json").write_text(json.dumps({"weight_map": parts}))
    return folder


@pytest.fixture
def hub(published: Path) -> Iterator[Hub]:
    with serve_hub() as running:
        running.repositories[REPOSITORY] = published
        yield running


@pytest.fixture
def client(hub: Hub, tmp_path: Path) -> Iterator[BlockingClient]:
    home = tmp_path / "home"
    (home / "loras").mkdir(parents=True)
    for name in ("ink", "ink.low", "grain"):
        (home / "loras" / f"{name}.safetensors").write_bytes(b"")
    daemon = DaemonProcess(home, models=models_toml(tmp_path / "models.toml", tiny=TABLE, asked=ASKED))
    daemon.environment |= {
        "HF_ENDPOINT": hub.address,
        "HF_HUB_CACHE": str(tmp_path / "cache"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_ETAG_TIMEOUT": "5",
    }
    with daemon, daemon.client() as session:
        session.call(m.Subscribe())
        yield session


def listed(client: BlockingClient) -> dict[str, ModelInfo]:
    return {model.name: model for model in client.call(m.ListModels()).models}


def change(client: BlockingClient, name: str, what: ModelChange, **more: bool) -> list[ModelInfo]:
    """Begins it and returns all that was told of the model until it is over."""
    told = [client.call(m.ChangeModel(name, what, **more)).model]
    for event in client.events(60):
        if isinstance(event, m.ModelChanged) and event.model.name == name:
            told.append(event.model)
            if told[-1].state not in BUSY:
                return told
    raise AssertionError(f"{what} of {name} did not end: {told[-1]}")


def test_a_model_is_fetched_verified_and_removed_and_each_step_is_told(client: BlockingClient, hub: Hub):
    before = listed(client)
    assert before["tiny"].state is ModelState.ABSENT and before["tiny"].shared_with == ("asked",)
    assert before["ltx-2"].licence.ask and not before["wan-vace-1.3b"].licence.ask
    reply = client.call(m.ListModels())
    assert reply.loras == ("grain", "ink") and reply.lora_folder.endswith("loras")

    told = change(client, "tiny", ModelChange.FETCH)
    fractions = [model.done_bytes for model in told if model.state is ModelState.FETCHING and model.total_bytes]
    assert fractions == sorted(fractions) and told[-2].total_bytes > HEAVY_BYTES
    assert told[-1].state is ModelState.HERE and told[-1].note == "Fetched" and told[-1].error is None
    assert (before["tiny"].commit, told[-1].commit) == ("", hub.commit)
    engines = {engine.name: engine for engine in client.call(m.ListEngines()).engines}
    assert engines["tiny"].available

    assert change(client, "tiny", ModelChange.RENEW)[-1].note == "Nothing newer is published"
    first, hub.commit = hub.commit, "f" * 40
    hub.older[first] = hub.repositories[REPOSITORY]
    assert change(client, "tiny", ModelChange.FETCH)[-1].commit == first
    told = change(client, "tiny", ModelChange.RENEW)
    assert (told[-1].commit, told[-1].note) == (hub.commit, "Fetched what is published now")

    told = change(client, "tiny", ModelChange.VERIFY)
    assert [model.state for model in told][:1] == [ModelState.VERIFYING]
    assert told[-1].note == "Every file is what the hub gave"
    assert told[-2].done_bytes == told[-2].total_bytes > HEAVY_BYTES
    assert change(client, "tiny", ModelChange.REMOVE)[-1].state is ModelState.ABSENT


def test_a_licence_is_accepted_once(client: BlockingClient):
    with pytest.raises(SecondUnitError, match="Odd Licence and is fetched once that is accepted"):
        client.call(m.ChangeModel("asked", ModelChange.FETCH))
    assert change(client, "asked", ModelChange.FETCH, accept_licence=True)[-1].state is ModelState.HERE
    assert not listed(client)["asked"].licence.ask
    assert change(client, "asked", ModelChange.REMOVE)[-1].state is ModelState.ABSENT
    assert change(client, "asked", ModelChange.FETCH)[-1].state is ModelState.HERE


def test_stopped_it_is_not_here_and_goes_on_where_it_was(client: BlockingClient, hub: Hub):
    hub.pause_at = 16 << 20
    client.call(m.ChangeModel("tiny", ModelChange.FETCH))
    for event in client.events(60):
        if isinstance(event, m.ModelChanged) and event.model.done_bytes >= PIECE:  # no other file is that large
            break
    stopped = change(client, "tiny", ModelChange.STOP)
    assert stopped[-1].state is ModelState.ABSENT and stopped[-1].error is None
    at_once = client.call(m.ChangeModel("tiny", ModelChange.VERIFY)).model  # while the download's process still ends
    assert at_once.state in (ModelState.WAITING, ModelState.VERIFYING)
    client.call(m.ChangeModel("tiny", ModelChange.STOP))
    assert all(event.model.error is None for event in client.events(2) if isinstance(event, m.ModelChanged))
    hub.resume()
    engines = {engine.name: engine for engine in client.call(m.ListEngines()).engines}
    assert "Fetch the rest: second-unit models pull tiny" in engines["tiny"].unavailable_reason
    assert change(client, "tiny", ModelChange.FETCH)[-1].state is ModelState.HERE
    starts = [int(asked.removeprefix("bytes=").partition("-")[0]) for asked in hub.ranges]
    assert starts and min(starts) >= PIECE


def test_one_waits_for_the_other_and_what_the_hub_refuses_is_told(client: BlockingClient, hub: Hub):
    hub.gated.add(REPOSITORY)
    first = client.call(m.ChangeModel("tiny", ModelChange.FETCH)).model
    second = client.call(m.ChangeModel("wan-t2v-1.3b", ModelChange.FETCH)).model
    assert (first.state, second.state) == (ModelState.FETCHING, ModelState.WAITING)
    with pytest.raises(SecondUnitError, match="Something else is being done with Tiny"):
        client.call(m.ChangeModel("tiny", ModelChange.REMOVE))
    ends = {}
    for event in client.events(60):
        if isinstance(event, m.ModelChanged) and event.model.error:
            ends[event.model.name] = event.model.error
            if len(ends) == 2:
                break
    assert "is given only to those who asked for it" in ends["tiny"].cause
    assert "The hub has no " in ends["wan-t2v-1.3b"].cause
    assert listed(client)["tiny"].error == ends["tiny"]


def test_what_makes_no_sense_is_refused(client: BlockingClient):
    with pytest.raises(SecondUnitError, match="There is no model named nothing"):
        client.call(m.ChangeModel("nothing", ModelChange.FETCH))
