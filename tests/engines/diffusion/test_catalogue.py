# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry of models: lists, likeness, the hub's cache, and what is said where something is wrong."""

from __future__ import annotations

import json
import struct
import subprocess
import sys

import pytest
from attrs import fields
from second_unit_daemon.commands.models import app
from second_unit_daemon.engines import registry
from second_unit_daemon.engines.diffusion import catalogue, weights
from second_unit_daemon.engines.diffusion.memory import Placement
from second_unit_daemon.engines.diffusion.planning import SHARED_OPTIONS
from second_unit_daemon.engines.diffusion.spec import Shape
from second_unit_daemon.models.desk import ModelDesk
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.paths import home
from typer.testing import CliRunner

from blender_addon.packaging import ROOT
from tests.support.tiny_models import tiny_model
from tests.support.tiny_models.wan_vace import vace


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.delenv("SECOND_UNIT_MODELS", raising=False)
    (tmp_path / "home").mkdir()


def write(text: str) -> None:
    (home() / "models.toml").write_text(text, "utf-8")


def infos() -> dict:
    return {info.name: info for info in registry.infos()}


@pytest.mark.parametrize("name", catalogue.names())
def test_every_built_in_model_says_what_it_is(name):
    spec = catalogue.model(name)
    assert spec.label and spec.description and spec.licence.name and spec.repository.count("/") == 1
    assert spec.ran is False, "nobody of this project has run it; say so until somebody has"
    assert spec.weight_bytes > 0 and spec.frames.at_least(spec.window) == spec.window
    assert infos()[name].licence == spec.licence.name


def test_a_folder_becomes_a_model_with_two_lines(tmp_path):
    write("""[models.mine]\nlike = "wan-vace-1.3b"\nfolder = "my_folder"\n""")
    assert "There is no model in" in infos()["mine"].unavailable_reason
    (home() / "my_folder").symlink_to(tiny_model(vace))
    assert infos()["mine"].available
    spec = catalogue.model("mine")
    assert spec.repository == "" and spec.label == "Wan 2.1 VACE 1.3B"
    assert registry.create("mine").info.frame_rule == "4k+1"


def test_another_repository_is_found_in_the_hubs_cache(tmp_path):
    write("""[models.theirs]\nlike = "wan-vace-1.3b"\nrepository = "some-one/Their-VACE"\n""")
    assert "second-unit models pull theirs" in infos()["theirs"].unavailable_reason
    cached = tmp_path / "hub" / "models--some-one--Their-VACE"
    (cached / "snapshots").mkdir(parents=True)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("abc123")
    (cached / "snapshots" / "abc123").symlink_to(tiny_model(vace))
    assert infos()["theirs"].available
    write("""[models.theirs]\nlike = "wan-vace-1.3b"\nrepository = "some-one/Their-VACE"\nrevision = "def456"\n""")
    assert not infos()["theirs"].available, "a pinned revision is that one and no other"


def test_the_users_list_wins_and_can_say_one_thing_anew():
    write("""[models."wan-vace-1.3b"]\nlike = "wan-vace-14b"\nlabel = "Ours"\n""")
    spec = catalogue.model("wan-vace-1.3b")
    assert spec.label == "Ours" and spec.repository == "Wan-AI/Wan2.1-VACE-14B-diffusers"
    write("""[models."wan-vace-1.3b"]\nlike = "wan-vace-1.3b"\nlabel = "Ours again"\n""")
    assert catalogue.model("wan-vace-1.3b").label == "Ours again"
    assert catalogue.model("wan-vace-14b").label == "Wan 2.1 VACE 14B", "built-in models stay as they are"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[models.x]\nlike = "nothing"', "is not there"),
        ('[models.x]\nlike = "y"\n[models.y]\nlike = "x"', "which is like it"),
        ('[models.x]\nlike = "wan-vace-1.3b"\nrevison = "a"', "no setting revison"),
        ('[models.x]\nlike = "wan-vace-1.3b"\nwindow = "long"', "'long' is not int"),
        (
            '[models.x]\nlike = "wan-vace-1.3b"\nframes = "4k-1"',
            "wrongly: frames: '4k-1' is no rule for frames, such as",
        ),
        ('[models.x]\nlike = "wan-vace-1.3b"\nfamily = "sora"', "There is no model family sora"),
        ("[models.x]\nlabel = 'x'", "wrongly: family is missing; licence is missing; parameters is missing;"),
        (
            '[models.x]\nlike = "sdxl"\nlicence = { nam = "y" }',
            "licence.name is missing; licence: there is no nam in it.",
        ),
        ('[models.x]\nlike = "sdxl"\n[models.x.also.vae]\nrepository = "a/b"\nfile = "vae.ckpt"', "vae.ckpt"),
    ],
)
def test_a_model_that_is_described_wrongly_is_named_and_hurts_no_other(text, words):
    write(text)
    found = infos()
    assert words in found["x"].unavailable_reason and not found["x"].available
    assert found["projection"].available and "wan-vace-14b" in found


def test_models_that_are_described_rightly_are_listed_beside_a_wrong_one():
    write("""[models.twin]\nlike = "wan-vace-1.3b"\n[models.bad]\nlike = "wan-vace-1.3b"\ngguf.vae = "x.gguf"\n""")
    told, _, _ = ModelDesk().listed()
    assert {"twin", "wan-vace-1.3b"} <= {model.name for model in told} and "bad" not in {model.name for model in told}
    assert next(model for model in told if model.name == "wan-vace-1.3b").shared_with == ("twin",)
    listed = CliRunner().invoke(app, ["list", "--json"])
    assert listed.exit_code == 0 and "The model bad in" in listed.stderr
    assert not any(row["ran"] for row in json.loads(listed.stdout))
    assert (
        "Never run with their real weights by those who make Second Unit: all"
        in CliRunner().invoke(app, ["list"]).stdout
    )
    assert "twin" in {row["name"] for row in json.loads(listed.stdout)}


def test_a_model_that_is_distilled_already_takes_over_no_few_step_lora():
    assert catalogue.model("ltx-2").draft_lora and catalogue.model("ltx-2-distilled").draft_lora is None
    write("""[models.mine]\nlike = "ltx-2-distilled"\nfolder = "x"\n""")
    assert catalogue.model("mine").draft_lora is None


def test_a_list_that_is_no_toml_hurts_no_other_engine():
    write("[models.x\n")
    found = infos()
    assert found["projection"].available
    assert (
        "models.toml" in found["models"].unavailable_reason and "cannot be read" in found["models"].unavailable_reason
    )


def test_an_engine_that_does_not_exist_is_told_in_a_short_sentence():
    with pytest.raises(SecondUnitError) as refused:
        registry.create("wan-vace-2b")
    assert refused.value.code is ErrorCode.NO_SUCH_ENGINE
    assert refused.value.info.cause == "This daemon knows no engine named wan-vace-2b"
    assert "second-unit engines" in refused.value.info.remedy


def test_without_torch_a_model_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(weights, "installed", lambda name: "" if name == "torch" else "1")
    assert "torch is not installed: uv pip install --torch-backend=auto" in infos()["wan-vace-1.3b"].unavailable_reason


def test_parameters_are_counted_from_safetensors_headers_alone(tmp_path):
    header = json.dumps({"a": {"dtype": "F32", "shape": [3, 5], "data_offsets": [0, 60]}, "__metadata__": {}}).encode()
    (tmp_path / "x.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    assert weights.counted(tmp_path) == 15


def test_planning_with_a_model_loads_nothing_heavy():
    write("""[models.mine]\nlike = "wan-vace-1.3b"\nfolder = "x"\n""")
    code = (
        "import sys; from second_unit_daemon.engines import registry; registry.infos(); "
        "from second_unit_protocol.results import PlanRequest, DeviceInfo, Input; "
        "from second_unit_protocol.grid import Rate, SceneRange; "
        "r = PlanRequest('mine', SceneRange(1, 9, Rate(24)), 640, 360, tuple(Input)); "
        "registry.create('mine').plan(r, DeviceInfo('x', 'cpu', 1, 1)); "
        "print([m for m in ('numpy', 'cv2', 'numba', 'torch', 'diffusers', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_page_about_engines_says_where_every_built_in_model_comes_from():
    page = (ROOT / "docs" / "engines.md").read_text("utf-8")
    for spec in map(catalogue.model, catalogue.names()):
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{spec.name}` | {spec.repository}")]
        assert spec.revision in row
        elsewhere = {part.repository for part in spec.also.values()} | {part.config for part in spec.also.values()}
        elsewhere |= {spec.preview.repository} if spec.preview else set()
        elsewhere |= {spec.draft_lora.repository} if spec.draft_lora else set()
        assert all(repository in row for repository in elsewhere), spec.name


def test_the_page_about_models_has_every_word_and_every_shared_option():
    page = (ROOT / "docs" / "models.md").read_text("utf-8")
    for word in (*catalogue.LISTED, "like", *(f.name for f in fields(Shape))):
        assert f"`{word}`" in page, word
    for option in SHARED_OPTIONS:
        assert f"| `{option.name}` |" in page, option.name
    for placement in Placement:
        assert f"| `{placement.value}` |" in page
