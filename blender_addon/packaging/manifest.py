# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's manifest: written for a platform, checked against Blender's schema without a Blender."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

NAME = "blender_manifest.toml"
TAGLINE_MAX = 64
PERMISSION_MAX = 64
REQUIRED = {
    "schema_version",
    "id",
    "version",
    "name",
    "tagline",
    "maintainer",
    "type",
    "blender_version_min",
    "license",
}
OPTIONAL = {"website", "copyright", "tags", "platforms", "wheels", "permissions", "blender_version_max", "build"}
PERMISSIONS = {"files", "network", "clipboard", "camera", "microphone"}
VERSION = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")


def write(source: Path, target: Path, platform: str, wheels: Iterable[str]) -> None:
    """Copies the manifest with ``platforms`` and ``wheels`` put in before its first table."""
    head, table, rest = source.read_text().partition("\n[")
    names = "".join(f'    "./wheels/{name}",\n' for name in sorted(wheels))
    target.write_text(f'{head}\nplatforms = ["{platform}"]\nwheels = [\n{names}]\n{table}{rest}')


def problems(folder: Path) -> list[str]:
    """What Blender's own validation would refuse, as sentences; empty when the manifest of a staged folder is good."""
    with (folder / NAME).open("rb") as file:
        manifest = tomllib.load(file)
    found = [f"the manifest lacks {key}" for key in sorted(REQUIRED - manifest.keys())]
    found += [f"the manifest has an unknown field {key}" for key in sorted(manifest.keys() - REQUIRED - OPTIONAL)]
    found += [f"the manifest's {key} is empty" for key, value in manifest.items() if value in ("", [], {})]
    found += _text_problems(manifest)
    found += _permission_problems(manifest.get("permissions", {}))
    listed = {Path(name).as_posix() for name in manifest.get("wheels", [])}
    present = {path.relative_to(folder).as_posix() for path in (folder / "wheels").glob("*.whl")}
    found += [f"wheel {name} is listed but not there" for name in sorted(listed - present)]
    found += [f"wheel {name} is there but not listed" for name in sorted(present - listed)]
    return found


def _text_problems(manifest: dict) -> list[str]:
    found = []
    tagline = manifest.get("tagline", "")
    if len(tagline) > TAGLINE_MAX:
        found.append(f"the tagline has {len(tagline)} characters, {TAGLINE_MAX} are allowed")
    if tagline and not (tagline[-1].isalnum() or tagline[-1] in ")]}"):
        found.append("the tagline ends in punctuation")
    for key in ("version", "blender_version_min", "schema_version"):
        if not VERSION.fullmatch(manifest.get(key, "")):
            found.append(f"{key} is not a version of three numbers")
    if not all(entry.startswith("SPDX:") for entry in manifest.get("license", [])):
        found.append("a licence lacks its SPDX: prefix")
    if manifest.get("type") != "add-on":
        found.append("the type is not add-on")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", manifest.get("id", "")) or "__" in manifest.get("id", ""):
        found.append("the id is not a plain name")
    return found


def _permission_problems(permissions: dict[str, str]) -> list[str]:
    found = [f"unknown permission {key}" for key in sorted(permissions.keys() - PERMISSIONS)]
    for key, reason in permissions.items():
        if len(reason) > PERMISSION_MAX:
            found.append(f"the reason for {key} has {len(reason)} characters, {PERMISSION_MAX} are allowed")
        if reason and not reason[-1].isalnum():
            found.append(f"the reason for {key} ends in punctuation")
    return found
