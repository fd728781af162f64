# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with the chosen strip: finish it, give it sound, deliver it."""

from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import IntProperty, StringProperty

from ...core import finishing
from ...protocol.errors import SecondUnitError
from ...sequencer import above, compat, landing, picked, sound
from .. import here
from . import lone, running

if TYPE_CHECKING:
    from ...link.programs import Run
    from ...protocol.grid import Rate

SUFFIX = {"prores422": ".mov", "prores4444": ".mov", "dnxhr": ".mov", "ffv1": ".mkv", "webm": ".webm", "gif": ".gif",
          "webp": ".webp", "png": "", "exr": ""}  # fmt: skip
CROPPED = ("vertical", "square", "wide")


class OnStrip:
    """Works on the chosen movie strips of the scene that the sequencer shows, one after another; on the active one
    alone where ``several`` is false."""

    bl_options = {"REGISTER"}
    several = True

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        strip = picked.active_strip(context)
        if strip is None or strip.type != "MOVIE":
            cls.poll_message_set("Choose a movie strip in the sequencer")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        strips = picked.chosen(context) if self.several else [picked.active_strip(context)]
        runs, refusals, jobs = [], {}, False
        for strip in strips:
            try:
                media = picked.media_of(strip, picked.scene_of(context))
                runs.append(self.started(context, media))
                jobs = jobs or bool(media.job_id)
            except SecondUnitError as error:
                refusals[error.info.sentence()] = None  # the same of several is said once
        for sentence in refusals:
            self.report({"ERROR"}, sentence)
        if jobs and (reason := here.shot_elsewhere()):
            self.report({"WARNING"}, f"{reason}: the clip is taken as it is, without its scene")
        return handed_over(self, runs)


def handed_over(operator: bpy.types.Operator, runs: "list[Run]") -> set[str]:
    """What an operator returns that has started ``runs``: in the background once they are over, and have landed."""
    if bpy.app.background:  # a script goes on when it is done
        runs = [run for run in runs if _finished(operator, run)]
    elif runs:
        operator.report({"INFO"}, runs[0].words if len(runs) == 1 else f"{len(runs)} strips, one after another")
    return {"FINISHED"} if runs else {"CANCELLED"}


def _finished(operator: bpy.types.Operator, run: "Run") -> bool:
    """Whether it went well, once it is over."""
    good = running.finish(run)
    for note in run.notes:
        operator.report({"WARNING"}, note)
    operator.report({"INFO"} if good else {"ERROR"}, run.words)
    return good


class SECOND_UNIT_OT_strip_finish(OnStrip, bpy.types.Operator):
    """Run the steps that are set over the strip and put the result on the channel above it"""

    bl_idname = "second_unit.strip_finish"
    bl_label = "Finish Strip"

    def started(self, context: bpy.types.Context, strip: "picked.Picked"):
        scene = bpy.data.scenes[strip.scene]
        settings = scene.second_unit_finish
        match, part = _match(settings, strip, scene)
        asked = settings.asked(_size(scene), match, part)
        rate = landing.scene_frame_rate(scene)
        steps = finishing.steps(asked, strip.rate, rate)
        if not steps:
            raise picked.refused("No step is set", "Set one in the panel Finish, such as Upscale")
        out = running.free_out(strip.strip, "finished", finishing.SUFFIXES[settings.file])
        words = ["finish", *finishing.clip_words(best_file(strip), strip.first, strip.count, strip.whole, strip.rate)]
        for step in steps:
            words += ["--step", finishing.words(step)]
        if finishing.needs_shot(asked) and (job := running.known_job(strip.job_id)):
            words += ["--shot", job]
        played = finishing.shown_rate(asked, strip.rate, rate)
        title, done = f"{strip.strip} finished", ", ".join(finishing.words(step) for step in steps)

        def land() -> str:
            made = above.land(strip, out, title, speed=played.fraction / rate.fraction, made_by=done)
            return f"{made.name} lies on channel {made.channel}"

        return running.start([*words, "--out", str(out)], title, out, f"Finishing {strip.strip}", land)


class SECOND_UNIT_OT_strip_sound(OnStrip, bpy.types.Operator):
    """Make sound for the strip, as long as it is; it lands as a strip of its own that stays with it"""

    bl_idname = "second_unit.strip_sound"
    bl_label = "Make Sound"

    def started(self, context: bpy.types.Context, strip: "picked.Picked"):
        scene = bpy.data.scenes[strip.scene]
        settings = scene.second_unit_finish
        out = running.free_out(strip.strip, "sound", ".wav")
        clip, *words = finishing.clip_words(strip.file, strip.first, strip.count, strip.whole, strip.rate)
        words = ["sound", settings.sound_prompt, "--clip", clip, *words, "--seed", str(settings.sound_seed)]
        if settings.sound_loop:
            words.append("--loop")
        if job := running.known_job(strip.job_id):
            words += ["--shot", job]

        def land() -> str:
            made = above.land_sound(scene, strip.find(), out)
            return f"{made.name} lies on channel {made.channel}"

        title = f"{strip.strip} sound"
        return running.start([*words, "--out", str(out)], title, out, f"Making sound for {strip.strip}", land)


class SECOND_UNIT_OT_strip_deliver(OnStrip, bpy.types.Operator):
    """Write the strip's clip in the format that is set, read it back and compare; with poster, contact sheet and
    provenance beside it"""

    bl_idname = "second_unit.strip_deliver"
    bl_label = "Deliver Strip"
    several = False

    filepath: StringProperty(name="File", description="File or folder to write", subtype="FILE_PATH")

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        scene = picked.scene_of(context)
        preset = scene.second_unit_finish.preset
        name = running.name_for(scene.sequence_editor.active_strip.name, preset)
        self.filepath = name + SUFFIX.get(preset, ".mp4")
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def started(self, context: bpy.types.Context, strip: "picked.Picked"):
        scene = bpy.data.scenes[strip.scene]
        settings = scene.second_unit_finish
        if not self.filepath:
            raise picked.refused("No file is named", "Name the file to write")
        out = Path(bpy.path.abspath(self.filepath)).absolute()
        suffix = SUFFIX.get(settings.preset, ".mp4")
        if out.suffix.lower() != suffix:  # typed without it, or for another format
            out = out.with_name(out.name + suffix)
        words = ["deliver", *finishing.clip_words(best_file(strip), strip.first, strip.count, strip.whole, strip.rate)]
        words += ["--preset", settings.preset, "--out", str(out)]
        if settings.aspect and settings.preset not in CROPPED:
            words += ["--aspect", settings.aspect]
        focus = {"SUBJECT": "subject", "MIDDLE": "0.5", "AT": f"{settings.focus_at:g}"}[settings.focus]
        words += ["--focus", focus]
        if settings.focus == "SUBJECT" and (job := running.known_job(strip.job_id)):
            words += ["--shot", job]
        heard = sound.of_clip(scene, strip.find())
        if heard is not None:
            file, seconds = _heard(heard, scene)
            volume = 0.0 if heard.mute else heard.volume
            words += ["--sound", file, "--sound-from", f"{seconds:.6f}", "--volume", f"{volume:g}"]
        if settings.level and not (heard is not None and heard.mute):
            words += ["--lufs", f"{settings.lufs:g}"]
        return running.start(words, out.name, out, f"Delivering {strip.strip}")


class SECOND_UNIT_OT_strip_render(bpy.types.Operator):
    """Render the strip alone, as it is seen, to a movie on the channel above, for edits that work on movies. Another
    Blender does it, from a copy of the file"""

    bl_idname = "second_unit.strip_render"
    bl_label = "Render to Movie"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        strip = picked.active_strip(context)
        if strip is None or strip.type == "SOUND":
            cls.poll_message_set("Choose a strip with a picture in the sequencer")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        strip = picked.active_strip(context)
        try:
            return handed_over(self, lone.start(picked.scene_of(context), picked.chosen(context, strip.type)))
        except SecondUnitError as error:
            self.report({"ERROR"}, error.info.sentence())
            return {"CANCELLED"}


class SECOND_UNIT_OT_finish_cancel(bpy.types.Operator):
    """Stop it"""

    bl_idname = "second_unit.finish_cancel"
    bl_label = "Stop"

    place: IntProperty(options={"HIDDEN"})

    def execute(self, _context: bpy.types.Context) -> set[str]:
        if 0 <= self.place < len(running.programs.runs):
            running.programs.runs[self.place].cancel()
        return {"FINISHED"}


class SECOND_UNIT_OT_finish_forget(bpy.types.Operator):
    """Take what is over off the panel; files and strips stay"""

    bl_idname = "second_unit.finish_forget"
    bl_label = "Clear"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        running.programs.forget()
        return {"FINISHED"}


def _size(scene: bpy.types.Scene) -> tuple[int, int]:
    """Of the scene's render."""
    render = scene.render
    return tuple(
        round(side * render.resolution_percentage / 100) for side in (render.resolution_x, render.resolution_y)
    )


def best_file(strip: "picked.Picked") -> Path:
    """The take's master where its frames are the strip's, else the strip's file: a finished clip should not be made of
    one that was compressed for scrubbing."""
    from ..takes import view

    record = view.record_of(strip.find().second_unit.job_id)
    master = view.file_of(record, "master") if record else None
    if master is None or not master.is_file():
        return strip.file
    probe = bpy.data.movieclips.load(str(master))
    same = (probe.frame_duration, tuple(probe.size)) == (strip.media_frames, strip.size)
    bpy.data.movieclips.remove(probe)
    return master if same else strip.file


def _match(settings, strip: "picked.Picked", scene: bpy.types.Scene) -> tuple[str, str]:
    """(file, part of it) whose colours are taken over. Raises SecondUnitError where there is none."""
    if settings.match == "OFF":
        return "", ""
    if settings.match == "FILE":
        file = bpy.path.abspath(settings.match_file) if settings.match_file else ""
        if not Path(file).is_file():
            raise picked.refused("The picture to match is not there", "Choose another one")
        return file, ""
    before = settings.match == "BEFORE"
    others = [s for s in scene.sequence_editor.strips if s.type == "MOVIE" and s.name != strip.strip and not s.mute]
    if before:
        found = max((s for s in others if compat.right(s) <= strip.start), key=compat.right, default=None)
    else:
        found = min((s for s in others if compat.left(s) >= strip.end), key=compat.left, default=None)
    if found is None:
        where = "before" if before else "after"
        raise picked.refused(f"No movie strip lies {where} {strip.strip}", "Match another strip, or a picture")
    other = picked.media_of(found, scene)
    return str(other.file), "" if other.whole else f"{other.first}:{other.count}"


def _heard(strip: bpy.types.Strip, scene: bpy.types.Scene) -> tuple[str, float]:
    """(file of a sound strip, seconds into it where the strip begins)."""
    rate: Rate = landing.scene_frame_rate(scene)
    into = (compat.left(strip) - compat.content_start(strip)) / rate.fraction
    return bpy.path.abspath(strip.sound.filepath), max(float(into), 0.0)


CLASSES = (
    SECOND_UNIT_OT_strip_finish,
    SECOND_UNIT_OT_strip_sound,
    SECOND_UNIT_OT_strip_deliver,
    SECOND_UNIT_OT_strip_render,
    SECOND_UNIT_OT_finish_cancel,
    SECOND_UNIT_OT_finish_forget,
)
