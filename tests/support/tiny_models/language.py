# SPDX-License-Identifier: GPL-3.0-or-later
"""Text sides of tiny models: tokenizers with chat, language models of two layers."""

from __future__ import annotations

from typing import Any

import torch

from .parts import WORDS, word_tokenizer

VOCABULARY = len(WORDS) + 3
WIDTH, LAYERS = 32, 2
PAD, END = 0, 1  # the word tokenizer's
CHAT = (
    "{% for m in messages %}{% if m.content is string %}{{ m.content }}"
    "{% else %}{{ m.content[0].text }}{% endif %} {% endfor %}"
)


def chat_tokenizer(padding_side: str = "right") -> Any:
    """A word tokenizer with a chat template.

    ``padding_side`` must be the real one's: LTX-2's pads on the left; padded on the right, no prompt reaches it.
    """
    made = word_tokenizer(4096)
    made.padding_side = made.init_kwargs["padding_side"] = padding_side  # the latter is what is saved
    made.chat_template = CHAT
    return made


def gemma2() -> Any:
    from transformers import Gemma2Config, Gemma2ForCausalLM

    return Gemma2ForCausalLM(Gemma2Config(**_text(), head_dim=16, sliding_window=64)).eval()


def gemma3() -> Any:
    from transformers import Gemma3Config, Gemma3ForConditionalGeneration

    vision = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
              "image_size": 28, "patch_size": 14}  # fmt: skip
    config = Gemma3Config(text_config={**_text(), "head_dim": 16}, vision_config=vision, mm_tokens_per_image=4)
    return Gemma3ForConditionalGeneration(config).eval()


def qwen2_vl() -> Any:
    from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

    vision = {"depth": 1, "embed_dim": 16, "num_heads": 2, "hidden_size": WIDTH, "mlp_ratio": 2}
    return Qwen2VLForConditionalGeneration(Qwen2VLConfig(text_config=_qwen(), vision_config=vision)).eval()


def qwen25_vl() -> Any:
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    vision = {"depth": 1, "hidden_size": 16, "intermediate_size": 32, "num_heads": 2, "out_hidden_size": WIDTH}
    return Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(text_config=_qwen(), vision_config=vision)).eval()


def qwen3() -> Any:
    from transformers import Qwen3Config, Qwen3Model

    return Qwen3Model(Qwen3Config(**_text(), head_dim=16)).eval()


def noisy(modules: Any, scale: float) -> None:
    """Layers that start at zero, so that training starts from the base model, get random weights."""
    with torch.no_grad():
        for module in modules:
            for weight in module.parameters():
                weight.normal_(0.0, scale)


def _text() -> dict[str, Any]:
    return {
        "vocab_size": VOCABULARY,
        "hidden_size": WIDTH,
        "intermediate_size": 64,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "max_position_embeddings": 4096,
        "pad_token_id": PAD,
        "bos_token_id": END,
        "eos_token_id": END,
    }


def _qwen() -> dict[str, Any]:
    rope = {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 10000.0}
    return {**_text(), "rope_parameters": rope}
