# SPDX-License-Identifier: GPL-3.0-or-later
"""Models fetched from the hub into the hub's own cache, checked there, and taken off the disk again.

The hub's library downloads: it goes on where it was cut off, and other programs find what it fetched. This module says
what is wanted (safetensors and configuration of the components that the pipeline has; no code, no pickles), whether
there is room, and what went wrong in words.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ...versions import installed
from .spec import ModelSpec, Part
from .weights import INDEX, hub_cache, snapshot_of

KINDS = (".json", ".safetensors", ".txt", ".model", ".jinja")
VARIANT = re.compile(r"\.(fp16|fp32|bf16|fp8\w*|non_ema|ema)[.-]")  # of weights that are there in full as well
SPARE_BYTES = 2 << 30
CHUNK = 1 << 24


@frozen
class Wanted:
    """Files of one repository, with their sizes in bytes."""

    repository: str
    revision: str
    sizes: dict[str, int]

    @property
    def missing_bytes(self) -> int:
        place = snapshot_of(self.repository, self.revision)
        return sum(size for name, size in self.sizes.items() if place is None or not (place / name).exists())


def wanted(spec: ModelSpec) -> list[Wanted]:
    """What the model needs, asked of the hub. Raises SecondUnitError where it cannot be reached or does not have it."""
    _library()
    if spec.folder or not spec.repository:
        cause = f"{spec.name} lies in {spec.folder}: there is nothing to fetch"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Correct the folder in the list of models")
    with _hub_errors(spec, spec.repository):
        found = [_of_model(spec)]
    for name, part in spec.also.items():
        if not any(file.startswith(f"{name}/") for file in found[0].sizes):
            found += _of_part(spec, part)
    return found


def pull(spec: ModelSpec, files: list[Wanted]) -> None:
    """Fetches what is not there yet. Raises SecondUnitError: DISK_FULL before anything is fetched, OFFLINE …"""
    from huggingface_hub import snapshot_download

    cache = hub_cache()
    cache.mkdir(parents=True, exist_ok=True)
    needed, free = sum(part.missing_bytes for part in files), shutil.disk_usage(cache).free
    if needed + SPARE_BYTES > free:
        cause = f"{spec.label} needs {needed / 1e9:.1f} GB more and the disk that holds {cache} has {free / 1e9:.1f} GB"
        raise SecondUnitError(ErrorCode.DISK_FULL, cause, remedy="Free some space, or move the cache: HF_HUB_CACHE")
    for part in files:
        with _hub_errors(spec, part.repository):
            snapshot_download(
                part.repository,
                revision=part.revision or None,
                allow_patterns=[_literal(name) for name in part.sizes],
                cache_dir=cache,
            )


def damaged(spec: ModelSpec) -> list[str]:
    """Files whose content is not what the hub named; the cache keeps that name, so no network is needed.

    Raises SecondUnitError(FILE_GONE) where the model is not on this disk.
    """
    found = []
    places = [place for repository, revision in _places(spec) if (place := snapshot_of(repository, revision))]
    if not places or not places[0].is_dir():
        cause = f"{spec.label} is not on this disk"
        raise SecondUnitError(ErrorCode.FILE_GONE, cause, remedy=f"Fetch it: second-unit models pull {spec.name}")
    for place in places:
        for path in sorted(file for file in place.rglob("*") if file.is_file()):
            if not _is_whole(path):
                found.append(str(path))
    return found


def remove(spec: ModelSpec) -> list[Path]:
    """Takes the model's repositories out of the hub's cache, for every program that uses it; returns what went."""
    gone = []
    for repository, _ in _places(spec):
        place = hub_cache() / ("models--" + repository.replace("/", "--"))
        if place.is_dir():
            shutil.rmtree(place)
            gone.append(place)
    return gone


def _places(spec: ModelSpec) -> list[tuple[str, str]]:
    parts = [(part.repository, part.revision) for part in spec.also.values()]
    configs = [(part.config, "") for part in spec.also.values() if part.config]
    return [(spec.repository, spec.revision), *parts, *configs] if spec.repository else []


def _library() -> None:
    if not installed("huggingface_hub"):
        cause = "huggingface_hub, which fetches models, is not installed"
        remedy = "Install the daemon with its extra: pip install '.[diffusion]', or Install with Diffusion in the panel"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)


def _of_model(spec: ModelSpec) -> Wanted:
    from huggingface_hub import hf_hub_download

    revision = spec.revision or None
    index = Path(hf_hub_download(spec.repository, INDEX, revision=revision, cache_dir=hub_cache()))
    components = {name for name, made in json.loads(index.read_text("utf-8")).items() if isinstance(made, list)}
    sizes = _sizes(spec.repository, spec.revision)
    chosen = {
        name: size
        for name, size in sizes.items()
        if name == INDEX or (_is_of(name) and name.partition("/")[0] in components and "/" in name)
    }
    for component in spec.parameters:
        weights = [name for name in chosen if name.startswith(f"{component}/") and name.endswith(".safetensors")]
        if not weights and component not in spec.also:
            cause = f"{spec.repository} has no .safetensors for {component}, and nothing else is read"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Choose another revision or model")
    return Wanted(spec.repository, spec.revision, chosen)


def _of_part(spec: ModelSpec, part: Part) -> list[Wanted]:
    with _hub_errors(spec, part.repository):
        sizes = _sizes(part.repository, part.revision)
    if part.file:
        chosen = {name: size for name, size in sizes.items() if name == part.file}
        if not chosen:
            cause = f"{part.repository} has no file {part.file}"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Correct the list of models")
    else:
        chosen = {name: size for name, size in sizes.items() if "/" not in name and _is_of(name)}
    found = [Wanted(part.repository, part.revision, chosen)]
    if part.config:
        with _hub_errors(spec, part.config):
            texts = _sizes(part.config, "")
        found.append(Wanted(part.config, "", {name: size for name, size in texts.items() if name == "config.json"}))
    return found


def _sizes(repository: str, revision: str) -> dict[str, int]:
    from huggingface_hub import HfApi

    told = HfApi().model_info(repository, revision=revision or None, files_metadata=True)
    return {file.rfilename: file.size or 0 for file in told.siblings or ()}


def _is_of(name: str) -> bool:
    return name.endswith(KINDS) and not VARIANT.search(name.rpartition("/")[2])


def _literal(name: str) -> str:
    """A file's name as a pattern that matches it alone."""
    return re.sub(r"([*?\[])", r"[\1]", name)


def _is_whole(path: Path) -> bool:
    """The cache calls a large file by its SHA-256 and a small one by git's hash; a copy without that name passes."""
    name = path.resolve().name
    if re.fullmatch(r"[0-9a-f]{64}", name):
        digest = hashlib.sha256()
    elif re.fullmatch(r"[0-9a-f]{40}", name):
        digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    else:
        return True
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest() == name


@contextmanager
def _hub_errors(spec: ModelSpec, repository: str) -> Iterator[None]:
    from huggingface_hub import errors

    page = f"https://huggingface.co/{repository}"
    try:
        yield
    except errors.GatedRepoError as error:
        cause = f"{repository} is given only to those who asked for it"
        remedy = f"Ask on {page} while logged in, then log this machine in: hf auth login"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy) from error
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled, ConnectionError) as error:
        raise _unreachable(repository, error) from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.EntryNotFoundError) as error:
        cause = f"The hub has no {repository}{f' at {spec.revision}' if spec.revision else ''} as a diffusers model"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=f"Look at {page}; correct the list") from error
    except errors.HfHubHTTPError as error:
        raise _unreachable(repository, error) from error
    except Exception as error:
        if not type(error).__module__.startswith("httpx"):  # the library's own, by whatever name it comes
            raise
        raise _unreachable(repository, error) from error


def _unreachable(repository: str, error: Exception) -> SecondUnitError:
    told = str(error).strip().partition("\n")[0]
    cause = f"The hub cannot be reached for {repository} ({type(error).__name__}{f': {told}' if told else ''})"
    remedy = "Check the network and try again: what was fetched already is kept"
    return SecondUnitError(ErrorCode.OFFLINE, cause, remedy=remedy)
