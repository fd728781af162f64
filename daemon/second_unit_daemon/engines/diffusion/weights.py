# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a model's weights lie on this disk, and why it cannot be used where they do not. Nothing heavy is imported."""

from __future__ import annotations

import json
import os
import struct
from functools import lru_cache
from pathlib import Path

from second_unit_protocol.paths import home

from ...versions import installed
from . import commits
from .spec import DraftLora, ModelSpec

INDEX = "model_index.json"
PREVIEW = "preview_vae"  # a component of ours, which no pipeline knows
PACKAGES = ("torch", "diffusers", "transformers")
GGUF_PACKAGE = "gguf"
MAX_HEADER_BYTES = 100 << 20


def hub_cache() -> Path:
    """The folder that the hub's own tools keep models in, found as they find it."""
    for variable, below in (("HF_HUB_CACHE", ""), ("HUGGINGFACE_HUB_CACHE", ""), ("HF_HOME", "hub")):
        if value := os.environ.get(variable):
            return Path(value).expanduser() / below
    return Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "huggingface" / "hub"


def lora_folder() -> Path:
    return home() / "loras"


def place_of(spec: ModelSpec) -> Path | None:
    """The folder with the model's ``model_index.json``; None where the weights are not on this disk."""
    place = spec.folder if spec.folder else _snapshot(spec)
    return place if place and (place / INDEX).is_file() else None


def unavailable(spec: ModelSpec) -> str:
    """Why the model cannot be used here, with what to do about it; empty where it can."""
    if reason := packages_missing():
        return reason
    if place := place_of(spec):
        return _parts_missing(spec) or _gguf_missing(spec, place) or _not_whole(spec, place)
    if spec.folder:
        return f"There is no model in {spec.folder}: it has no {INDEX}. Correct the folder in {spec.source}"
    return f"Its weights are not on this disk. Fetch them: second-unit models pull {spec.name}"


def packages_missing() -> str:
    """Which packages models need that are not installed, with what to do about it; empty where all are."""
    missing = [name for name in PACKAGES if not installed(name)]
    if not missing:
        return ""
    verb = "is" if len(missing) == 1 else "are"
    return f"{' and '.join(missing)} {verb} not installed: uv pip install --torch-backend=auto 'second-unit[diffusion]'"


def is_here(spec: ModelSpec) -> bool:
    """Whether all of the model's weights are on this disk."""
    place = place_of(spec)
    return place is not None and is_fetched(spec) and not _gguf_missing(spec, place)


def is_fetched(spec: ModelSpec) -> bool:
    """Whether all is here that the hub gives; a file of the user's own may still be missing."""
    place = place_of(spec)
    return place is not None and not (_parts_missing(spec) or _not_whole(spec, place))


def loras() -> tuple[str, ...]:
    """Names of the LoRAs in their folder, without ``.safetensors``; a second expert's file is not one of its own."""
    names = sorted(path.stem for path in lora_folder().glob("*.safetensors") if path.is_file())
    return tuple(name for name in names if not (name.endswith(".low") and name.removesuffix(".low") in names))


def lora_path(name: str, draft: DraftLora | None = None) -> Path:
    """Where a LoRA's file is, or would be: its folder; a model's few-step one may lie in the hub's cache instead."""
    own = lora_folder() / f"{name}.safetensors"
    if draft is None or draft.name != name or own.is_file() or not draft.repository:
        return own
    fetched = snapshot_of(draft.repository, "")
    return fetched / draft.published if fetched and (fetched / draft.published).is_file() else own


def part_of(spec: ModelSpec, name: str) -> Path | None:
    """Where a component from elsewhere lies: a folder in diffusers' layout, or one file; None where it is not here."""
    own = place_of(spec)
    if own and (own / name / "config.json").is_file():
        return own / name
    part = spec.also[name]
    snapshot = snapshot_of(part.repository, part.revision)
    place = snapshot / part.file if snapshot else None
    return place if place and place.exists() else None


def preview_of(spec: ModelSpec) -> Path | None:
    """The folder of the tiny VAE that shows unfinished pictures: the model's own, or one from elsewhere."""
    own = place_of(spec)
    fetched = snapshot_of(spec.preview.repository, spec.preview.revision) if spec.preview else None
    places = [own / PREVIEW if own else None, fetched]
    return next((place for place in places if place and (place / "config.json").is_file()), None)


def _parts_missing(spec: ModelSpec) -> str:
    missing = [f"{name} ({part.repository})" for name, part in spec.also.items() if part_of(spec, name) is None]
    if not missing:
        return ""
    remedy = f"Put it into {spec.folder}" if spec.folder else f"Fetch it: second-unit models pull {spec.name}"
    return f"It needs {' and '.join(missing)} as well. {remedy}"


def _gguf_missing(spec: ModelSpec, place: Path) -> str:
    """A file has weights alone: what they are made for is read from the model's own configuration."""
    for name, path in spec.gguf.items():
        if not installed(GGUF_PACKAGE):
            return f"{GGUF_PACKAGE}, which reads {path.name}, is not installed: pip install {GGUF_PACKAGE}"
        if not path.is_file():
            return f"There is no file {path}. Correct gguf.{name} in {spec.source}"
        if not (place / name / "config.json").is_file():
            return f"The configuration of {name}, which {path.name} needs, is missing in {place}"
    return ""


def stamp(path: Path) -> tuple[int, int] | None:
    """Size and time of a file: another one under the same name gives other pictures. None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _not_whole(spec: ModelSpec, place: Path) -> str:
    """What a download that was cut off has left out; empty where every component's weights are there."""
    apart = {*spec.also, *spec.gguf}
    lacking = [name for name in spec.parameters if name not in apart and not _is_whole(place / name)]
    if not lacking:
        return ""
    where = f"Correct {place}" if spec.folder else f"Fetch the rest: second-unit models pull {spec.name}"
    return f"Weights of {' and '.join(lacking)} are missing in {place}. {where}"


def _is_whole(component: Path) -> bool:
    """Weights are one file, or all that an index beside them names."""
    parts = {path.name for path in component.glob("*.safetensors") if path.exists()}
    for index in component.glob("*.safetensors.index.json"):
        try:
            stat = index.stat()
            return _named_by(index, stat.st_mtime_ns, stat.st_size) <= parts
        except (OSError, ValueError, AttributeError):
            return False
    return bool(parts)


@lru_cache(maxsize=256)
def _named_by(index: Path, mtime_ns: int, size: int) -> frozenset[str]:
    """The files that an index names; read once, as it stands."""
    return frozenset(json.loads(index.read_text("utf-8")).get("weight_map", {}).values())


def counted(folder: Path) -> int:
    """Parameters in a component's safetensors files, read from their headers alone. Raises OSError, ValueError."""
    return sum(_in_file(path) for path in sorted(folder.glob("*.safetensors")))


def _in_file(path: Path) -> int:
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > MAX_HEADER_BYTES:
            raise ValueError(f"{path} is not a safetensors file")
        header = json.loads(file.read(length))
    total = 0
    for name, tensor in header.items():
        if name != "__metadata__":
            count = 1
            for side in tensor["shape"]:
                count *= side
            total += count
    return total


def _snapshot(spec: ModelSpec) -> Path | None:
    return snapshot_of(spec.repository, spec.revision) if spec.repository else None


def commit_of(spec: ModelSpec) -> str:
    """The commit whose weights are used; empty for a folder of the user's."""
    place = None if spec.folder else place_of(spec)
    return place.name if place else ""


def repository_folder(repository: str) -> Path:
    """Where the hub's cache keeps a repository."""
    return hub_cache() / ("models--" + repository.replace("/", "--"))


def snapshot_of(repository: str, revision: str) -> Path | None:
    """The folder of a commit, or of the one that a branch (``main`` where none is named) is kept at.

    Where this program has fetched none, what another one has: the commit that the branch then stood at.
    """
    place = repository_folder(repository)
    commit = commits.kept(repository, revision) or _reference(place / "refs" / (revision or "main")) or revision
    return place / "snapshots" / commit if commit else None


def _reference(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError:
        return ""
