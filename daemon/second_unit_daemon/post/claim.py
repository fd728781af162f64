# SPDX-License-Identifier: GPL-3.0-or-later
"""What a delivered file claims of how it was made: a C2PA manifest definition, ready to be signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import __version__

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
CREATED = _IPTC + "digitalCreation"
WITH_MODEL = _IPTC + "compositeWithTrainedAlgorithmicMedia"
SOURCE = "source"  # what the clip was made of, within the manifest
NO_MODEL = ("projection", "morph")  # engines that no training made
MIME = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
ACTIONS = {"upscale": "c2pa.resized", "match": "c2pa.color_adjustments"}  # others: c2pa.edited


def source_type(provenance: Mapping[str, Any]) -> str:
    """IPTC's name for how the pictures came to be; empty for a clip of which nobody wrote that down."""
    engine = provenance.get("engine")
    if not engine:
        return ""
    return CREATED if engine in NO_MODEL and not provenance.get("style") else WITH_MODEL


def manifest(title: str, suffix: str, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Title, format, actions in their order, and the clip that it was made of."""
    agent = {"name": "Second Unit", "version": __version__}
    kind = source_type(provenance)
    first: dict[str, Any] = {"action": "c2pa.opened", "parameters": {"ingredientIds": [SOURCE]}}
    if kind:
        engine = f"{provenance.get('engine')} {provenance.get('engine_version', '')}".strip()
        first = {"action": "c2pa.created", "digitalSourceType": kind, "softwareAgent": agent, "description": engine}
    actions = [first]
    for step in provenance.get("finishing") or []:
        name = str(step.get("step", ""))
        if name == "deliver":
            if step.get("aspect"):
                actions.append({"action": "c2pa.cropped", "softwareAgent": agent, "description": str(step["aspect"])})
            actions.append({"action": "c2pa.transcoded", "softwareAgent": agent, "description": str(step["format"])})
        else:
            action = ACTIONS.get(name, "c2pa.edited")
            actions.append({"action": action, "softwareAgent": agent, "description": name})
    made: dict[str, Any] = {
        "claim_generator_info": [agent],
        "title": title,
        "assertions": [{"label": "c2pa.actions", "data": {"actions": actions}}],
    }
    if suffix in MIME:
        made["format"] = MIME[suffix]
    source = provenance.get("source") or {}
    whose = "componentOf" if kind else "parentOf"
    made["ingredients"] = [{"title": source.get("file", "clip"), "relationship": whose, "label": SOURCE}]
    return made
