# SPDX-License-Identifier: GPL-3.0-or-later
"""The shot's properties as plain data: what capture and the daemon work from."""

from __future__ import annotations

import functools
import math
from fractions import Fraction

import bpy

from ...core import finishing
from ...core.prompt import Prompt, parse
from ...core.sizes import in_aspect
from ...core.spec import LoraSpec, ReferenceSource, ReferenceSpec, RegionKind, RegionSpec, ShotSpec
from ...protocol.grid import Rate, SceneRange
from ...protocol.results import Input, PlanRequest
from ...protocol.shot import Quality, SourceUse
from ...scene.cameras import bound_camera, first_switch
from .cast import characters_of
from .source import source_of


def scene_rate(scene: bpy.types.Scene) -> Rate:
    """The scene's frames per second; 24 over 1.001 is 24000/1001 exactly."""
    base = Fraction(scene.render.fps_base).limit_denominator(1001)
    exact = Fraction(scene.render.fps) / base
    return Rate(exact.numerator, exact.denominator)


def frame_range(scene: bpy.types.Scene, shot) -> tuple[int, int]:
    """First and last scene frame of the shot, without its handles."""
    return (scene.frame_start, scene.frame_end) if shot.use_scene_range else (shot.frame_start, shot.frame_end)


def clip_size(scene: bpy.types.Scene, shot) -> tuple[int, int]:
    """Width and height of the clip in pixels, in the aspect that the prompt asks for, if it does."""
    size, aspect = chosen_size(scene, shot), written(shot).aspect
    return in_aspect(size, aspect) if aspect else size


def written(shot) -> Prompt:
    """The shot's prompt taken apart: from its Text block if there is one, else from the field."""
    return _parsed(shot.prompt_text.as_string() if shot.prompt_text else shot.prompt)


_parsed = functools.lru_cache(maxsize=64)(parse)


def chosen_size(scene: bpy.types.Scene, shot) -> tuple[int, int]:
    """Width and height before the prompt has its say."""
    if shot.size == "SCENE":
        render = scene.render
        scale = render.resolution_percentage / 100
        return round(render.resolution_x * scale), round(render.resolution_y * scale)
    if shot.size == "CUSTOM":
        return shot.width, shot.height
    width, height = shot.size.split("x")
    return int(width), int(height)


def camera_of(scene: bpy.types.Scene, shot) -> bpy.types.Object | None:
    """The shot's own camera, else the one that markers put in force at its first frame, else the scene's."""
    return shot.camera or bound_camera(scene, frame_range(scene, shot)[0]) or scene.camera


def _camera_switch(scene: bpy.types.Scene, shot) -> tuple[int, str] | None:
    first, last = frame_range(scene, shot)
    found = None if shot.camera else first_switch(scene, first - shot.handle_before, last + shot.handle_after)
    return (found[0], found[1].name) if found else None


def shot_spec(scene: bpy.types.Scene, view_layer: bpy.types.ViewLayer, shot) -> ShotSpec:
    """The shot with everything that it takes from its scene filled in. ``view_layer`` is the open one; a scene that is
    not open is seen in its first."""
    first, last = frame_range(scene, shot)
    width, height = clip_size(scene, shot)
    camera, prompt = camera_of(scene, shot), written(shot)
    avoid = ", ".join(part for part in (shot.negative_prompt.strip(), prompt.avoid) if part)
    return ShotSpec(
        uid=shot.uid,
        name=shot.name,
        scene=scene.name,
        view_layer=(view_layer if view_layer.id_data == scene else scene.view_layers[0]).name,
        camera=camera.name if camera else "",
        frame_start=first,
        frame_end=last,
        handle_before=shot.handle_before,
        handle_after=shot.handle_after,
        scene_rate=scene_rate(scene),
        width=width,
        height=height,
        engine=shot.engine,
        prompt=prompt.text,
        negative_prompt=avoid,
        style=shot.style.strip(),
        style_picture=bpy.path.abspath(shot.style_picture) if shot.style_picture else "",
        style_strength=shot.style_strength,
        fit_references=shot.fit_references,
        seed=shot.seed if prompt.seed is None else prompt.seed,
        motion_strength=shot.motion_strength if prompt.motion is None else prompt.motion,
        quality=Quality(shot.quality),
        capture_colour=shot.capture_colour,
        region=_region_spec(shot),
        capture_labels=shot.capture_labels,
        references=tuple(_reference_spec(reference) for reference in shot.references),
        characters=characters_of(scene, shot),
        loras=tuple(LoraSpec(lora.name, lora.strength) for lora in shot.loras if lora.use and lora.name),
        source=source_of(scene, shot),
        camera_switch=_camera_switch(scene, shot),
        post=finishing.of_shot(shot.steps.asked((width, height), math.degrees(shot.shutter)), scene_rate(scene)),
    )


def has_own_seed(shot) -> bool:
    """Whether the artist chose the seed, in the field or in the prompt."""
    return not shot.random_seed or written(shot).seed is not None


def seed_matters(shot) -> bool:
    """Whether an engine that does not read the seed would do something else than the artist expects."""
    return has_own_seed(shot) or shot.variations > 1 or shot.retries > 0


def delivery(spec: ShotSpec) -> SceneRange:
    """The media's range: the shot and its handles."""
    return SceneRange(
        first=spec.frame_start - spec.handle_before,
        last=spec.frame_end + spec.handle_after,
        rate=spec.scene_rate,
        handle_before=spec.handle_before,
        handle_after=spec.handle_after,
    )


def plan_request(spec: ShotSpec, *, seed_matters: bool) -> PlanRequest:
    """What to ask the daemon before anything is captured.

    ``seed_matters``: the artist chose the seed. Settings that were left as they come are not called given, so that an
    engine names only what the artist would miss.
    """
    given = [Input.CAMERA, Input.DEPTH, Input.MOTION]
    wanted = (
        (Input.COLOUR, spec.capture_colour),
        (Input.REFERENCES, bool(spec.references)),
        (Input.CHARACTERS, bool(spec.characters)),
        (Input.LORAS, bool(spec.loras)),
        (Input.EDITED_CLIP, spec.source is not None and spec.source.use is SourceUse.EDIT),
        (Input.EXTENDED_CLIP, spec.source is not None and spec.source.use is SourceUse.EXTEND),
        (Input.REGION, spec.region is not None),
        (Input.PROMPT, bool(spec.prompt)),
        (Input.NEGATIVE_PROMPT, bool(spec.negative_prompt)),
        (Input.STYLE, bool(spec.style)),
        (Input.STYLE_PICTURE, bool(spec.style_picture)),
        (Input.STYLE_STRENGTH, spec.style_strength != 1.0),
        (Input.SEED, seed_matters),
        (Input.MOTION_STRENGTH, spec.motion_strength != 0.5),
        (Input.QUALITY, spec.quality is not Quality.STANDARD),
    )
    given += [kind for kind, present in wanted if present]
    return PlanRequest(
        engine=spec.engine,
        delivery=delivery(spec),
        width=spec.width,
        height=spec.height,
        given=tuple(given),
        reference_count=len(spec.references),
        reference_frames=tuple(reference.scene_frame for reference in spec.references),
        quality=spec.quality,
        style=spec.style,
        post=spec.post,
    )


def _region_spec(shot) -> RegionSpec | None:
    if shot.region_kind == "NONE":
        return None
    chosen = getattr(shot, f"region_{shot.region_kind.lower()}")
    return RegionSpec(RegionKind(shot.region_kind), chosen.name if chosen else "", shot.region_invert)


def _reference_spec(reference) -> ReferenceSpec:
    source = ReferenceSource(reference.source)
    return ReferenceSpec(
        uid=reference.uid,
        name=reference.name,
        scene_frame=reference.scene_frame,
        source=source,
        path="" if source is ReferenceSource.IMAGE else bpy.path.abspath(reference.path),
        image=reference.image.name if reference.image and source is ReferenceSource.IMAGE else "",
        strength=reference.strength,
    )
