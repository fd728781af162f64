# SPDX-License-Identifier: GPL-3.0-or-later
"""Strip properties under one name: Blender 5.2 renamed what 4.5 to 5.1 have (the old names go in 6.0)."""

from __future__ import annotations

import bpy


def _has(strip: bpy.types.Strip, name: str) -> bool:
    return name in strip.bl_rna.properties


def left(strip: bpy.types.Strip) -> int:
    """First scene frame that the strip shows."""
    return strip.left_handle if _has(strip, "left_handle") else strip.frame_final_start


def right(strip: bpy.types.Strip) -> int:
    """Scene frame after the last one that the strip shows."""
    return strip.right_handle if _has(strip, "right_handle") else strip.frame_final_end


def set_handles(strip: bpy.types.Strip, first: int, end: int) -> None:
    """Shows scene frames ``first`` … ``end - 1`` of the strip, wherever its content lies."""
    if _has(strip, "left_handle"):
        strip.left_handle, strip.right_handle = first, end
    else:
        strip.frame_final_start, strip.frame_final_end = first, end


def content_start(strip: bpy.types.Strip) -> int:
    """Scene frame of the media's first frame, shown or not."""
    return round(strip.content_start if _has(strip, "content_start") else strip.frame_start)


def set_content_start(strip: bpy.types.Strip, frame: int) -> None:
    """Moves the media, handles and all, so that its first frame lies on scene frame ``frame``."""
    if _has(strip, "content_start"):
        strip.content_start = frame
    else:
        strip.frame_start = frame


def content_length(strip: bpy.types.Strip) -> int:
    """Frames of the media."""
    return strip.content_duration if _has(strip, "content_duration") else strip.frame_duration


def content_end(strip: bpy.types.Strip) -> int:
    """Scene frame after the one with the media's last frame, shown or not."""
    if _has(strip, "content_end"):
        return round(strip.content_end)
    return round(strip.frame_final_end + strip.frame_offset_end)


def new_speed_effect(
    strips: bpy.types.StripsTopLevel, name: str, channel: int, first: int, length: int, source: bpy.types.Strip
) -> bpy.types.Strip:
    """A speed effect over ``source``; its length follows the source's."""
    return new_effect(strips, "SPEED", name, channel, first, length, source)


def new_effect(
    strips: bpy.types.StripsTopLevel, kind: str, name: str, channel: int, first: int, length: int,
    input1: bpy.types.Strip | None = None, input2: bpy.types.Strip | None = None,
) -> bpy.types.Strip:  # fmt: skip
    """An effect over one strip, two or none; it is not selected."""
    parameters = bpy.types.StripsTopLevel.bl_rna.functions["new_effect"].parameters
    end = {"length": length} if "length" in parameters else {"frame_end": first + length}
    inputs = {name: strip for name, strip in (("input1", input1), ("input2", input2)) if strip}
    effect = strips.new_effect(name=name, type=kind, channel=channel, frame_start=first, **inputs, **end)
    effect.select = False
    return effect
