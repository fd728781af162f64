# SPDX-License-Identifier: GPL-3.0-or-later
"""What the shot is told in words: prompt, what to avoid, style; earlier prompts, a seed to keep."""

import bpy
from bpy.props import StringProperty

from ..core import styles
from ..link import current
from . import text
from .shot import engines, spec
from .shot.operators import OnShot
from .shot.panels import OfShot, SECOND_UNIT_PT_shots
from .shot.props import MAX_SEED, active_shot
from .takes import view

RECENT = 12
SHOWN_LETTERS = 60


class SECOND_UNIT_OT_prompt_edit(OnShot, bpy.types.Operator):
    """Write the prompt in a Text block, in the Text Editor: for prompts of more than a line"""

    bl_idname = "second_unit.prompt_edit"
    bl_label = "Edit as Text"

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        self.execute(context)
        _show(context, active_shot(context.scene).prompt_text)
        return {"FINISHED"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        shot = active_shot(context.scene)
        if shot.prompt_text is None:
            text = bpy.data.texts.new(f"Prompt of {shot.name}")
            text.write(shot.prompt)
            shot.prompt_text = text
        return {"FINISHED"}


class SECOND_UNIT_OT_prompt_use(OnShot, bpy.types.Operator):
    """Take up this prompt again"""

    bl_idname = "second_unit.prompt_use"
    bl_label = "Use Prompt"

    prompt: StringProperty(name="Prompt", description="Words to use", options={"SKIP_SAVE"})

    @classmethod
    def description(cls, _context: bpy.types.Context, properties) -> str:
        return properties.prompt.rstrip(".") or (cls.__doc__ or "")

    def execute(self, context: bpy.types.Context) -> set[str]:
        shot = active_shot(context.scene)
        shot.prompt_text = None  # stays in the file, for whoever wants it back
        shot.prompt = self.prompt
        return {"FINISHED"}


class SECOND_UNIT_OT_seed_keep(OnShot, bpy.types.Operator):
    """Shoot with the seed of the shot's last take from now on, or draw a new one for every take again"""

    bl_idname = "second_unit.seed_keep"
    bl_label = "Keep Seed"

    def execute(self, context: bpy.types.Context) -> set[str]:
        shot = active_shot(context.scene)
        newest = next((record for take in view.of_shot(shot.uid) if (record := view.record_of(take.job_id))), None)
        if shot.random_seed and newest is not None and newest.seed <= MAX_SEED:
            shot.seed = newest.seed
        shot.random_seed = not shot.random_seed
        return {"FINISHED"}


class SECOND_UNIT_OT_style_use(OnShot, bpy.types.Operator):
    """Use these words for the style"""

    bl_idname = "second_unit.style_use"
    bl_label = "Use Style"

    words: StringProperty(name="Style", description="Words to use", options={"SKIP_SAVE"})

    @classmethod
    def description(cls, _context: bpy.types.Context, properties) -> str:
        return properties.words.rstrip(".") or (cls.__doc__ or "")

    def execute(self, context: bpy.types.Context) -> set[str]:
        active_shot(context.scene).style = self.words
        return {"FINISHED"}


def _show(context: bpy.types.Context, text: bpy.types.Text) -> None:
    """Shows the Text block in a Text Editor that is open, or in a window of its own."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "TEXT_EDITOR":
                area.spaces.active.text = text
                return
    before = set(context.window_manager.windows[:])
    bpy.ops.wm.window_new()
    for window in set(context.window_manager.windows[:]) - before:
        area = window.screen.areas[0]
        area.type = "TEXT_EDITOR"
        area.spaces.active.text = text
        area.spaces.active.show_word_wrap = True


class SECOND_UNIT_MT_prompts(bpy.types.Menu):
    """Prompts of this file's takes, the latest first"""

    bl_label = "Earlier Prompts"

    def draw(self, _context: bpy.types.Context) -> None:
        prompts = recent_prompts()
        for prompt in prompts:
            shown = prompt if len(prompt) <= SHOWN_LETTERS else prompt[: SHOWN_LETTERS - 1] + "…"
            self.layout.operator(SECOND_UNIT_OT_prompt_use.bl_idname, text=shown, translate=False).prompt = prompt
        if not prompts:
            self.layout.label(text="No take of this file has a prompt yet")


class SECOND_UNIT_MT_styles(bpy.types.Menu):
    """Looks to begin from"""

    bl_label = "Styles"

    def draw(self, _context: bpy.types.Context) -> None:
        for name, words in styles.PRESETS:
            self.layout.operator(SECOND_UNIT_OT_style_use.bl_idname, text=name).words = words
        self.layout.separator()
        self.layout.operator(SECOND_UNIT_OT_style_use.bl_idname, text="None", icon="X").words = ""


def recent_prompts() -> list[str]:
    """Different prompts of the journal's jobs, the latest first."""
    journal = current.tracker.journal
    told = [record.prompt for record in reversed(journal.records())] if journal else []
    return [prompt for prompt in dict.fromkeys(told) if prompt][:RECENT]


class SECOND_UNIT_PT_prompt(OfShot, bpy.types.Panel):
    bl_label = "Prompt"
    bl_order = 0
    bl_parent_id = "SECOND_UNIT_PT_shots"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        shot = active_shot(context.scene)
        above = engines.reads(shot.engine, "prompt")
        if not above:
            _draw_words(layout, shot)
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(shot, "negative_prompt")
        if not above:
            _draw_style(layout, shot)
        layout.prop(shot, "style_picture")
        if shot.style or shot.style_picture:
            layout.prop(shot, "style_strength")
        said = spec.written(shot)
        strength = layout.row()
        strength.active = said.motion is None
        strength.prop(shot, "motion_strength")
        seed = layout.column()
        seed.active = said.seed is None
        row = seed.row()
        row.active = not shot.random_seed
        row.prop(shot, "seed")
        seed.prop(shot, "random_seed")


def draw_in_shot(self, context: bpy.types.Context) -> None:
    """Prompt and style at the end of the panel Shot, where the shot's engine reads words: one press away."""
    shot = active_shot(context.scene)
    if shot is not None and engines.reads(shot.engine, "prompt"):
        words = self.layout.column()
        words.use_property_split = False
        _draw_words(words, shot)
        _draw_style(self.layout, shot)


def _draw_style(layout: bpy.types.UILayout, shot) -> None:
    row = layout.row(align=True)
    row.prop(shot, "style")
    row.menu("SECOND_UNIT_MT_styles", text="", icon="PRESET")


def _draw_words(layout: bpy.types.UILayout, shot) -> None:
    row = layout.row(align=True)
    if shot.prompt_text:
        row.prop(shot, "prompt_text", text="")
    else:
        row.prop(shot, "prompt", text="", placeholder="What the clip shows")
    row.menu("SECOND_UNIT_MT_prompts", text="", icon="RECOVER_LAST")
    row.operator(SECOND_UNIT_OT_prompt_edit.bl_idname, text="", icon="TEXT")
    kept = not shot.random_seed
    row.operator(SECOND_UNIT_OT_seed_keep.bl_idname, text="", icon="LOCKED" if kept else "UNLOCKED", depress=kept)
    if shot.prompt_text or len(shot.prompt) > 30:  # the field cuts it off
        words = spec.written(shot).text
        text.wrapped(layout, words or "The Text block is empty", "NONE" if words else "INFO")
    _draw_settings(layout, shot)


def _draw_settings(layout: bpy.types.UILayout, shot) -> None:
    """What the prompt sets by --words, and what of it could not be followed."""
    said = spec.written(shot)
    if said.settings():
        text.table(layout, said.settings(), share=0.3)
    for doubt in said.doubts:
        text.wrapped(layout, doubt, "ERROR")


CLASSES = (
    SECOND_UNIT_OT_prompt_edit,
    SECOND_UNIT_OT_prompt_use,
    SECOND_UNIT_OT_seed_keep,
    SECOND_UNIT_OT_style_use,
    SECOND_UNIT_MT_prompts,
    SECOND_UNIT_MT_styles,
    SECOND_UNIT_PT_prompt,
)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    SECOND_UNIT_PT_shots.append(draw_in_shot)


def unregister() -> None:
    SECOND_UNIT_PT_shots.remove(draw_in_shot)
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
