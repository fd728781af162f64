# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiny models in a registry of their own, and shots that fit their plans."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from tests.support.generating import Studio
from tests.support.tiny_models import models_toml, tiny_model
from tests.support.tiny_models.cogvideox import cogvideox
from tests.support.tiny_models.cosmos3 import cosmos3
from tests.support.tiny_models.cosmos_transfer import cosmos_transfer
from tests.support.tiny_models.easyanimate import easyanimate
from tests.support.tiny_models.ltx2 import ltx2
from tests.support.tiny_models.lucy import lucy
from tests.support.tiny_models.sana_wm import sana_wm
from tests.support.tiny_models.sdxl import sdxl
from tests.support.tiny_models.skyreels import skyreels
from tests.support.tiny_models.tables import table_of
from tests.support.tiny_models.wan import table as wan_table
from tests.support.tiny_models.wan import wan_image, wan_text, wan_text_image
from tests.support.tiny_models.wan_vace import table, vace, vace_a14b
from tests.support.tiny_models.z_image import z_image

torch.set_num_threads(1)  # threads that wait for each other over tiny matrices cost a busy machine minutes

RATE = "rate = 16\n"
TIER = "prompt_tokens = 512\ndefaults = { tier = 256 }"
LTX2 = 'rate = 16\ndefaults = { depth_lora = "tiny-ic-lora", stg_block = 1, cross_timestep = false }'
LTX2_DISTILLED = 'rate = 16\ndefaults = { depth_lora = "tiny-ic-lora", two_stages = true }'


@pytest.fixture(scope="session")
def tiny_list(tmp_path_factory):
    """A list of models with every tiny one that these tests use."""
    return models_toml(
        tmp_path_factory.mktemp("models") / "models.toml",
        tiny_vace=table(tiny_model(vace)),
        tiny_short='like = "tiny-vace"\nwindow = 9\n',
        tiny_text=wan_table(tiny_model(wan_text), "wan-t2v-1.3b", "Tiny text"),
        tiny_image=wan_table(tiny_model(wan_image), "wan-i2v-a14b", "Tiny image", steps=4, experts=2),
        tiny_text_image=wan_table(tiny_model(wan_text_image), "wan-ti2v-5b", "Tiny text and image"),
        tiny_a14b=table(tiny_model(vace_a14b), "Tiny A14B", steps=4, experts=2),
        tiny_ltx2=table_of("ltx-2", tiny_model(ltx2), LTX2),
        tiny_ltx2_distilled=table_of("ltx-2-distilled", tiny_model(ltx2), LTX2_DISTILLED, steps=2, guidance=1.0),
        tiny_z_image=table_of("z-image-turbo", tiny_model(z_image)),
        tiny_sdxl=table_of("sdxl", tiny_model(sdxl)),
        tiny_lucy=table_of("lucy-edit", tiny_model(lucy), RATE),
        tiny_easyanimate=table_of("easyanimate-camera", tiny_model(easyanimate), RATE),
        tiny_cosmos_transfer=table_of("cosmos-transfer-2.5", tiny_model(cosmos_transfer), RATE + "window = 5"),
        tiny_cosmos3=table_of("cosmos3-nano", tiny_model(cosmos3), RATE + TIER),
        tiny_skyreels=table_of("skyreels-df-1.3b", tiny_model(skyreels), RATE),
        tiny_skyreels_short='like = "tiny-skyreels"\nwindow = 13\n',
        tiny_cogvideox=table_of("cogvideox-fun-2b", tiny_model(cogvideox), RATE),
        tiny_sana=table_of("sana-wm", tiny_model(sana_wm), "size = [64, 64]"),
    )


@pytest.fixture(scope="module")
def studio(tiny_list, tmp_path_factory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("studio")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECOND_UNIT_MODELS", str(tiny_list))
        patch.setenv("SECOND_UNIT_HOME", str(folder / "home"))
        yield Studio(folder)
