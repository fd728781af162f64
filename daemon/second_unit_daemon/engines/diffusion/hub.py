# SPDX-License-Identifier: GPL-3.0-or-later
"""Models fetched from the hub into the hub's own cache, checked there, and taken off the disk again.

The hub's library downloads, so that other programs find what was fetched. It begins a file that was cut off anew, so
large files are brought here first, piece by piece and checked, to where the library then finds them. This module says
what is wanted (safetensors and configuration of the components that the pipeline has; no code, no pickles), whether
there is room, and what went wrong in words.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen
from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ...versions import installed
from . import catalogue, commits
from .spec import ModelSpec, Part
from .weights import INDEX, hub_cache, is_fetched, repository_folder, snapshot_of

log = logging.getLogger(__name__)

KINDS = (".json", ".safetensors", ".txt", ".model", ".jinja")
VARIANT = re.compile(r"\.(fp16|fp32|bf16|fp8\w*|non_ema|ema)[.-]")  # of weights that are there in full as well
SPARE_BYTES = 2 << 30
CHUNK = 1 << 24
LARGE_BYTES = 8 << 20  # files from which on it matters to go on where one was cut off
NAMED = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")
SHA256_DIGITS = 64
PART = ".part"  # ends the name of one that is not whole

LOOK_EVERY_S = 0.4

Told = Callable[[int, int], None]


@frozen
class Wanted:
    """Files of one repository at one commit, with sizes in bytes. ``revision``: the branch that was asked for."""

    repository: str
    revision: str
    commit: str
    sizes: dict[str, int]

    @property
    def missing_bytes(self) -> int:
        place = repository_folder(self.repository) / "snapshots" / self.commit
        return sum(size for name, size in self.sizes.items() if not (place / name).exists())

    @property
    def arrived_bytes(self) -> int:
        """What is on the disk, halves of files that are still coming among it."""
        total, missing = sum(self.sizes.values()), self.missing_bytes
        halves = sum(_size(path) for path in (repository_folder(self.repository) / "blobs").glob(f"*{PART}"))
        return total - missing + min(halves, missing)


class _Asked:
    """What the hub says of repositories, each asked once: a branch that moves meanwhile stays where it was.

    ``newest``: branches are looked at anew; otherwise the commit that was fetched before is asked for again.
    """

    def __init__(self, spec: ModelSpec, newest: bool):
        self._spec, self._newest = spec, newest
        self._told: dict[tuple[str, str], tuple[str, dict[str, int]]] = {}

    def __call__(self, repository: str, revision: str) -> tuple[str, dict[str, int]]:
        """(commit, its files with their sizes). Raises SecondUnitError."""
        key = (repository, revision)
        if key not in self._told:
            from huggingface_hub import HfApi, errors

            before = "" if self._newest else commits.kept(repository, revision)
            with _hub_errors(self._spec, repository):
                try:
                    told = HfApi().model_info(repository, revision=before or revision or None, files_metadata=True)
                except errors.RevisionNotFoundError as error:
                    if not before:
                        raise
                    raise _gone(self._spec, repository, before) from error
            sizes = {file.rfilename: file.size or 0 for file in told.siblings or ()}
            self._told[key] = (told.sha or before or revision, sizes)
        return self._told[key]


def check_published(spec: ModelSpec) -> None:
    """Raises SecondUnitError for a model that no hub has: nothing of it is fetched, verified or removed."""
    if spec.folder:
        cause = f"{spec.label} lies in {spec.folder}, a folder of yours, which is left alone"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Change it there")
    if not spec.repository:
        cause = f"{spec.label} names neither a folder nor a repository"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=f"Correct {spec.source}")


def wanted(spec: ModelSpec, newest: bool = False) -> list[Wanted]:
    """What the model needs, asked of the hub: at the commits that were fetched before, or at the ``newest``.

    Raises SecondUnitError where it cannot be reached or does not have it.
    """
    _library()
    check_published(spec)
    asked = _Asked(spec, newest)
    found = [_of_model(spec, asked)]
    for name, part in spec.also.items():
        if not any(file.startswith(f"{name}/") for file in found[0].sizes):
            found += _of_part(part, asked)
    if spec.preview:
        found += _of_preview(spec.preview, asked)
    if spec.draft_lora and spec.draft_lora.repository:
        draft = spec.draft_lora
        found += _of_part(Part(draft.repository, file=draft.published), asked)
    return found


def pull(spec: ModelSpec, files: list[Wanted], told: Told = lambda done, total: None) -> None:
    """Fetches what is not there yet; ``told`` gets (bytes here, bytes in all) from a thread now and then.

    Raises SecondUnitError: DISK_FULL before anything is fetched, OFFLINE …"""
    cache = hub_cache()
    cache.mkdir(parents=True, exist_ok=True)
    needed, free = sum(part.missing_bytes for part in files), shutil.disk_usage(cache).free
    if needed + SPARE_BYTES > free:
        cause = f"{spec.label} needs {needed / 1e9:.1f} GB more and the disk that holds {cache} has {free / 1e9:.1f} GB"
        raise SecondUnitError(ErrorCode.DISK_FULL, cause, remedy="Free some space, or move the cache: HF_HUB_CACHE")
    for part in files:
        if snapshot_of(part.repository, part.revision) is None:
            _keep(part)  # nothing else could be loaded: what a stopped download leaves is known as its beginning
    with _watched(files, told):
        for part in files:
            _pull(spec, part, cache)
    for part in files:
        _keep(part)


def _keep(part: Wanted) -> None:
    """From now on this commit is the one that is loaded. Other programs find it by its branch if they had none."""
    commits.keep(part.repository, part.revision, part.commit)
    reference = repository_folder(part.repository) / "refs" / (part.revision or "main")
    if part.revision != part.commit and not reference.exists():
        reference.parent.mkdir(parents=True, exist_ok=True)
        reference.write_text(part.commit, "utf-8")


def _pull(spec: ModelSpec, part: Wanted, cache: Path) -> None:
    from huggingface_hub import hf_hub_download, snapshot_download

    small = [_literal(name) for name, size in part.sizes.items() if size < LARGE_BYTES]
    with _hub_errors(spec, part.repository):
        if small:
            snapshot_download(part.repository, revision=part.commit, allow_patterns=small, cache_dir=cache)
        for name, size in part.sizes.items():
            if size >= LARGE_BYTES:
                _bring(spec, part, name, size)
                hf_hub_download(part.repository, name, revision=part.commit, cache_dir=cache)


@contextmanager
def _watched(files: list[Wanted], told: Told) -> Iterator[None]:
    """Tells what has arrived, until the end and then once more."""
    total, seen, over = sum(size for part in files for size in part.sizes.values()), 0, threading.Event()

    def look() -> None:
        nonlocal seen
        seen = max(seen, sum(part.arrived_bytes for part in files))  # a file that has just become whole counts on
        told(seen, total)

    def loop() -> None:
        look()
        while not over.wait(LOOK_EVERY_S):
            look()

    thread = threading.Thread(target=loop, name="arrivals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    look()


def _bring(spec: ModelSpec, part: Wanted, name: str, size: int) -> None:
    """Has a large file lie where the library keeps contents. Raises SecondUnitError(BLOB_CORRUPT) for other bytes."""
    from filelock import FileLock
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    told = get_hf_file_metadata(hf_hub_url(part.repository, name, revision=part.commit))
    if not told.etag or not NAMED.fullmatch(told.etag):
        return  # not a hub's name of contents: the library knows what to do
    whole = repository_folder(part.repository) / "blobs" / told.etag
    half = whole.with_name(whole.name + PART)
    whole.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(half.with_suffix(".lock")):
        if whole.exists():
            return
        with half.open("ab") as file:
            if file.tell() > size:
                file.truncate(0)
            here = told.location.startswith(hf_hub_url(part.repository, "").partition("/resolve")[0])
            headers = build_hf_headers(token=None if here else False)  # another server is not told who one is
            http_get(told.location, file, resume_size=file.tell(), headers=headers, expected_size=size)
        if not _is_named(half, told.etag):
            half.unlink()
            cause = f"{name} of {part.repository} came with other bytes than the hub names"
            raise SecondUnitError(ErrorCode.BLOB_CORRUPT, cause, remedy=f"Fetch {spec.label} again")
        half.replace(whole)
    half.with_suffix(".lock").unlink(missing_ok=True)


def damaged(spec: ModelSpec, told: Told = lambda done, total: None) -> list[str]:
    """Files whose content is not what the hub named; the cache keeps that name, so no network is needed.

    ``told`` gets (bytes read, bytes in all). Raises SecondUnitError(FILE_GONE) where the model is not on this disk, or
    not all of it though what there is is whole.
    """
    check_published(spec)
    places = [place for repository, revision in _places(spec) if (place := snapshot_of(repository, revision))]
    if not places or not places[0].is_dir():
        cause = f"{spec.label} is not on this disk"
        raise SecondUnitError(ErrorCode.FILE_GONE, cause, remedy=f"Fetch it: second-unit models pull {spec.name}")
    files = [path for place in places for path in sorted(place.rglob("*")) if path.is_file()]
    done, total, found = 0, sum(path.stat().st_size for path in files), []
    for path in files:
        if not _is_whole(path):
            found.append(str(path))
        done += path.stat().st_size
        told(done, total)
    if not found and not is_fetched(spec):
        cause = f"What is here of {spec.label} is what the hub gave, but it is not all of it"
        raise SecondUnitError(ErrorCode.FILE_GONE, cause, remedy=f"Fetch the rest: second-unit models pull {spec.name}")
    return found


def kept(spec: ModelSpec) -> list[Path]:
    """The folders of the hub's cache that hold some of the model."""
    return [place for repository, _ in _places(spec) if (place := repository_folder(repository)).is_dir()]


def remove(spec: ModelSpec) -> list[Path]:
    """Takes the model's repositories out of the hub's cache, for every program that uses it; returns what went."""
    check_published(spec)
    gone = kept(spec)
    for place in gone:
        shutil.rmtree(place)
    for repository, _ in _places(spec):
        commits.forget(repository)
    return gone


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # it has just become whole
        return 0


def sharing(spec: ModelSpec) -> tuple[str, ...]:
    """Other models that the same repository serves."""
    others, _ = catalogue.described()
    same = [other.name for other in others if spec.repository and other.repository == spec.repository]
    return tuple(name for name in same if name != spec.name)


def _places(spec: ModelSpec) -> list[tuple[str, str]]:
    apart = [*spec.also.values(), *((spec.preview,) if spec.preview else ())]
    parts = [(part.repository, part.revision) for part in apart]
    configs = [(part.config, "") for part in spec.also.values() if part.config]
    drafts = [(spec.draft_lora.repository, "")] if spec.draft_lora and spec.draft_lora.repository else []
    return list(dict.fromkeys([(spec.repository, spec.revision), *parts, *configs, *drafts])) if spec.repository else []


def _library() -> None:
    if not installed("huggingface_hub"):
        cause = "huggingface_hub, which fetches models, is not installed"
        remedy = "Install the daemon with its extra: pip install '.[diffusion]', or Install with Diffusion in the panel"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)


def _of_model(spec: ModelSpec, asked: _Asked) -> Wanted:
    from huggingface_hub import hf_hub_download

    commit, sizes = asked(spec.repository, spec.revision)
    with _hub_errors(spec, spec.repository):
        index = Path(hf_hub_download(spec.repository, INDEX, revision=commit, cache_dir=hub_cache()))
    components = {name for name, made in json.loads(index.read_text("utf-8")).items() if isinstance(made, list)}
    chosen = {
        name: size
        for name, size in sizes.items()
        if name == INDEX or (_is_of(name) and name.partition("/")[0] in components and "/" in name)
        if not (name.partition("/")[0] in spec.gguf and ".safetensors" in name)  # weights that a file of the user's has
    }
    for component in spec.parameters:
        weights = [name for name in chosen if name.startswith(f"{component}/") and name.endswith(".safetensors")]
        if not weights and component not in spec.also and component not in spec.gguf:
            cause = f"{spec.repository} has no .safetensors for {component}, and nothing else is read"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Choose another revision or model")
    return Wanted(spec.repository, spec.revision, commit, chosen)


def _of_part(part: Part, asked: _Asked) -> list[Wanted]:
    commit, sizes = asked(part.repository, part.revision)
    if part.file:
        chosen = {name: size for name, size in sizes.items() if name == part.file}
        if not chosen:
            cause = f"{part.repository} has no file {part.file}"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Correct the list of models")
    else:
        chosen = {name: size for name, size in sizes.items() if "/" not in name and _is_of(name)}
    found = [Wanted(part.repository, part.revision, commit, chosen)]
    if part.config:
        commit, texts = asked(part.config, "")
        sizes = {name: size for name, size in texts.items() if name == "config.json"}
        found.append(Wanted(part.config, "", commit, sizes))
    return found


def _of_preview(part: Part, asked: _Asked) -> list[Wanted]:
    """Nothing where the hub does not have it: the model works without."""
    try:
        return _of_part(part, asked)
    except SecondUnitError as error:
        if error.code is not ErrorCode.BAD_REQUEST:
            raise
        log.warning("no tiny VAE for previews: %s", error)
        return []


def _is_of(name: str) -> bool:
    return name.endswith(KINDS) and not VARIANT.search(name.rpartition("/")[2])


def _literal(name: str) -> str:
    """A file's name as a pattern that matches it alone."""
    return re.sub(r"([*?\[])", r"[\1]", name)


def _is_whole(path: Path) -> bool:
    """The cache calls a large file by its SHA-256 and a small one by git's hash; a copy without that name passes."""
    name = path.resolve().name
    return not NAMED.fullmatch(name) or _is_named(path, name)


def _is_named(path: Path, name: str) -> bool:
    if len(name) == SHA256_DIGITS:
        digest = hashlib.sha256()
    else:
        digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
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


def _gone(spec: ModelSpec, repository: str, commit: str) -> SecondUnitError:
    cause = f"The hub no longer has the commit {commit} of {repository}, which was fetched before"
    remedy = f"Take what is published now: second-unit models pull {spec.name} --newest"
    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)


def _unreachable(repository: str, error: Exception) -> SecondUnitError:
    told = str(error).strip().partition("\n")[0]
    cause = f"The hub cannot be reached for {repository} ({type(error).__name__}{f': {told}' if told else ''})"
    remedy = "Check the network and try again: what was fetched already is kept"
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        cause = f"Nothing is fetched of {repository}: HF_HUB_OFFLINE is set, which keeps every program off the hub"
        remedy = "Unset HF_HUB_OFFLINE and try again"
    return SecondUnitError(ErrorCode.OFFLINE, cause, remedy=remedy)
