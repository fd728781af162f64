# SPDX-License-Identifier: GPL-3.0-or-later
"""The projection engine as a user chooses it. Light: the daemon's own process imports it."""

from __future__ import annotations

from second_unit_protocol.results import EngineInfo, Input

TAKES = (
    Input.CAMERA, Input.DEPTH, Input.COLOUR, Input.MOTION, Input.REFERENCES, Input.EDITED_CLIP, Input.EXTENDED_CLIP,
    Input.REGION, Input.STYLE, Input.STYLE_PICTURE, Input.STYLE_STRENGTH,
)  # fmt: skip

INFO = EngineInfo(
    name="projection",
    label="Projection (built in)",
    description="Carries the reference pictures along the camera over the scene's own depth; invents nothing new",
    takes=TAKES,
    needs=(Input.CAMERA, Input.DEPTH, Input.REFERENCES),
    captures=(Input.DEPTH, Input.COLOUR, Input.MOTION),
    licence="GPL-3.0-or-later",
)

IGNORED = {
    Input.PROMPT: "Projection does not read prompts: what the references show is what you get",
    Input.NEGATIVE_PROMPT: "Projection does not read prompts, negative ones included",
    Input.SEED: "Projection uses no random numbers: the same shot always gives the same frames",
    Input.MOTION_STRENGTH: "Projection moves things exactly as the scene does",
    Input.QUALITY: "Projection always works at its full quality",
    Input.REGION_MOTION: "Projection moves things as the scene does; the engine Parts moves parts of a picture",
    Input.CHARACTERS: "Projection shows what the references show; pin a picture with the character in it",
    Input.LORAS: "Projection has no weights that a LoRA could change",
}

DISAGREE = 0.06  # of a colour; renders of one scene differ by 0.02
DISAGREEMENT = (
    "Where two references show the same surface their colours differ by {:.0%}, beyond their light: the clip changes "
    "where one takes over from another. Give the shot a soft style such as watercolour, which draws all in one go, or "
    "carry the look of one reference to the other frames (Paint This Frame, The Same Look)"
)

NO_REGION = "Projection changes a clip inside a region, with what the references show there; the shot has no region"
NO_STYLE = "A clip that goes on keeps its look; second-unit restyle gives all of it another one"
NO_CLIP = "A region says where a clip may be changed; the shot has no clip to change"
