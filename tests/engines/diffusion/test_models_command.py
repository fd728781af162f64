# SPDX-License-Identifier: GPL-3.0-or-later
"""``second-unit models`` against a hub on loopback: what is fetched and what never is, licences, damage, no network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import evolve
from second_unit_daemon import devices
from second_unit_daemon.engines import registry
from second_unit_daemon.engines.diffusion import catalogue
from second_unit_daemon.engines.diffusion import hub as hub_of
from second_unit_daemon.engines.diffusion.planning import decide
from second_unit_daemon.engines.diffusion.weights import commit_of, lora_path, place_of, unavailable
from second_unit_daemon.jobs.admission import plan_request_of
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.shot import Quality

from tests.support.hub import COMMIT, Hub, serve_hub
from tests.support.shots import wall_shot
from tests.support.tiny_models import models_toml, tiny_model
from tests.support.tiny_models.wan_vace import vace

REPOSITORY = "someone/tiny-vace"
TABLE = f'like = "wan-vace-1.3b"\nlabel = "Tiny"\nrepository = "{REPOSITORY}"\n'
WITH_PREVIEW = TABLE + 'preview = { repository = "someone/nowhere" }\n'  # the model is fetched without it
ASKED = (
    TABLE + 'licence = { name = "Odd Licence", url = "https://example.org/odd", accept = true, note = "Be kind." }\n'
)
DRAFTING = (
    TABLE + 'draft_lora = { name = "few", repository = "someone/loras", file = "small/few.safetensors", '
    "effort = { steps = 2, guidance = 1.0 } }\n"
)

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """A tiny model as its maker published it, with what must stay on the hub: a pickle, code, a half-size variant."""
    folder = tmp_path_factory.mktemp("published") / "tiny"
    shutil.copytree(tiny_model(vace), folder)
    (folder / "transformer" / "diffusion_pytorch_model.bin").write_bytes(b"pickle" * 100)
    (folder / "transformer" / "modeling.py").write_text("raise SystemExit('ran')")
    (folder / "vae" / "diffusion_pytorch_model.fp16.safetensors").write_bytes(b"half" * 100)
    (folder / "model.safetensors").write_bytes(b"all of it once more" * 100)
    (folder / "assets").mkdir()
    (folder / "assets" / "teaser.json").write_text("{}")
    return folder


@pytest.fixture
def hub(published: Path) -> Iterator[Hub]:
    with serve_hub() as running:
        running.repositories[REPOSITORY] = published
        yield running


@pytest.fixture
def command(hub: Hub, tmp_path: Path) -> Command:
    listed = models_toml(tmp_path / "models.toml", tiny=WITH_PREVIEW, asked=ASKED, drafting=DRAFTING)
    environment = os.environ | {
        "HF_ENDPOINT": hub.address,
        "HF_HUB_CACHE": str(tmp_path / "cache"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_ETAG_TIMEOUT": "5",
        "SECOND_UNIT_HOME": str(tmp_path / "home"),
        "SECOND_UNIT_MODELS": str(listed),
    }

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "second_unit_daemon.cli", "models", *words]
        return subprocess.run(
            command, env=environment | more, capture_output=True, text=True, timeout=120, check=False, input=""
        )

    return run


def here(command: Command) -> dict[str, bool]:
    return {row["name"]: row["here"] for row in json.loads(command("list", "--json").stdout)}


def test_a_model_is_fetched_whole_and_nothing_else_is(command: Command, hub: Hub, published: Path, tmp_path: Path):
    assert here(command)["tiny"] is False
    done = command("pull", "tiny")
    assert done.returncode == 0, done.stderr
    assert "Tiny is here" in done.stdout and here(command)["tiny"] is True
    place = next((tmp_path / "cache").glob("models--*/snapshots/*"))
    fetched = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    theirs = {path.relative_to(published).as_posix() for path in published.rglob("*") if path.is_file()}
    assert theirs - fetched == {
        "transformer/diffusion_pytorch_model.bin",
        "transformer/modeling.py",
        "vae/diffusion_pytorch_model.fp16.safetensors",
        "model.safetensors",
        "assets/teaser.json",
    }
    assert all((place / name).read_bytes() == (published / name).read_bytes() for name in fetched)

    hub.asked.clear()
    again = command("pull", "tiny")
    assert again.returncode == 0 and "0.00 GB to fetch" in again.stdout
    assert not [name for name in hub.asked if name.endswith(".safetensors")]


def test_what_was_fetched_is_what_is_loaded_until_the_newest_is_asked_for(
    command: Command, hub: Hub, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The branch moves on, and another program that shares the cache moves with it."""
    assert command("pull", "tiny").returncode == 0
    cache = tmp_path / "cache" / "models--someone--tiny-vace"
    assert (cache / "refs" / "main").read_text() == COMMIT, "other programs find it too"
    hub.older[COMMIT], hub.commit = published, "f" * 40
    hub.repositories[REPOSITORY] = shutil.copytree(published, tmp_path / "newer")
    (tmp_path / "newer" / "vae" / "config.json").write_text("{}")
    (cache / "refs" / "main").write_text(hub.commit)
    shutil.copytree(tmp_path / "newer", cache / "snapshots" / hub.commit)

    fetched = cache / "snapshots" / COMMIT
    (fetched / "vae" / "config.json").unlink()
    again = command("pull", "tiny")
    assert again.returncode == 0, again.stderr
    assert (fetched / "vae" / "config.json").read_bytes() == (published / "vae" / "config.json").read_bytes()
    for name, value in (("HF_HUB_CACHE", tmp_path / "cache"), ("SECOND_UNIT_HOME", tmp_path / "home")):
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("SECOND_UNIT_MODELS", str(tmp_path / "models.toml"))
    spec = catalogue.model("tiny")
    assert place_of(spec) == fetched
    engine = registry.create("tiny")
    decision = decide(spec, engine.family, plan_request_of(wall_shot(5, 64, 64, engine="tiny").request), devices.cpu())
    assert decision.facts()["revision"] == COMMIT

    hub.older.clear()
    lost = command("pull", "tiny")
    assert lost.returncode == 1 and "no longer has the commit 0123456" in lost.stderr and "--newest" in lost.stderr
    assert command("pull", "tiny", "--newest").returncode == 0
    assert commit_of(spec) == hub.commit and place_of(spec) == cache / "snapshots" / hub.commit


def test_a_download_that_was_cut_off_goes_on_where_it_was(command: Command, hub: Hub, published: Path):
    heavy = published / "text_encoder" / "model-00002-of-00002.safetensors"
    heavy.write_bytes(os.urandom(24 << 20))  # the library writes 10 MB at a time
    try:
        hub.cut_at = 22 << 20
        hub.down_after = 1  # whatever the library tries again by itself
        first = command("pull", "tiny")
        hub.cut_at = hub.down_after = None
        assert first.returncode and "try again" in first.stderr and "Traceback" not in first.stderr
        assert command("pull", "tiny").returncode == 0
        starts = [int(asked.removeprefix("bytes=").partition("-")[0]) for asked in hub.ranges]
        assert starts and min(starts) >= 10_000_000
        assert command("verify", "tiny").returncode == 0
    finally:
        heavy.unlink()


def test_the_few_step_lora_comes_with_its_model_and_drafts_use_it(
    command: Command, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    loras = tmp_path / "loras"
    (loras / "small").mkdir(parents=True)
    (loras / "small" / "few.safetensors").write_bytes(b"weights")
    (loras / "other.safetensors").write_bytes(b"not asked for")
    hub.repositories["someone/loras"] = loras
    for name, value in (("HF_HUB_CACHE", tmp_path / "cache"), ("SECOND_UNIT_HOME", tmp_path / "home")):
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("SECOND_UNIT_MODELS", str(tmp_path / "models.toml"))
    request = evolve(plan_request_of(wall_shot(5, 64, 64, engine="drafting").request), quality=Quality.DRAFT)
    engine = registry.create("drafting")
    before = engine.plan(request, devices.cpu()).warnings
    assert any("4 steps" not in told and "2 steps instead of 15 with the LoRA few: fetch it" in told for told in before)
    assert command("pull", "drafting").returncode == 0
    assert not any("with the LoRA few" in told for told in engine.plan(request, devices.cpu()).warnings)
    decision = decide(engine.spec, engine.family, request, devices.cpu())
    assert decision.draft_lora and decision.effort.steps == 2
    assert lora_path("few", engine.spec.draft_lora).read_bytes() == b"weights"
    assert not list((tmp_path / "cache").glob("**/other.safetensors"))
    assert command("remove", "drafting", "--yes").returncode == 0
    assert not list((tmp_path / "cache").glob("models--someone--loras"))


def test_damage_is_found_without_the_network_and_mended_by_fetching_anew(command: Command, tmp_path: Path):
    assert command("pull", "tiny").returncode == 0
    assert "every file is what the hub gave" in command("verify", "tiny", HF_HUB_OFFLINE="1").stdout
    weights = next((tmp_path / "cache").glob("models--*/snapshots/*/vae/*.safetensors")).resolve()
    aside = weights.rename(weights.with_name("aside"))
    cut_off = command("verify", "tiny", HF_HUB_OFFLINE="1")
    assert cut_off.returncode == 1 and "not all of it. Fetch the rest: second-unit models pull tiny" in cut_off.stderr
    aside.rename(weights)
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    found = command("verify", "tiny", HF_HUB_OFFLINE="1")
    assert found.returncode == 1 and "vae" in found.stderr and "1 files are not" in found.stderr
    assert command("remove", "tiny", "--yes").returncode == 0 and here(command)["tiny"] is False
    again = command("remove", "tiny")
    assert again.returncode == 0 and "is not in the hub's cache" in again.stdout, (
        "asked about weights that are not there"
    )
    assert command("pull", "tiny").returncode == 0 and command("verify", "tiny").returncode == 0


def test_a_licence_with_conditions_is_shown_and_asked_for_once(command: Command):
    asked = command("pull", "asked")
    assert asked.returncode == 1 and here(command)["asked"] is False
    assert "Odd Licence" in asked.stdout and "Be kind." in asked.stdout and "https://example.org/odd" in asked.stdout
    assert command("pull", "asked", "--accept-licence").returncode == 0
    again = command("pull", "asked")
    assert again.returncode == 0 and "Odd Licence" not in again.stdout


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda hub: hub.gated.add(REPOSITORY), "is given only to those who asked for it"),
        (lambda hub: hub.repositories.clear(), f"The hub has no {REPOSITORY}"),
    ],
)
def test_what_the_hub_refuses_is_one_sentence(command: Command, hub: Hub, change, says):
    change(hub)
    refused = command("pull", "tiny")
    assert refused.returncode == 1 and says in refused.stderr and "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"HF_HUB_OFFLINE": "1"}, "Unset HF_HUB_OFFLINE"),
        ({"HF_ENDPOINT": "http://127.0.0.1:9"}, "The hub cannot be reached"),
    ],
)
def test_without_a_network_it_says_so(command: Command, more, says):
    refused = command("pull", "tiny", **more)
    assert refused.returncode == 1 and says in refused.stderr, refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("words", [("pull", "nothing"), ("verify", "nothing"), ("remove", "nothing", "--yes")])
def test_a_name_that_does_not_exist_is_one_sentence(command: Command, words):
    refused = command(*words)
    assert refused.returncode == 1 and "There is no model named nothing. second-unit models list" in refused.stderr


def test_a_mistyped_name_is_answered_with_the_nearest(command: Command):
    assert "Did you mean tiny?" in command("verify", "tinny").stderr


def test_a_folder_of_the_users_is_told_apart_from_what_the_hub_gave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    listed = models_toml(tmp_path / "models.toml", mine=f'like = "wan-vace-1.3b"\nfolder = "{tmp_path.as_posix()}"')
    monkeypatch.setenv("SECOND_UNIT_MODELS", str(listed))
    spec = catalogue.model("mine")
    for change in (hub_of.wanted, hub_of.damaged, hub_of.remove):
        with pytest.raises(SecondUnitError, match="a folder of yours, which is left alone"):
            change(spec)
    assert listed.is_file()
    models_toml(listed, mine=f'like = "wan-vace-14b"\nfolder = "{tmp_path.as_posix()}"')
    request = evolve(plan_request_of(wall_shot(5, 64, 64, engine="mine").request), quality=Quality.DRAFT)
    told = registry.create("mine").plan(request, devices.cpu()).warnings
    assert any("put it into" in words for words in told) and not any("models pull" in words for words in told)
    (tmp_path / "model_index.json").write_text("{}")
    models_toml(listed, mine=f'like = "z-image-turbo"\nfolder = "{tmp_path.as_posix()}"')
    assert f"as well. Put it into {tmp_path}" in unavailable(catalogue.model("mine"))


def test_what_is_not_here_cannot_be_verified(command: Command):
    refused = command("verify", "tiny")
    assert refused.returncode == 1 and "second-unit models pull tiny" in refused.stderr
