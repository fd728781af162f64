# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of shots, in their scene or for another one."""

from __future__ import annotations

import bpy

from ..active import new_uid
from . import spec

_NOT_COPIED = {"rna_type", "uid", "name", "references", "cast", "loras", "source", "steps", "engine_choice", "seconds"}


def unique_name(shots, wanted: str) -> str:
    """``wanted``, or with the next number that is free among the shots."""
    taken = {shot.name for shot in shots}
    stem = wanted.rstrip("0123456789").rstrip(".") if wanted[-4:-3] == "." else wanted
    name, number = wanted, 1
    while name in taken:
        name, number = f"{stem}.{number:03d}", number + 1
    return name


def copy(shots, place: int, into) -> None:
    """Adds a copy of ``shots[place]`` at the end of ``into``, maybe the same list: its uid and words are its own."""
    made = into.add()
    original = shots[place]  # adding may have moved the collection in memory
    _copy(original, made, _NOT_COPIED)
    made.name, made.uid = unique_name(into, original.name), new_uid()
    if original.prompt_text:  # else who changes the words of one shot would change the other's
        made.prompt_text = original.prompt_text.copy()
        made.prompt_text.name = f"Prompt of {made.name}"
    for reference in original.references:
        pinned = made.references.add()
        _copy(reference, pinned, {"rna_type", "uid"})
        pinned.uid = new_uid()
    for kept, fresh in ((original.cast, made.cast), (original.loras, made.loras)):
        for item in kept:
            _copy(item, fresh.add(), {"rna_type"})
    _copy(original.source, made.source, {"rna_type", "name"})
    _copy(original.steps, made.steps, {"rna_type", "name"})


def keep_what_it_was(scene: bpy.types.Scene, shot, goal: bpy.types.Scene, made) -> None:
    """Gives ``made``, the copy for the scene ``goal``, as its own what the ``shot`` takes from its scene, where the
    other one has something else: camera, range, size and the scene of its source strip. A camera that is not in
    ``goal`` cannot be followed there, be it the shot's own."""
    camera, size = spec.camera_of(scene, shot), spec.chosen_size(scene, shot)
    if spec.frame_range(goal, made) != (span := spec.frame_range(scene, shot)):
        made.use_scene_range = False
        made.frame_start, made.frame_end = span
    if spec.chosen_size(goal, made) != size:
        made.size = "CUSTOM"
        made.width, made.height = size
    if made.camera and not _is_in(goal, made.camera):
        made.camera = None
    if camera and spec.camera_of(goal, made) != camera and _is_in(goal, camera):
        made.camera = camera
    if made.source.kind == "STRIP" and made.source.scene is None:
        made.source.scene = scene


def _is_in(scene: bpy.types.Scene, thing: bpy.types.Object) -> bool:
    return scene.objects.get(thing.name) == thing  # another one, of a library, may have its name


def bring_characters(shot, characters, into) -> None:
    """Adds those of the ``characters`` that the shot knows and that are not ``into`` yet."""
    known = {role.uid for role in shot.cast} - {character.uid for character in into}
    for character in characters:
        if character.uid in known:
            made = into.add()
            made.uid, made.name = character.uid, character.name
            for picture in character.pictures:
                _copy(picture, made.pictures.add(), {"rna_type"})


def _copy(source: bpy.types.PropertyGroup, into: bpy.types.PropertyGroup, leave: set[str]) -> None:
    for prop in source.bl_rna.properties:
        if prop.identifier not in leave and not prop.is_readonly:
            setattr(into, prop.identifier, getattr(source, prop.identifier))
