# SPDX-License-Identifier: GPL-3.0-or-later
"""What all families share while they run: progress, previews, cancel, memory that runs out, LoRAs, speed, prompts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
import torch
from second_unit_daemon.engines.base import Cancelled, JobControl
from second_unit_daemon.engines.diffusion import loading, previews, running, speed, weights
from second_unit_daemon.executors.failures import error_of
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.shot import Lora

from tests.support.generating import Studio


@pytest.fixture(scope="module")
def shot(studio: Studio):
    return studio.shot()


@pytest.fixture(scope="module")
def made(studio, shot) -> bytes:
    return studio.take(shot).made()


def test_progress_goes_through_the_stages_step_by_step(studio, shot):
    stages = studio.take(shot).stages
    names = list(dict.fromkeys(name for name, _ in stages))
    assert names == ["preparing", "loading weights", "denoising", "decoding"]
    assert set(names) == set(studio.engine("tiny-vace").stages)
    assert [round(fraction, 3) for name, fraction in stages if name == "denoising"] == [0.0, 0.333, 0.667, 1.0]


def test_progress_of_windows_adds_up(studio):
    long = studio.shot("tiny-short", frames=13)
    fractions = [fraction for name, fraction in studio.take(long).stages if name == "denoising"]
    assert fractions == sorted(fractions) and fractions[0] == 0.0 and fractions[-1] == 1.0


def test_every_step_shows_a_picture(studio, shot):
    shown = studio.take(shot).previews
    assert len(shown) == 3 and all(p.shape == (8, 8, 3) and p.dtype == np.uint8 for p in shown)
    assert any(not np.array_equal(shown[0], later) for later in shown[1:])


def test_latents_become_a_picture_only_when_one_is_due(studio, shot, monkeypatch):
    due, turned, shown = iter((False, True, False)), [], []
    real = previews.unpacked
    monkeypatch.setattr(previews, "unpacked", lambda *given: turned.append(given) or real(*given))
    control = JobControl(lambda *_: None, lambda: None, lambda step, _: shown.append(step), None, lambda: next(due))
    list(studio.engine("tiny-vace").frames(studio.data(shot), control))
    assert shown == [1] and len(turned) == 1
    assert next(due, None) is None, "asked after every step"


class LinearVae:
    """Encodes the mean of 8 × 8 pixels by a matrix: what a good VAE nearly does to a flat patch."""

    config: ClassVar = {"scale_factor_spatial": 8}
    device, dtype = torch.device("cpu"), torch.float32

    def encode(self, pixels: torch.Tensor) -> SimpleNamespace:
        mix = torch.randn(16, 3, generator=torch.Generator().manual_seed(1))
        small = torch.nn.functional.avg_pool2d(pixels[:, :, 0], 8)
        latents = torch.einsum("kc,bchw->bkhw", mix, small)[:, :, None]
        return SimpleNamespace(latent_dist=SimpleNamespace(mode=lambda: latents))


def test_previews_have_the_pictures_own_colours():
    """The map is fitted on patches of its own; it holds for a picture that it has not seen."""
    vae = LinearVae()
    unseen = np.random.default_rng(5).uniform(0, 1, (6, 9, 3)).astype(np.float32)
    pixels = torch.from_numpy(np.kron(unseen, np.ones((8, 8, 1), np.float32)))
    latents = vae.encode(pixels.permute(2, 0, 1)[None, :, None] * 2 - 1).latent_dist.mode()[0]
    picture = previews.picture_of(latents, previews.fit_colours(vae), 0)
    assert np.abs(picture / 255 - unseen).max() < 0.02


@pytest.mark.parametrize("asked", [1, 25, 60])
def test_a_cancel_takes_effect_before_the_next_block_and_leaves_nothing_behind(studio, shot, made, asked):
    """``check`` is asked before every block of every network; the run ends where it raises."""
    from diffusers.models.transformers.transformer_wan import WanTransformerBlock

    calls, blocks = 0, []

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == asked:
            raise Cancelled

    real = WanTransformerBlock.forward
    WanTransformerBlock.forward = lambda self, *a, **k: (blocks.append(calls), real(self, *a, **k))[1]
    try:
        with pytest.raises(Cancelled):
            studio.take(shot, check=check)
    finally:
        WanTransformerBlock.forward = real
    assert calls == asked and all(count < asked for count in blocks), "no block ran after the cancel"
    assert studio.take(shot).made() == made, "the next run is as if nothing had happened"


def test_when_memory_runs_out_the_next_way_is_tried_once_from_the_same_noise(studio, shot, made, monkeypatch):
    real, attempts = running.run, []

    def short_of_memory(*arguments):
        attempts.append(arguments)
        if len(attempts) == 1:
            arguments[3].manual_seed(99)  # as if noise had been drawn
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return real(*arguments)

    monkeypatch.setattr(running, "run", short_of_memory)
    take = studio.take(shot)
    assert len(attempts) == 2
    assert take.facts["vae_tiling"] is True
    assert [note for note in take.notes if "Memory ran out" in note and "tiles" in note]
    assert take.made() == made


def test_when_it_runs_out_again_the_job_fails_for_memory(studio, shot, monkeypatch):
    def never_enough(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(running, "run", never_enough)
    with pytest.raises(torch.OutOfMemoryError) as raised:
        studio.take(shot)
    assert error_of(raised.value, "Wall").code is ErrorCode.OUT_OF_MEMORY


def test_the_pipeline_stays_warm_and_is_let_go_of_on_demand(studio, shot):
    studio.take(shot)
    warm = loading._resident
    in_a_row = studio.take(shot, seed=9)
    assert loading._resident is warm
    loading.release()
    assert loading._resident is None
    alone = studio.take(shot, seed=9)
    assert loading._resident is not warm
    assert alone.made() == in_a_row.made() != studio.take(shot).made(), "a seed's take is the same in a batch and alone"


def test_a_prompt_that_is_too_long_is_read_to_the_limit_and_that_is_said(studio):
    words = " ".join(["street"] * 600)
    take = studio.take(studio.shot(prompt=words))
    assert "The prompt is 601 tokens long; Tiny VACE read the first 512" in take.notes
    assert not any("tokens" in note for note in studio.take(studio.shot()).notes)


# --- LoRAs ---------------------------------------------------------------------------------------------------------


def write_lora(name: str, layer: str = "blocks.0.attn1.to_q", width: int = 48, prefix: str = "transformer.") -> None:
    from safetensors.torch import save_file

    weights.lora_folder().mkdir(parents=True, exist_ok=True)
    random = torch.Generator().manual_seed(3)
    down, up = (torch.randn(shape, generator=random) for shape in ((4, width), (width, 4)))
    names = {f"{prefix}{layer}.lora_A.weight": down, f"{prefix}{layer}.lora_B.weight": up}
    save_file(names, weights.lora_folder() / f"{name}.safetensors")


def test_a_lora_counts_by_its_strength(studio, shot, made):
    write_lora("film")
    none, half, whole = (studio.take(shot, loras=(Lora("film", s),)).made() for s in (0.0, 0.5, 1.0))
    assert none == made
    assert len({none, half, whole}) == 3
    assert studio.take(shot).made() == made, "the next job does not have it"


def test_two_experts_both_get_a_lora(studio):
    write_lora("film")
    shot = studio.shot("tiny-a14b")
    without = studio.take(shot).made()
    assert studio.take(shot, loras=(Lora("film"),)).made() != without
    assert all("lora_0" in part.peft_config for part in loading._resident.pipeline.components.values()
               if hasattr(part, "peft_config"))  # fmt: skip


@pytest.mark.parametrize(
    ("name", "made_with", "words"),
    [
        ("gone", None, "There is no LoRA gone in"),
        ("wide", {"width": 64}, "does not fit"),
        ("other", {"layer": "double_blocks.3.img_attn.q"}, "does not fit"),
        ("elsewhere", {"prefix": "unet."}, "does not fit"),
    ],
)
def test_a_lora_that_is_missing_or_does_not_fit_is_named(studio, shot, name, made_with, words):
    if made_with is not None:
        write_lora(name, **made_with)
    with pytest.raises(SecondUnitError) as refused:
        studio.take(shot, loras=(Lora(name),))
    assert words in refused.value.info.cause and name in refused.value.info.cause


# --- speed ---------------------------------------------------------------------------------------------------------


def test_the_first_block_cache_is_recorded_and_runs_alike_twice(studio):
    shot = studio.shot(options={"cache": True, "steps": 6})
    first, second = studio.take(shot), studio.take(shot)
    assert first.facts["cache"] is True and first.made() == second.made()
    plain = studio.take(shot, options={"steps": 6})
    assert "cache" not in plain.facts


def test_after_a_cancel_with_the_cache_on_the_next_run_is_right(studio):
    shot = studio.shot(options={"cache": True, "steps": 6})
    made = studio.take(shot).made()
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 120:
            raise Cancelled

    with pytest.raises(Cancelled):
        studio.take(shot, check=check)
    assert studio.take(shot).made() == made


def test_an_attention_back_end_that_is_not_there_is_said_and_torchs_own_is_used(studio, shot, made):
    take = studio.take(shot, options={"attention": "sage"})
    assert take.facts["attention"] == "native"
    assert any("attention back-end sage" in note for note in take.notes)
    assert take.made() == made


def test_blocks_that_torch_captures_make_the_same_frames(studio, shot, made, monkeypatch):
    """Run as captured: its C++, which was seen to make them too, takes minutes to compile."""
    real = torch.compile
    monkeypatch.setattr(torch, "compile", lambda call, **options: real(call, backend="eager", **options))
    loading.release()
    torch._dynamo.utils.counters.clear()
    take = studio.take(shot, options={"compile": True})
    loading.release()
    assert take.facts["compile"] is True
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] > 0
    assert take.made() == made


def test_without_a_compiler_the_model_runs_as_it_is_and_that_is_said(studio, shot, made, monkeypatch):
    monkeypatch.setattr(speed.shutil, "which", lambda name: None)
    loading.release()
    take = studio.take(shot, options={"compile": True})
    loading.release()
    assert take.facts["compile"] is False
    assert any("a C++ compiler is not installed" in note for note in take.notes)
    assert take.made() == made
