# SPDX-License-Identifier: GPL-3.0-or-later
"""How tiny models are described to the registry: like a real one, but small."""

from __future__ import annotations

from pathlib import Path


def table_of(like: str, folder: Path, extra: str = "", *, steps: int = 2, guidance: float = 3.0) -> str:
    """The text below ``[models.NAME]``. ``extra``: further lines of TOML."""
    effort = f"{{ steps = {steps}, guidance = {guidance} }}"
    return f"""
like = "{like}"
label = "Tiny {like}"
folder = '{folder}'
dtype = "float32"
pixels = [0, 1_000_000]
{"" if "prompt_tokens" in extra else "prompt_tokens = 16"}
parameters = {{ transformer = 100_000, text_encoder = 100_000, vae = 100_000 }}
efforts = {{ draft = {effort}, standard = {effort}, final = {effort} }}
{extra}
"""
