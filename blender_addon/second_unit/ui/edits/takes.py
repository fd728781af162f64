# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes made again: with something changed, or a draft at full quality."""

import random

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty

from ...core.qualities import QUALITIES
from ...sequencer import picked, provenance
from .. import here
from ..shot.props import MAX_SEED
from ..takes import view
from .making import Makes


class _OfTake(Makes):
    """Works on a take: the one that is named, the active strip's, else the one that the list shows."""

    job_id: StringProperty(name="Job", description="Job of the take", options={"SKIP_SAVE", "HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if reason := here.shot_elsewhere():
            cls.poll_message_set(f"{reason}. Run second-unit remix or final there")
            return False
        if context.area is not None and cls.take_of(context) is None:  # a script names the take
            cls.poll_message_set("Choose a take, in the list or on the timeline")
            return False
        return True

    @staticmethod
    def take_of(context: bpy.types.Context, job_id: str = ""):
        scene = picked.scene_of(context)
        strip = scene.sequence_editor.active_strip if scene.sequence_editor else None
        on_strip = strip.second_unit.job_id if strip and context.area and context.area.type == "SEQUENCE_EDITOR" else ""
        return view.record_of(job_id or on_strip or view.active_job(context.window_manager))

    def again(self, context: bpy.types.Context, command: str, words: tuple[str, ...], title: str) -> set[str]:
        record = self.take_of(context, self.job_id)
        if record is None or record.clip is None:
            return self.fail("There is no such take")
        found = provenance.find_strip(record.job_id)
        scene = found[0].name if found else record.clip.scene
        name = f"{title} {record.shot_name} take {record.take}"
        kept = {kind: told for kind, told in record.stamp.items() if kind != "settings"}  # those may be others
        over = found[1].name if found else ""
        return self.make((command, record.job_id, *words), name, scene, over=over, stamp=kept)


class SECOND_UNIT_OT_edit_remix(_OfTake, bpy.types.Operator):
    """Make the take again with other words, seed, style, quality or engine; nothing that is the same is sent again"""

    bl_idname = "second_unit.edit_remix"
    bl_label = "Remix"

    own_engine: BoolProperty(name="Same Engine", description="The engine that made the take", default=True)
    style: StringProperty(name="Style", description="How it looks; empty: as it was")
    new_seed: BoolProperty(name="New Seed", description="Another seed than the take's")
    seed: IntProperty(name="Seed", description="The same seed and shot give the same clip", min=0, max=MAX_SEED)
    quality: EnumProperty(
        name="Quality",
        description="Time spent against what comes of it",
        items=(("SAME", "As It Was", "The take's own"), *QUALITIES),
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.seed = random.SystemRandom().randint(0, MAX_SEED)  # the field's own would be the same every time
        return super().invoke(context, event)

    def shown(self) -> tuple[str, ...]:
        engine = () if self.own_engine else ("engine",)
        seed = ("seed",) if self.new_seed else ()
        return ("own_engine", *engine, "prompt", "style", "new_seed", *seed, "quality")

    def execute(self, context: bpy.types.Context) -> set[str]:
        words = [] if self.own_engine else ["--engine", self.engine]
        words += ["--prompt", self.prompt] if self.prompt.strip() else []
        words += ["--style", self.style] if self.style.strip() else []
        words += ["--seed", str(self.seed)] if self.new_seed else []
        words += ["--quality", self.quality] if self.quality != "SAME" else []
        if not words:
            return self.fail("Nothing is changed: the take would be the same again")
        return self.again(context, "remix", tuple(words), "Remix of")


class SECOND_UNIT_OT_edit_final(_OfTake, bpy.types.Operator):
    """Make the draft again at full quality, from the same seed and plan; the take says how alike the two are"""

    bl_idname = "second_unit.edit_final"
    bl_label = "Make Final"

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return self.again(context, "final", (), "Final of")


CLASSES = (SECOND_UNIT_OT_edit_remix, SECOND_UNIT_OT_edit_final)
