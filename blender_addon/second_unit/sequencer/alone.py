# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in a Blender of its own, as a script: renders strips of a file alone, each as it is seen, to a movie.

    blender --background --python-exit-code 1 --python alone.py -- JOB.json

The job names the ``file``, the ``scene``, the ``strip``, the movie ``out``, whether the file's ``scripts`` may run,
whether the scene's view is laid over it (``viewed``), and the ``extension``, which is to leave that file's takes alone.
Progress goes to the standard error as the daemon's program writes it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import traceback
from pathlib import Path

import bpy

GOP = 12  # frames from one key frame to the next, for scrubbing


def seen_through(strip: bpy.types.Strip) -> list[bpy.types.Strip]:
    """The strip and, for an effect, those that it is of."""
    found = [strip]
    for each in found:
        inputs = (getattr(each, name, None) for name in ("input_1", "input_2"))
        masks = (getattr(modifier, "input_mask_strip", None) for modifier in getattr(each, "modifiers", ()))
        found += [other for other in (*inputs, *masks) if other is not None and other not in found]
    return found


def leave(scene: bpy.types.Scene, strip: bpy.types.Strip) -> None:
    """Mutes all other strips, and shows this one over nothing."""
    kept = seen_through(strip)
    for other in scene.sequence_editor.strips:
        other.mute = other not in kept
    for channel in scene.sequence_editor.channels:
        channel.mute = False
    strip.blend_type, strip.blend_alpha = "REPLACE", 1.0


def set_up(scene: bpy.types.Scene, strip: bpy.types.Strip, out: str, viewed: bool) -> None:
    render, view = scene.render, scene.view_settings
    newer = hasattr(strip, "left_handle")  # Blender 5.2; the old names go in 6.0
    first = strip.left_handle if newer else strip.frame_final_start
    end = strip.right_handle if newer else strip.frame_final_end
    scene.frame_start, scene.frame_end, scene.frame_step = first, end - 1, 1
    for side in ("resolution_x", "resolution_y"):
        size = round(getattr(render, side) * render.resolution_percentage / 100)
        setattr(render, side, size + size % 2)  # as the codec wants it
    render.resolution_percentage = 100
    render.use_sequencer, render.use_stamp, render.use_multiview = True, False, False
    render.use_file_extension, render.use_overwrite, render.use_placeholder = False, True, False
    render.filepath, render.dither_intensity = out, 0.0
    if hasattr(render.image_settings, "media_type"):
        render.image_settings.media_type = "VIDEO"
    render.image_settings.file_format, render.image_settings.color_mode = "FFMPEG", "RGB"
    render.image_settings.color_management = "FOLLOW_SCENE"
    movie = render.ffmpeg
    movie.format, movie.codec = "MPEG4", "H264"
    movie.audio_codec = "NONE"
    movie.constant_rate_factor, movie.gopsize, movie.use_max_b_frames = "PERC_LOSSLESS", GOP, False
    if not viewed:
        view.view_transform, view.look, view.exposure, view.gamma = "Standard", "None", 0.0, 1.0
        view.use_curve_mapping = False
        if hasattr(view, "use_white_balance"):
            view.use_white_balance = False


def main(job: dict) -> None:
    import addon_utils

    if addon_utils.check(job["extension"])[1]:
        addon_utils.disable(job["extension"])
    bpy.ops.wm.open_mainfile(filepath=job["file"], load_ui=False, use_scripts=job["scripts"])
    scene = bpy.data.scenes[job["scene"]]
    strip = scene.sequence_editor.strips[job["strip"]]
    leave(scene, strip)
    half = Path(job["file"]).with_suffix(".mp4")  # there until it is whole: that folder is removed whatever happens
    set_up(scene, strip, str(half), job["viewed"])
    total, done = scene.frame_end - scene.frame_start + 1, 0

    def written(*_args: object) -> None:
        nonlocal done
        done += 1
        sys.stderr.write(f"progress {done} {total}\n")
        sys.stderr.flush()

    bpy.app.handlers.render_write.append(written)
    bpy.ops.render.render(animation=True, scene=scene.name)
    if not half.is_file():
        sys.exit(f"Blender wrote no movie of {strip.name}")
    shutil.move(half, job["out"])


if __name__ == "__main__":
    wanted = json.loads(Path(sys.argv[sys.argv.index("--") + 1]).read_text())
    if not bpy.app.module:
        main(wanted)
    else:
        code = 1
        try:
            main(wanted)
            code = 0
        except SystemExit as ended:
            sys.stderr.write(f"{ended}\n")
        except Exception:  # noqa: BLE001 - said as Python would
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)  # taking itself apart Blender waits for a thread of its own for ever, at times
