# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights kept in ways that need less of a card: each really loaded and run, with the processor in the card's place."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from second_unit_daemon.engines.diffusion import catalogue, hub, loading, memory, weights
from second_unit_daemon.engines.diffusion.memory import Load, Placement
from second_unit_daemon.engines.diffusion.runners import packed
from second_unit_daemon.versions import installed
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.shot import Lora

from tests.engines.diffusion.test_running import write_lora
from tests.support.generating import Studio, Take
from tests.support.tiny_models import models_toml, tiny_model
from tests.support.tiny_models.gguf_file import LTX2, write_gguf
from tests.support.tiny_models.ltx2 import ltx2
from tests.support.tiny_models.wan_vace import table, vace_wide

needs_gguf = pytest.mark.skipif(not installed("gguf"), reason="the package gguf is not installed")
needs_torchao = pytest.mark.skipif(not installed("torchao"), reason="the package torchao is not installed")
ROUNDING = 0.005  # levels of 255, on average: sums over weights that lie elsewhere in memory round their last bit apart
LORA = 0.02  # and more: a LoRA was there


@pytest.fixture(scope="module")
def wide(tmp_path_factory) -> Studio:
    """A model whole, and the same with its transformer from GGUF files."""
    folder, model = tmp_path_factory.mktemp("bits"), tiny_model(vace_wide)
    listed = {"wide": table(model, steps=2)}
    for kind in ("F32", "Q8_0", "Q4_0") if installed("gguf") else ():
        write_gguf(model, folder / f"{kind}.gguf", kind)
        listed[f"wide_{kind[:2].lower()}"] = f'like = "wide"\ngguf.transformer = "{kind}.gguf"\n'
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECOND_UNIT_MODELS", str(models_toml(folder / "models.toml", **listed)))
        patch.setenv("SECOND_UNIT_HOME", str(folder / "home"))
        yield Studio(folder)
    loading.release()


@pytest.fixture(scope="module")
def whole(wide: Studio) -> Take:
    return wide.take(wide.shot("wide"))


def apart(one: Take, other: Take) -> float:
    """Mean difference in levels of 255."""
    pair = [np.frombuffer(take.made(), np.uint8).astype(float) for take in (one, other)]
    return float(np.abs(pair[0] - pair[1]).mean())


def placed(wide: Studio, monkeypatch, placement: Placement, **changes) -> Take:
    monkeypatch.setattr(
        memory, "ladder", lambda spec, load, dtype, kind: [memory.need(spec, load, placement, False, dtype)]
    )
    return wide.take(wide.shot("wide"), **changes)


@pytest.mark.parametrize("placement", [Placement.OFFLOAD, Placement.CAST, Placement.GROUPS])
def test_every_placement_makes_the_same_picture_as_far_as_its_bits_go(wide, whole, monkeypatch, placement):
    take = placed(wide, monkeypatch, placement)
    assert take.facts["placement"] == placement.value
    difference = apart(take, whole)
    assert ROUNDING < difference < 2.0 if placement is Placement.CAST else difference < ROUNDING


@needs_torchao
def test_torchaos_8_bits_are_nearer_to_the_whole_than_cast_ones_and_take_loras(wide, whole, monkeypatch):
    int8, cast = (placed(wide, monkeypatch, placement) for placement in (Placement.INT8, Placement.CAST))
    assert ROUNDING < apart(int8, whole) < 0.5 * apart(cast, whole)
    write_lora("film", width=64)
    assert apart(placed(wide, monkeypatch, Placement.INT8, loras=(Lora("film"),)), int8) > LORA


# --- GGUF ----------------------------------------------------------------------------------------------------------


@needs_gguf
def test_a_gguf_file_with_wans_own_names_is_the_transformer(wide, whole):
    exact, eight, four = (wide.take(wide.shot(f"wide-{kind}")) for kind in ("f3", "q8", "q4"))
    assert apart(exact, whole) < ROUNDING, "32 bits in the file are the very weights"
    assert ROUNDING < apart(eight, whole) < 0.5 * apart(four, whole)
    assert four.facts["gguf.transformer"] == "Q4_0.gguf"
    assert "gguf.transformer" not in whole.facts


@needs_gguf
def test_a_gguf_file_is_counted_by_its_size_and_rounded_no_further(wide):
    spec = catalogue.model("wide-q4")
    assert spec.component_bytes("transformer") == spec.gguf["transformer"].stat().st_size
    ways = {way.placement for way in memory.ladder(spec, Load(64, 64, 5), "bfloat16", "cuda")}
    assert Placement.FULL in ways and not ways & {Placement.INT8, Placement.CAST, Placement.NF4}


@needs_gguf
def test_a_gguf_file_of_ltx_2_is_read_and_its_tables_are_unpacked(tmp_path):
    """Its scale_shift_tables are no layers, which alone compute with packed weights."""
    model = tiny_model(ltx2)
    write_gguf(model, tmp_path / "ltx.gguf", "Q8_0", names=LTX2)
    spec = SimpleNamespace(gguf={"transformer": tmp_path / "ltx.gguf"}, label="LTX-2", source="models.toml")
    read = packed(spec, model, {"dtype": {"default": torch.float32}})["transformer"].state_dict()
    whole = load_file(model / "transformer" / "diffusion_pytorch_model.safetensors")
    assert set(read) == set(whole)
    tables = [name for name in whole if name.endswith("scale_shift_table")]
    assert len(tables) > 4
    for name in tables:
        assert read[name].shape == whole[name].shape and torch.allclose(read[name], whole[name], atol=0.02)
    assert read["transformer_blocks.0.attn1.to_q.weight"].dtype == torch.uint8, "layers stay packed"


@needs_gguf
def test_its_weights_come_and_go_and_take_loras(wide, monkeypatch):
    four = wide.take(wide.shot("wide-q4"))
    write_lora("film", width=64)
    with monkeypatch.context() as patch:
        patch.setattr(
            memory, "ladder", lambda s, load, dtype, _: [memory.need(s, load, Placement.GROUPS, False, dtype)]
        )
        assert apart(wide.take(wide.shot("wide-q4")), four) < ROUNDING
        assert apart(wide.take(wide.shot("wide-q4"), loras=(Lora("film"),)), four) > LORA


@needs_gguf
def test_another_file_under_the_same_name_is_read_anew(wide, tmp_path):
    path = catalogue.model("wide-q4").gguf["transformer"]
    before, kept = wide.take(wide.shot("wide-q4"), keep=tmp_path).made(), path.read_bytes()
    try:
        write_gguf(tiny_model(vace_wide), path, "Q8_0")
        assert wide.take(wide.shot("wide-q4"), keep=tmp_path).made() != before
    finally:
        path.write_bytes(kept)


@needs_gguf
@pytest.mark.parametrize("fault", ["half", "lacks", "words"])
def test_a_file_that_is_no_such_transformer_is_named_with_its_setting(wide, fault):
    path = catalogue.model("wide-q4").gguf["transformer"]
    kept = path.read_bytes()
    try:
        if fault == "half":
            path.write_bytes(kept[: len(kept) // 2])
        elif fault == "words":
            path.write_bytes(b"this is no model")
        else:
            write_gguf(tiny_model(vace_wide), path, "Q4_0", leave_out="blocks.1.self_attn.q.weight")
        with pytest.raises(SecondUnitError) as refused:
            wide.take(wide.shot("wide-q4"))
    finally:
        path.write_bytes(kept)
    said = refused.value.info
    assert "Q4_0.gguf cannot be read as the transformer of" in said.cause and "gguf.transformer" in said.remedy
    assert fault != "lacks" or "weights that the transformer needs are not in it" in said.cause


def described(tmp_path: Path, monkeypatch, line: str, folder: Path) -> str:
    """Why a model with this line cannot be used."""
    text = f"[models.mine]\nlike = 'wan-vace-1.3b'\nfolder = '{folder}'\n{line}\n"
    (tmp_path / "list.toml").write_text(text)
    monkeypatch.setenv("SECOND_UNIT_MODELS", str(tmp_path / "list.toml"))
    return weights.unavailable(catalogue.model("mine"))


def test_without_the_package_or_the_file_it_says_what_to_do(tmp_path, monkeypatch):
    line, model = 'gguf.transformer = "there.gguf"', tiny_model(vace_wide)
    real = weights.installed
    monkeypatch.setattr(weights, "installed", lambda name: "" if name == "gguf" else real(name))
    assert "gguf, which reads there.gguf, is not installed: pip install gguf" in described(
        tmp_path, monkeypatch, line, model
    )
    monkeypatch.setattr(weights, "installed", lambda name: real(name) or "0.19")
    assert f"There is no file {tmp_path / 'there.gguf'}. Correct gguf.transformer in" in described(
        tmp_path, monkeypatch, line, model
    )
    (tmp_path / "there.gguf").write_bytes(b"GGUF")
    assert described(tmp_path, monkeypatch, line, model) == ""
    for wrong in ('gguf.vae = "there.gguf"', 'gguf.transformer = "there.safetensors"'):
        with pytest.raises(SecondUnitError, match=r"gguf names a \.gguf file for a transformer"):
            described(tmp_path, monkeypatch, wrong, model)


def test_weights_that_a_file_has_are_not_fetched(tmp_path, monkeypatch):
    (tmp_path / "index.json").write_text(json.dumps({"transformer": ["diffusers", "X"], "vae": ["diffusers", "Y"]}))
    monkeypatch.setattr("huggingface_hub.hf_hub_download", lambda *_, **__: str(tmp_path / "index.json"))
    sizes = dict.fromkeys(("model_index.json", "vae/x.safetensors", "vae/config.json", "transformer/config.json"), 1)
    sizes |= dict.fromkeys(("transformer/x.safetensors", "transformer/x.safetensors.index.json"), 1)
    (tmp_path / "list.toml").write_text(
        "[models.mine]\nlike = 'wan-vace-1.3b'\nparameters = { transformer = 1, vae = 1 }\n"
        "gguf.transformer = 'there.gguf'\n"
    )
    monkeypatch.setenv("SECOND_UNIT_MODELS", str(tmp_path / "list.toml"))
    wanted = hub._of_model(catalogue.model("mine"), lambda repository, revision: ("c" * 40, sizes))
    assert set(sizes) - set(wanted.sizes) == {"transformer/x.safetensors", "transformer/x.safetensors.index.json"}
