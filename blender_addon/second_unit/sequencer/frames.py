# SPDX-License-Identifier: GPL-3.0-or-later
"""One frame of what a strip shows, as a picture on disk, in the colours of the strip's file."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..protocol.disk import disk_errors
from ..protocol.errors import ErrorCode, SecondUnitError
from ..scene.render_result import spare_render_result
from ..scene.settings import Settings
from . import bare, colour, compat, landing, picked

CHOOSE = "Move the playhead over a movie or image strip, or choose another strip"
RENDER = "render the strip to a movie first"
FROM_RENDER = "Pin a frame of it with From Render in that scene"
# Kinds that have a picture without a file of their own and without inputs.
OWN_PICTURES = {"SCENE", "META", "MOVIECLIP", "MASK", "TEXT", "COLOR"}


def under_playhead(scene: bpy.types.Scene) -> bpy.types.Strip:
    """The chosen strip where the playhead is on it, else the uppermost one there. Raises SecondUnitError; that also
    where the chosen one shows something else than a file."""
    editor, frame = scene.sequence_editor, scene.frame_current
    here = [
        strip
        for strip in (editor.strips if editor else ())
        if not strip.mute and compat.left(strip) <= frame < compat.right(strip)
    ]
    chosen = editor.active_strip if editor else None
    if chosen in here and chosen.type in OWN_PICTURES:
        kind = chosen.bl_rna.properties["type"].enum_items[chosen.type].name
        if chosen.type == "SCENE" and chosen.scene:
            raise picked.refused(
                f"{chosen.name} shows the scene {chosen.scene.name}, no file", f"{FROM_RENDER}, or {RENDER}"
            )
        raise picked.refused(
            f"{chosen.name} is a strip of the kind {kind}, and shows no file", f"{CHOOSE}, or {RENDER}"
        )
    files = [strip for strip in here if strip.type in {"MOVIE", "IMAGE"}]
    if not files:
        raise picked.refused(f"No movie or image strip is at frame {frame} of {scene.name}", CHOOSE)
    return chosen if chosen in files else max(files, key=lambda strip: strip.channel)


def picture_at(strip: bpy.types.Strip, frame: int) -> Path:
    """The file that an image strip shows at a scene frame. Raises SecondUnitError(FILE_GONE)."""
    place = frame - compat.content_start(strip) + strip.animation_offset_start
    last = len(strip.elements) - 1
    place = min(max(last - place if strip.use_reverse_frames else place, 0), last)
    file = Path(bpy.path.abspath(strip.directory)) / strip.elements[place].filename
    if not file.is_file():
        remedy = "Find it with Strip > Inputs > Change Path/Files"
        raise SecondUnitError(ErrorCode.FILE_GONE, f"The picture of {strip.name} is not at {file}", remedy=remedy)
    return file


def write_frame(strip: bpy.types.Strip, scene: bpy.types.Scene, path: Path) -> None:
    """What a movie strip shows of its file at the scene's current frame, as a PNG of the file's own size.

    Raises SecondUnitError as :func:`picked.media_of` does, and DISK_FULL or NOT_WRITABLE.
    """
    media = picked.media_of(strip, scene)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")  # a folder that cannot be written to is found out here
        path.unlink()
    settings = Settings()
    spare_render_result(settings)
    try:
        with bare.bare_scene("Second Unit Frame", media.size) as stage:
            copy = stage.sequence_editor.strips.new_movie("frame", str(media.file), 1, 1, fit_method="ORIGINAL")
            colour.match(copy, stage)
            # A single render would be of the window's frame, whichever scene is rendered.
            stage.frame_start = stage.frame_end = 1 + media_frame(media, scene)
            stage.render.filepath = str(path.with_suffix(".part"))
            made = Path(stage.render.frame_path(frame=stage.frame_start))
            bpy.ops.render.render(animation=True, scene=stage.name)
        with disk_errors(path):
            made.replace(path)
    except RuntimeError as error:
        raise picked.refused(f"Blender cannot draw {media.file.name}: {error}", picked.WHOLE) from error
    finally:
        settings.restore()


def media_frame(media: picked.Picked, scene: bpy.types.Scene) -> int:
    """Number, in the file, of the frame that is seen at the scene's current frame."""
    played = (scene.frame_current - media.start) * media.rate.fraction / landing.scene_frame_rate(scene).fraction
    place = min(max(int(played), 0), media.count - 1)
    return media.first + (media.count - 1 - place if media.backwards else place)
