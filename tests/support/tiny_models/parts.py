# SPDX-License-Identifier: GPL-3.0-or-later
"""Components that several families share: a word-level tokenizer, text encoders, VAEs, schedulers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

TEXT = """a wet street at night rain wall red green blue blurred film noise camera house tree person walks in the of
style noir bright dark sun sea stone bad ugly change"""
WORDS = TEXT.split()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Random weights that are the same every time, without touching the test's own random numbers."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def word_tokenizer(length: int = 512) -> Any:
    """Splits at spaces; words it has not seen share one token."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {"<pad>": 0, "</s>": 1, "<unk>": 2} | {word: n + 3 for n, word in enumerate(WORDS)}
    inner = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    inner.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=length
    )


def umt5(width: int = 32) -> Any:
    from transformers import UMT5Config, UMT5EncoderModel

    config = UMT5Config(
        vocab_size=len(WORDS) + 3, d_model=width, d_kv=8, d_ff=64, num_layers=2, num_heads=4, dropout_rate=0.0
    )
    return UMT5EncoderModel(config).eval()


def wan_vae(channels: int = 16, **changes: Any) -> Any:
    """16 latent channels, 8 × 8 pixels and 4 frames to a latent, as the real one, but narrow."""
    from diffusers import AutoencoderKLWan

    config: dict[str, Any] = {"base_dim": 8, "z_dim": channels, "dim_mult": [1, 1, 1, 1], "num_res_blocks": 1}
    return AutoencoderKLWan(**(config | changes)).eval()


def unipc() -> Any:
    """The scheduler that Wan's repositories come with."""
    from diffusers import UniPCMultistepScheduler

    return UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, num_train_timesteps=1000, flow_shift=3.0
    )


def louder(modules: Any, factor: float) -> None:
    """Scales linear layers up: randomly initialised side branches are nearly silent, and tests must hear them."""
    with torch.no_grad():
        for module in modules:
            module.weight.mul_(factor)
