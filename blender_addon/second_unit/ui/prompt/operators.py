# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing a long prompt in the Text Editor, taking up an earlier one, keeping a seed, choosing a style."""

import bpy
from bpy.props import StringProperty

from ..shot.operators import OnShot
from ..shot.props import MAX_SEED, active_shot
from ..takes import view


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


CLASSES = (SECOND_UNIT_OT_prompt_edit, SECOND_UNIT_OT_prompt_use, SECOND_UNIT_OT_seed_keep, SECOND_UNIT_OT_style_use)
