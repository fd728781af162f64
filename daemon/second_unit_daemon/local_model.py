# SPDX-License-Identifier: GPL-3.0-or-later
"""Image models of transformers in folders of the user's. Nothing is downloaded, unpickled or run from the folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError


@frozen
class LocalModel:
    """A model and what prepares pictures for it."""

    config: Any = field(repr=False)
    processor: Any = field(repr=False)
    model: Any = field(repr=False)

    def inputs(self, image: NDArray[np.uint8]) -> Any:
        """What the model is given for a picture (h, w, 3) uint8 sRGB."""
        from PIL import Image

        return self.processor(images=Image.fromarray(image), return_tensors="pt")


def load(folder: Path, kind: str, auto: str, examples: str) -> LocalModel:
    """``kind`` names it in sentences ("depth model"), ``auto`` is the class of transformers that loads it.

    Raises SecondUnitError where the folder holds none that can be loaded, and suggests ``examples``.
    """
    try:
        import torch  # noqa: F401 # pyright: ignore[reportUnusedImport]
        import transformers
        from PIL import Image  # noqa: F401 # pyright: ignore[reportUnusedImport]
    except ImportError as error:
        cause = f"The {kind} needs the package {error.name}, which is not installed"
        remedy = "Install the extra: pip install 'second-unit[diffusion]'"
        raise SecondUnitError(ErrorCode.ENGINE_FAILED, cause, remedy=remedy) from error
    if not (folder / "config.json").is_file():
        cause = f"{folder} holds no model: there is no config.json"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=f"Give the folder of {examples}")
    transformers.utils.logging.disable_progress_bar()
    try:
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
        processor = transformers.AutoImageProcessor.from_pretrained(folder, local_files_only=True)
        model = getattr(transformers, auto).from_pretrained(folder, local_files_only=True, use_safetensors=True)
    except (OSError, ValueError, KeyError) as error:
        cause = f"The {kind} in {folder} cannot be loaded ({error})"
        raise SecondUnitError(ErrorCode.ENGINE_FAILED, cause, remedy="Download it again, as safetensors") from error
    return LocalModel(config, processor, model.eval())
