# SPDX-License-Identifier: GPL-3.0-or-later
"""Families by name. Each file registers one; nothing is imported until a model of the family is asked for."""

from __future__ import annotations

import importlib

from second_unit_protocol.errors import ErrorCode, SecondUnitError

from ..family import Family

# name in models/*.toml: module:class
FAMILIES = {
    "wan-vace": "wan_vace:WanVace",
    "cogvideox-fun": "cogvideox:CogVideoXFun",
    "cosmos-transfer": "cosmos:CosmosTransfer",
    "cosmos3": "cosmos:Cosmos3",
    "easyanimate": "easyanimate:EasyAnimate",
    "wan-image": "wan:WanImage",
    "wan-text": "wan:WanText",
    "wan-text-image": "wan:WanTextImage",
    "ltx2": "ltx2:Ltx2",
    "lucy-edit": "lucy:LucyEdit",
    "sana-wm": "sana_wm:SanaWm",
    "sdxl": "stills:Sdxl",
    "skyreels": "skyreels:SkyReels",
    "z-image": "stills:ZImage",
}


def family(name: str) -> Family:
    """A family. Raises SecondUnitError(BAD_REQUEST) for a name that no file has."""
    if name not in FAMILIES:
        cause = f"There is no model family {name}; there are {', '.join(FAMILIES)}"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Correct the list of models")
    module, _, cls = FAMILIES[name].partition(":")
    return getattr(importlib.import_module(f"{__name__}.{module}"), cls)()
