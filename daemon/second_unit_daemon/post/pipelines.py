# SPDX-License-Identifier: GPL-3.0-or-later
"""Diffusion pipelines that the finishing uses, from a folder of the user's: safetensors only, no network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from second_unit_protocol.errors import ErrorCode, SecondUnitError

INDEX = "model_index.json"


def class_of(folder: Path) -> str:
    """Name of the pipeline that a folder holds. Raises SecondUnitError for a folder that is none."""
    try:
        told = json.loads((folder / INDEX).read_text("utf-8"))
    except FileNotFoundError as error:
        cause = f"{folder} is no model of diffusers: it has no {INDEX}"
        raise SecondUnitError(ErrorCode.FILE_GONE, cause, remedy="Choose another folder") from error
    except (OSError, ValueError) as error:
        raise SecondUnitError(ErrorCode.BLOB_CORRUPT, f"{folder / INDEX} cannot be read") from error
    return str(told.get("_class_name", ""))


def load(folder: Path, known: tuple[str, ...], what: str) -> tuple[Any, str]:
    """(the pipeline on the best device there is, the device). ``what`` it must be, in words, where it is not ``known``.

    Raises SecondUnitError for another model, a file that is missing or is no safetensors, or without diffusers.
    """
    name = class_of(folder)
    if name not in known:
        cause = f"{folder.name} is {name or 'nothing known'}, no {what}"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=f"Choose a folder with {' or '.join(known)}")
    try:
        import diffusers
        import torch
    except ImportError as error:
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST,
            f"Models of diffusers need the package {error.name}",
            remedy="pip install 'second-unit[diffusion]' in the daemon's environment",
        ) from error
    device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    dtype = torch.float32 if device == "cpu" else torch.bfloat16  # bfloat16 on a CPU is many times slower
    try:
        pipeline = getattr(diffusers, name).from_pretrained(
            folder, dtype=dtype, use_safetensors=True, local_files_only=True
        )
    except (OSError, ValueError, KeyError) as error:
        cause = f"The model in {folder} cannot be loaded ({str(error).splitlines()[0][:160]})"
        raise SecondUnitError(ErrorCode.BLOB_CORRUPT, cause, remedy="Fetch it again") from error
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(device), device


def generator(seed: int) -> Any:
    """On the CPU: the same noise on every device."""
    import torch

    return torch.Generator("cpu").manual_seed(seed)
