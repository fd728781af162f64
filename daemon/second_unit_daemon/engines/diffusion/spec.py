# SPDX-License-Identifier: GPL-3.0-or-later
"""A model as the registry describes it: where its weights are, what it costs, what sizes and lengths it knows."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from re import fullmatch

from attrs import Factory, field, frozen
from attrs.validators import ge, gt, in_, matches_re
from second_unit_protocol.grid import Rate
from second_unit_protocol.shot import Quality, Scalar

DENOISERS = ("transformer", "unet")  # how denoising networks are named among the components
BYTES_OF = {"float32": 4, "bfloat16": 2, "float16": 2, "float8": 1}
REPOSITORY = r"([\w.-]+/[\w.-]+)?"
SAFETENSORS = r"(.+\.safetensors)?"  # no other file is fetched: nothing is unpickled
GGUF = ".gguf"
NAME = r"[a-z0-9][a-z0-9.-]*"


def _is_rule(_: object, __: object, value: str) -> None:
    if not fullmatch(r"any|[1-9]\d*k(\+\d+)?|[1-9]\d*", value):
        raise ValueError(f"{value!r} is no rule for frames, such as any, 4k+1 or 49")


@frozen
class FrameRule:
    """Which frame counts a model makes: ``any``, ``4k+1``, or one number such as ``49``."""

    text: str = field(default="any", validator=_is_rule)

    def at_least(self, count: int) -> int | None:
        """The smallest allowed count that is no smaller than ``count``; None where there is none."""
        if self.text == "any":
            return max(count, 1)
        if "k" not in self.text:
            return int(self.text) if count <= int(self.text) else None
        step, _, rest = self.text.partition("k")
        offset = int(rest or 0)
        return offset + int(step) * max(ceil((count - offset) / int(step)), 0 if offset else 1)


@frozen
class Licence:
    """``accept``: must be accepted before download. ``gated``: the hub asks for an account as well."""

    name: str
    url: str = ""
    accept: bool = False
    gated: bool = False
    note: str = ""


@frozen
class Effort:
    """What one quality level spends. ``guidance`` of 1 or less makes one pass a step and reads no negative prompt."""

    steps: int = field(validator=ge(1))
    guidance: float = 1.0
    guidance_2: float | None = None  # of the second transformer, where there is one


@frozen
class DraftLora:
    """Weights that let a model draft in a few steps: the file ``name`` in the ``loras`` folder, or one of the hub's.

    ``file``: which of the repository's; by default ``name`` with its ending.
    """

    name: str
    effort: Effort
    strength: float = 1.0
    repository: str = field(default="", validator=matches_re(REPOSITORY))
    file: str = field(default="", validator=matches_re(SAFETENSORS))

    @property
    def published(self) -> str:
        """The file's name in its repository."""
        return self.file or f"{self.name}.safetensors"


@frozen
class Part:
    """A component that is published apart from its model: a repository in diffusers' layout, or one file of it.

    ``config``: the repository with the configuration, where a file comes without.
    """

    repository: str = field(validator=matches_re(REPOSITORY))
    revision: str = ""
    file: str = field(default="", validator=matches_re(SAFETENSORS))
    config: str = field(default="", validator=matches_re(REPOSITORY))


@frozen
class Shape:
    """What activations are made of. Sizes of the latent grid and of the widest transformer."""

    hidden: int  # channels of a token
    feed_forward: int  # channels inside a block's feed-forward layer
    blocks: int
    hints: int = 0  # further hidden states kept through the whole pass (a control branch)
    temporal: int = 4  # frames in a latent frame
    spatial: int = 8  # pixels along a side of a latent pixel
    patch: int = 2  # latent pixels along a side of a token
    vae_bytes_per_pixel: int = 24_000  # peak of decoding, per pixel of one frame; Wan's, measured on a processor


@frozen
class ModelSpec:
    """One model. Equal to one ``[models.NAME]`` table; see docs/models.md for the words."""

    name: str = field(validator=matches_re(NAME))
    family: str
    label: str
    licence: Licence
    parameters: dict[str, int]  # by component, as in the repository's model_index.json
    shape: Shape
    efforts: dict[Quality, Effort]
    source: Path = field(repr=False)  # the list that describes it
    description: str = ""
    repository: str = field(default="", validator=matches_re(REPOSITORY))
    revision: str = ""  # a commit; empty where none is known yet
    folder: Path | None = None
    dtype: str = field(default="bfloat16", validator=in_(("bfloat16", "float16", "float32")))
    float32: tuple[str, ...] = ()  # components that lose too much in less
    frames: FrameRule = FrameRule()
    window: int = field(default=81, validator=gt(0))  # frames that it was trained to make at once
    multiple: int = field(default=16, validator=gt(0))
    pixels: tuple[int, ...] = field(default=(0, 2**31), validator=lambda _, __, v: _two(v))  # smallest, largest frame
    size: tuple[int, ...] = field(default=(), validator=lambda _, __, v: _two_or_none(v))  # the only one that it makes
    rate: Rate | None = None
    prompt_tokens: int = field(default=512, validator=gt(0))
    languages: str = "English"
    distilled: bool = False
    ran: bool = False  # whether anybody of this project has seen it run with its real weights
    draft_lora: DraftLora | None = None
    preview: Part | None = None  # a tiny VAE that shows unfinished pictures; the model works without it
    also: dict[str, Part] = Factory(dict)  # components from elsewhere; one in the model's own folder goes first
    gguf: dict[str, Path] = field(factory=dict, validator=lambda _, __, v: _denoisers(v))  # networks from such files
    defaults: dict[str, Scalar] = Factory(dict)  # of the family's own options

    @property
    def weight_bytes(self) -> int:
        """All weights as they lie on the card when nothing is saved."""
        return sum(self.component_bytes(name) for name in self.parameters)

    def component_bytes(self, name: str, dtype: str | None = None) -> int:
        """On the card; a network from a GGUF file is there as the file has it."""
        if name in self.gguf and self.gguf[name].is_file():
            return self.gguf[name].stat().st_size
        kept = "float32" if name in self.float32 else dtype or self.dtype
        return self.parameters[name] * BYTES_OF[kept]


def _two_or_none(value: tuple[int, ...]) -> None:
    if value and (len(value) != 2 or min(value) < 1):
        raise ValueError("size is two numbers: width and height")


def _denoisers(value: dict[str, Path]) -> None:
    for name, path in value.items():
        if not name.startswith(DENOISERS) or path.suffix.lower() != GGUF:
            raise ValueError(f"gguf names a {GGUF} file for a transformer, not {path.name} for {name}")


def _two(value: tuple[int, ...]) -> None:
    if len(value) != 2 or not 0 <= value[0] <= value[1]:
        raise ValueError("pixels are two numbers: the smallest and the largest frame that the model was trained on")
