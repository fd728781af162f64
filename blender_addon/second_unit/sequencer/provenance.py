# SPDX-License-Identifier: GPL-3.0-or-later
"""What a strip knows about where it comes from; saved with the strip and copied with it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, FloatProperty, IntProperty, PointerProperty, StringProperty

if TYPE_CHECKING:
    from ..link.records import JobRecord


def wipe(lineage: "SECOND_UNIT_PG_strip", _context: bpy.types.Context | None = None) -> None:
    """Crops the strip that shows the second of two compared takes: what is left of the wipe shows the first."""
    for strip in strips_of(lineage.id_data):
        if strip.second_unit == lineage and lineage.compared:
            width = strip.elements[0].orig_width
            strip.crop.min_x = min(round(lineage.wipe * width), width - 1)
            strip.blend_alpha = 1.0 if lineage.wipe < 1.0 else 0.0  # of an empty rest Blender 5.2 draws an edge


class SECOND_UNIT_PG_strip(bpy.types.PropertyGroup):
    """Lineage of a take. ``job_id`` is empty on strips that are none. The seed is text: it may exceed 32 bits."""

    job_id: StringProperty(name="Job", description="The daemon's job that made this clip")
    shot_uid: StringProperty(name="Shot ID", description="The shot that this clip is a take of")
    shot_name: StringProperty(name="Shot", description="Name of the shot when it was shot")
    take: IntProperty(name="Take", description="Number of the take")
    engine: StringProperty(name="Engine", description="What made the clip")
    seed: StringProperty(name="Seed", description="Seed of the clip")
    prompt: StringProperty(name="Prompt", description="Prompt of the clip")
    digest: StringProperty(name="SHA-256", description="Content address of the clip file")
    provenance: StringProperty(name="Provenance", description="The whole request and result as JSON")
    made_of: StringProperty(name="Made Of", description="The job of the take that this file was made from")
    made_by: StringProperty(name="Made By", description="What was done to that take, or to the strip below")
    follow: BoolProperty(
        name="Follow Clip", description="Keep this sound where its clip is, trimmed as the clip is", default=True
    )
    pair: StringProperty(
        options={"HIDDEN"}
    )  # the same on a strip that is no take and on the sound that was made for it
    sound_offset: IntProperty(options={"HIDDEN"})
    compared: StringProperty(options={"HIDDEN"})  # job whose take this strip shows for as long as two are compared
    wipe: FloatProperty(
        name="Wipe",
        description="Where one take ends and the other begins, across the picture",
        subtype="FACTOR",
        min=0.0,
        max=1.0,
        default=0.5,
        update=wipe,
    )


def mark(strip: bpy.types.Strip, record: "JobRecord") -> None:
    """Writes a take's lineage on its strip."""
    lineage = strip.second_unit
    lineage.job_id = record.job_id
    lineage.shot_uid = record.shot_id
    lineage.shot_name = record.shot_name
    lineage.take = record.take
    lineage.engine = record.engine
    lineage.seed = str(record.seed)
    lineage.prompt = record.prompt
    lineage.digest = record.blobs.get("clip", "")
    lineage.provenance = str(record.result.get("provenance", ""))


def strips_of(scene: bpy.types.Scene) -> Iterator[bpy.types.Strip]:
    """All strips of a scene, those inside metas too."""
    if scene.sequence_editor:
        yield from scene.sequence_editor.strips_all


def find_strip(job_id: str) -> tuple[bpy.types.Scene, bpy.types.Strip] | None:
    """The strip that shows a job's clip, in whatever scene it is."""
    for scene in bpy.data.scenes:
        for strip in strips_of(scene):
            if strip.type == "MOVIE" and strip.second_unit.job_id == job_id:
                return scene, strip
    return None


def job_ids() -> set[str]:
    """Jobs that a strip of this file shows, or sounds."""
    return {s.second_unit.job_id for scene in bpy.data.scenes for s in strips_of(scene) if s.second_unit.job_id}


def compared() -> set[str]:
    """Jobs whose takes lie over each other to be compared."""
    return {s.second_unit.compared for scene in bpy.data.scenes for s in strips_of(scene) if s.second_unit.compared}


def register() -> None:
    bpy.utils.register_class(SECOND_UNIT_PG_strip)
    bpy.types.Strip.second_unit = PointerProperty(type=SECOND_UNIT_PG_strip)


def unregister() -> None:
    del bpy.types.Strip.second_unit
    bpy.utils.unregister_class(SECOND_UNIT_PG_strip)
