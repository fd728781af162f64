# SPDX-License-Identifier: GPL-3.0-or-later
"""The menu Second Unit in the headers of 3D viewports and sequencers, which is where search (F3) finds operators. An
operator that needs a row of a list (a model, a prompt) is in its panel alone. Beside the menu stands what runs."""

import bpy

from . import going, keymap

# An entry is an operator's name, or (name, properties, text); None is a line between.
Entry = str | tuple[str, dict[str, str], str] | None

SHOTS: tuple[Entry, ...] = (
    "shot_add",
    "shot_duplicate",
    "shot_remove",
    "shot_jump",
    ("shot_move", {"direction": "UP"}, "Move Shot Up"),
    ("shot_move", {"direction": "DOWN"}, "Move Shot Down"),
    None,
    "prompt_edit",
    "seed_keep",
    "lora_remove",
)
REFERENCES: tuple[Entry, ...] = (
    ("reference_take", {"method": "VIEWPORT"}, "Pin the Viewport"),
    ("reference_take", {"method": "RENDER"}, "Pin a Render"),
    "reference_add_file",
    "reference_add_image",
    "reference_add_strip",
    "reference_add_asset",
    "paint",
    None,
    "reference_jump",
    "reference_here",
    "reference_check",
    ("reference_move", {"direction": "UP"}, "Move Reference Up"),
    ("reference_move", {"direction": "DOWN"}, "Move Reference Down"),
    "reference_remove",
    None,
    "paint_pin",
    "paint_drop",
    "paint_cancel",
)
CAMERA: tuple[Entry, ...] = ("camera_from_view", "camera_record", "camera_import", "camera_export")
CHARACTERS: tuple[Entry, ...] = (
    "character_add", "character_picture_add", "character_picture_remove", "character_remove", None, "source_strip",
)  # fmt: skip
QUEUE: tuple[Entry, ...] = (
    ("job_move", {"direction": "FIRST"}, "Run Chosen Job First"),
    ("job_move", {"direction": "UP"}, "Move Chosen Job Up"),
    ("job_move", {"direction": "DOWN"}, "Move Chosen Job Down"),
    ("cancel", {}, "Cancel Capture"),
)
TAKES: tuple[Entry, ...] = (
    "take_play", "take_land", "take_swap", "take_compare", ("take_compare_end", {}, "End Comparison"), None,
    "take_star", "take_rename", "take_folder", "take_fetch", None, "take_remove", "take_delete",
)  # fmt: skip
# Of the chosen strip's take, which is on the timeline.
STRIP_TAKES: tuple[Entry, ...] = tuple(entry for entry in TAKES if entry not in ("take_land", "take_swap"))
DAEMON: tuple[Entry, ...] = (
    "daemon_start", "daemon_stop", "daemon_install", "daemon_install_cancel", "daemon_copy_command", None,
    "models_refresh", "free_memory",
)  # fmt: skip
EDIT: tuple[Entry, ...] = (
    "edit_extend", "edit_modify", "edit_motion", "edit_section", "edit_restyle", None,
    "edit_again", "edit_remix", "edit_final", None,
    "edit_animate", "edit_text", None, "edit_bridge", "edit_dissolve", "edit_stitch", None, "reference_add_strip",
)  # fmt: skip
FINISH: tuple[Entry, ...] = ("strip_finish", "strip_sound", "strip_deliver", None, "strip_render")
CLEAN: tuple[Entry, ...] = ("edits_forget", "exports_forget", "finish_forget", "finish_cancel")


class _Entries:
    entries: tuple[Entry, ...] = ()

    def draw(self, _context: bpy.types.Context) -> None:
        draw_entries(self.layout, self.entries)


class SECOND_UNIT_MT_all_shots(_Entries, bpy.types.Menu):
    bl_label = "Shots"
    entries = SHOTS

    def draw(self, context: bpy.types.Context) -> None:
        super().draw(context)
        self.layout.separator()
        self.layout.menu("SECOND_UNIT_MT_shot_copy")


class SECOND_UNIT_MT_all_references(_Entries, bpy.types.Menu):
    bl_label = "References"
    entries = REFERENCES


class SECOND_UNIT_MT_all_camera(_Entries, bpy.types.Menu):
    bl_label = "Camera"
    entries = CAMERA

    def draw(self, context: bpy.types.Context) -> None:
        super().draw(context)
        self.layout.separator()
        self.layout.operator_menu_enum("second_unit.camera_move", "move")


class SECOND_UNIT_MT_all_characters(_Entries, bpy.types.Menu):
    bl_label = "Characters and Source"
    entries = CHARACTERS


class SECOND_UNIT_MT_all_queue(_Entries, bpy.types.Menu):
    bl_label = "Queue"
    entries = QUEUE


class SECOND_UNIT_MT_all_takes(_Entries, bpy.types.Menu):
    bl_label = "Takes"
    entries = TAKES


class SECOND_UNIT_MT_all_strip_takes(_Entries, bpy.types.Menu):
    bl_label = "Take"
    entries = STRIP_TAKES


class SECOND_UNIT_MT_all_daemon(_Entries, bpy.types.Menu):
    bl_label = "Daemon and Models"
    entries = DAEMON


class SECOND_UNIT_MT_all_edit(_Entries, bpy.types.Menu):
    bl_label = "Edit"
    entries = EDIT


class SECOND_UNIT_MT_all_finish(_Entries, bpy.types.Menu):
    bl_label = "Finish"
    entries = FINISH


class SECOND_UNIT_MT_all_clean(_Entries, bpy.types.Menu):
    bl_label = "Messages"
    entries = CLEAN


IN_VIEWPORT = (
    SECOND_UNIT_MT_all_shots,
    SECOND_UNIT_MT_all_references,
    SECOND_UNIT_MT_all_camera,
    SECOND_UNIT_MT_all_characters,
    SECOND_UNIT_MT_all_queue,
    SECOND_UNIT_MT_all_takes,
    SECOND_UNIT_MT_all_daemon,
)
IN_SEQUENCER = (
    SECOND_UNIT_MT_all_edit,
    SECOND_UNIT_MT_all_finish,
    SECOND_UNIT_MT_all_strip_takes,
    SECOND_UNIT_MT_all_clean,
)


class SECOND_UNIT_MT_all_viewport(bpy.types.Menu):
    """Shots, references, camera, takes"""

    bl_label = "Second Unit"

    def draw(self, _context: bpy.types.Context) -> None:
        self.layout.operator("second_unit.shoot", icon="RENDER_ANIMATION")
        self.layout.separator()
        for menu in IN_VIEWPORT:
            self.layout.menu(menu.__name__)


class SECOND_UNIT_MT_all_sequencer(bpy.types.Menu):
    """What can be made of strips"""

    bl_label = "Second Unit"

    def draw(self, _context: bpy.types.Context) -> None:
        for menu in IN_SEQUENCER:
            self.layout.menu(menu.__name__)


def draw_entries(layout: bpy.types.UILayout, entries: tuple[Entry, ...]) -> None:
    """One row for each."""
    for entry in entries:
        if entry is None:
            layout.separator()
            continue
        name, properties, label = (entry, {}, "") if isinstance(entry, str) else entry
        row = layout.operator(f"second_unit.{name}", **({"text": label} if label else {}))
        for key, value in properties.items():
            setattr(row, key, value)


def draw_in_viewport(self, context: bpy.types.Context) -> None:
    if context.mode == "OBJECT":
        self.layout.menu(SECOND_UNIT_MT_all_viewport.__name__)
    going.draw(self.layout)


def draw_in_sequencer(self, _context: bpy.types.Context) -> None:
    self.layout.menu(SECOND_UNIT_MT_all_sequencer.__name__)
    going.draw(self.layout)


CLASSES = (
    SECOND_UNIT_MT_all_shots,
    SECOND_UNIT_MT_all_references,
    SECOND_UNIT_MT_all_camera,
    SECOND_UNIT_MT_all_characters,
    SECOND_UNIT_MT_all_queue,
    SECOND_UNIT_MT_all_takes,
    SECOND_UNIT_MT_all_strip_takes,
    SECOND_UNIT_MT_all_daemon,
    SECOND_UNIT_MT_all_edit,
    SECOND_UNIT_MT_all_finish,
    SECOND_UNIT_MT_all_clean,
    SECOND_UNIT_MT_all_viewport,
    SECOND_UNIT_MT_all_sequencer,
)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.VIEW3D_MT_editor_menus.append(draw_in_viewport)
    bpy.types.SEQUENCER_MT_editor_menus.append(draw_in_sequencer)
    keymap.register()


def unregister() -> None:
    keymap.unregister()
    bpy.types.SEQUENCER_MT_editor_menus.remove(draw_in_sequencer)
    bpy.types.VIEW3D_MT_editor_menus.remove(draw_in_viewport)
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
