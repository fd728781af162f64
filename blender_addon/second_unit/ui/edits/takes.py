# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes made again: with something changed, or a draft at full quality."""

import random
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty

from ...core.qualities import QUALITIES
from ...sequencer import picked, provenance
from .. import here
from ..shot import engines
from ..shot.props import MAX_SEED
from ..takes import chosen, view
from .making import Makes

if TYPE_CHECKING:
    from ...link.records import JobRecord


class _OfTake(Makes):
    """Works on a take: the one that is named, in a sequencer those of the chosen strips, else the one that the list
    shows."""

    job_id: StringProperty(name="Job", description="Job of the take", options={"SKIP_SAVE", "HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if reason := here.shot_elsewhere():
            cls.poll_message_set(f"{reason}. Run second-unit remix or final there")
            return False
        return context.area is None or chosen.is_there(cls, context)  # a script names the take

    @staticmethod
    def take_of(context: bpy.types.Context) -> "JobRecord | None":
        """In a sequencer the active strip's, elsewhere the one that the list shows."""
        return view.record_of(chosen.job(context))

    def takes_of(self, context: bpy.types.Context) -> "list[JobRecord]":
        """With those of the other strips that are selected beside the active one."""
        strips = picked.chosen(context) if picked.in_sequencer(context) else []
        found = [self.take_of(context), *(view.record_of(strip.second_unit.job_id) for strip in strips)]
        found = [view.record_of(self.job_id)] if self.job_id else found
        return list({record.job_id: record for record in found if record and record.clip}.values())

    def again(self, context: bpy.types.Context, command: str, words: tuple[str, ...], title: str) -> set[str]:
        takes = self.takes_of(context)
        if not takes:
            return self.fail("There is no such take")
        done = [self._again(record, command, words, title) for record in takes]
        return {"FINISHED"} if {"FINISHED"} in done else {"CANCELLED"}

    def _again(self, record: "JobRecord", command: str, words: tuple[str, ...], title: str) -> set[str]:
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


class SECOND_UNIT_OT_edit_again(_OfTake, bpy.types.Operator):
    """Make the take once more with a new seed, and all else as it was"""

    bl_idname = "second_unit.edit_again"
    bl_label = "Another Take"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        record = cls.take_of(context) if context.area is not None else None
        if record and not engines.reads(record.engine, "seed"):
            cls.poll_message_set("The engine that made the take reads no seed: it would be the same again")
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        seed = random.SystemRandom().randint(0, MAX_SEED)
        return self.again(context, "remix", ("--seed", str(seed)), "Another take of")


class SECOND_UNIT_OT_edit_final(_OfTake, bpy.types.Operator):
    """Make the draft again at full quality, from the same seed and plan; the take says how alike the two are"""

    bl_idname = "second_unit.edit_final"
    bl_label = "Make Final"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        record = cls.take_of(context) if context.area is not None else None
        if record and not engines.reads(record.engine, "quality"):
            cls.poll_message_set("The engine that made the take knows no quality: it would be the same again")
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return self.again(context, "final", (), "Final of")


CLASSES = (SECOND_UNIT_OT_edit_remix, SECOND_UNIT_OT_edit_again, SECOND_UNIT_OT_edit_final)
