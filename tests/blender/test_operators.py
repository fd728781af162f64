# SPDX-License-Identifier: GPL-3.0-or-later
"""Every operator of the add-on: in a menu, where search finds it, and never greyed out without a word."""

from __future__ import annotations

import importlib
import os

import bpy
import pytest

from tests.blender.inside import PACKAGE

# In their panels alone: they need a row of a list, or are called by another operator.
OF_A_ROW = {
    "shot_mend",
    "camera_move",  # a menu of its own
    "character_cast",
    "daemon_copy_key",  # the preferences
    "edit_capture",  # by Extend and Modify
    "job_dismiss",
    "job_retry",
    "lora_add",
    "model_fetch",
    "model_remove",
    "model_stop",
    "model_verify",
    "prompt_use",
    "reference_check_dismiss",
    "shot_copy",  # a menu of scenes
    "shoot",  # at the menu's top
    "style_use",
    "take_export",  # menus of forms
}


def part(name: str):
    return importlib.import_module(f"{PACKAGE}.{name}")


def names() -> list[str]:
    """The add-on's operators, without "second_unit."."""
    found = [cls for cls in bpy.types.Operator.__subclasses__() if cls.__module__.startswith(PACKAGE)]
    return sorted(cls.bl_idname.partition(".")[2] for cls in found if cls.is_registered)


def in_menus() -> set[str]:
    menus = part("ui.menus")
    shown = {cls for cls in menus.CLASSES if hasattr(cls, "entries")}
    assert shown == {*menus.IN_VIEWPORT, *menus.IN_SEQUENCER}, "each menu is reached"
    return {entry if isinstance(entry, str) else entry[0] for cls in shown for entry in cls.entries if entry}


def test_no_two_classes_have_one_name():
    """The second would take the first one's place, and Blender says so only in its log."""
    kinds = (bpy.types.Operator, bpy.types.Menu, bpy.types.Panel, bpy.types.UIList, bpy.types.PropertyGroup)
    known = [cls for kind in kinds for cls in kind.__subclasses__() if cls.__module__.startswith(PACKAGE)]
    places: dict[str, set[str]] = {}
    for cls in known:
        places.setdefault(cls.__name__, set()).add(cls.__module__)
    assert [name for name, modules in places.items() if len(modules) > 1] == []


def test_search_finds_every_operator_that_needs_no_row_of_a_list():
    assert in_menus() | OF_A_ROW == set(names())
    assert not in_menus() & OF_A_ROW


@pytest.mark.parametrize("with_shot", [False, True])
def test_whatever_is_greyed_out_says_why(with_shot, tmp_path, monkeypatch):
    monkeypatch.setenv("SECOND_UNIT_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", os.defpath)
    part("link.current").link.close()
    if with_shot:
        bpy.ops.second_unit.shot_add()
    silent, greyed = [], 0
    for name in names():
        operator = getattr(bpy.ops.second_unit, name)
        if operator.poll():
            continue
        greyed += 1
        with pytest.raises(RuntimeError) as refused:
            operator()
        if "context is incorrect" in str(refused.value):
            silent.append(name)
    assert not silent
    assert greyed > (15 if with_shot else 30), "else this test says nothing"


def test_every_label_is_in_title_case_and_tells_one_operator_from_another():
    labels: dict[str, list[str]] = {}
    for name in names():
        labels.setdefault(getattr(bpy.ops.second_unit, name).get_rna_type().name, []).append(name)
    general = {"Cancel", "Stop", "Dismiss", "Copy Command"}  # beside what they are about, in a panel
    assert {label for label, those in labels.items() if len(those) > 1} <= general
    for label in labels:
        assert all(word[0].isupper() or word in ("for", "as", "an", "to") for word in label.split()), label


def test_shortcuts_call_operators_with_properties_that_they_have():
    for operator, _key, modifiers, properties in part("ui.keymap").SHORTCUTS:
        kind = getattr(bpy.ops.second_unit, operator.partition(".")[2]).get_rna_type()
        assert set(properties) <= set(kind.properties.keys()) and set(modifiers) <= {"ctrl", "alt", "shift"}
