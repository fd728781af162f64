# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a clip comes from: what was asked, of which engine, from which inputs. The same shot gives the same text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from attrs import asdict
from second_unit_protocol.grid import FrameGrid
from second_unit_protocol.results import Plan
from second_unit_protocol.shot import BlobRef, PlaneSequence, RegionMotion, ShotRequest

from .. import __version__


def provenance_of(shot: ShotRequest, plan: Plan, engine_version: str) -> dict[str, Any]:
    """Plain values, ready for JSON. Inputs are named by digest: what was rendered can be told from what was not."""
    return {
        "made_by": f"Second Unit {__version__}",
        "engine": shot.engine,
        "engine_version": engine_version,
        "shot": shot.shot_name,
        "shot_id": shot.shot_id,
        "prompt": shot.prompt,
        "negative_prompt": shot.negative_prompt,
        "style": shot.style,
        "style_picture": shot.style_picture.digest if shot.style_picture else "",
        "style_strength": shot.style_strength,
        "fit_references": shot.fit_references,
        "seed": shot.seed,
        "motion_strength": shot.motion_strength,
        "quality": shot.quality.value,
        "options": dict(shot.options),
        "width": shot.width,
        "height": shot.height,
        "delivery": asdict(shot.delivery),
        "grid": _grid(shot.grid),
        "facts": asdict(shot.facts),
        "takes": [part.value for part in plan.takes],
        "ignores": {part.input.value: part.reason for part in plan.ignores},
        "inputs": inputs_of(shot),
        "lineage": asdict(shot.lineage) if shot.lineage else None,
    }


def _grid(grid: FrameGrid) -> dict[str, Any]:
    return {
        "start": f"{grid.start_num}/{grid.start_den}",
        "count": grid.count,
        "scene_rate": f"{grid.scene_rate.num}/{grid.scene_rate.den}",
        "clip_rate": f"{grid.clip_rate.num}/{grid.clip_rate.den}",
    }


def inputs_of(shot: ShotRequest) -> dict[str, Any]:
    """What the clip is made from, by digest: two shots with the same ones are the same but for their settings."""
    camera = hashlib.sha256(shot.camera.c2w.data + shot.camera.intrinsics.data).hexdigest()
    return {
        "camera": camera,
        "motion": hashlib.sha256(shot.motion.matrices.data).hexdigest() if shot.motion else "",
        "depth": _planes(shot.depth),
        "colour": _planes(shot.colour),
        "index": _planes(shot.index),
        "references": [
            {
                "name": reference.name,
                "scene_frame": reference.scene_frame,
                "strength": reference.strength,
                "image": reference.image.digest,
            }
            for reference in shot.references
        ],
        "source": asdict(shot.source) if shot.source else None,
        "region": _planes(shot.region),
        "moving": [_moving(part) for part in shot.moving],
        "characters": [
            {"name": character.name, "strength": character.strength, "image": character.image.digest}
            for character in shot.characters
        ],
        "loras": [asdict(lora) for lora in shot.loras],
    }


def _moving(part: RegionMotion) -> dict[str, Any]:
    return {
        "name": part.name,
        "region": _planes(part.region),
        "path": hashlib.sha256(part.path.data).hexdigest(),
        "sway": [part.sway_right_px, part.sway_down_px, part.sway_s],
    }


def _planes(planes: PlaneSequence | None) -> str:
    """One digest over the digests of all planes, because a shot may have thousands."""
    return _digest_of(planes.frames) if planes else ""


def _digest_of(refs: Iterable[BlobRef]) -> str:
    return hashlib.sha256("".join(ref.digest for ref in refs).encode()).hexdigest()
