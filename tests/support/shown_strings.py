# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's fixed words that Blender shows, collected from its sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ADDON = Path(__file__).resolve().parents[2] / "blender_addon" / "second_unit"
_ALL_SHOWN, _SOME_SHOWN = ("ui", "preferences.py", "sequencer"), ("core/qualities.py", "link/state.py")
_SHOWN_ANSWERS = ("_status",)  # functions
_SHOWN_CLASSES = ("_OT_", "_PT_", "_MT_")
_OF_PROPERTIES = ("name", "description")
_OF_LAYOUTS = ("text", "heading", "placeholder")
_SPOKEN = {"poll_message_set": 0, "report": 1, "wrapped": 1}  # which argument is shown


def collect() -> dict[str, str]:
    """Every such string, with the folder or file that it was found in first."""
    found: dict[str, str] = {}
    for path in sorted(ADDON.rglob("*.py")):
        place = path.relative_to(ADDON)
        if place.parts[0] not in ("ui", "preferences.py", "sequencer") and place.name not in (
            "qualities.py",
            "state.py",
        ):
            continue
        for words in _of_module(_named(ast.parse(path.read_text()))):
            found.setdefault(words, place.parts[1] if place.parts[0] == "ui" else place.parts[0])
    return found


def _named(tree: ast.Module) -> ast.Module:
    """The module with the names of strings replaced by what they stand for."""
    strings = {
        ast.unparse(node.targets[0]): node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }

    class Named(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return strings.get(node.id, node) if isinstance(node.ctx, ast.Load) else node

    return Named().visit(tree)


def _of_module(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(kind in node.name for kind in _SHOWN_CLASSES):
            yield from _of_class(node)
        elif isinstance(node, ast.FunctionDef) and node.name in _SHOWN_ANSWERS:
            for line in ast.walk(node):
                if isinstance(line, ast.Return) and line.value:
                    yield from _words(line.value)
        elif isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.Tuple):
            yield from _of_item(node)


def _of_class(node: ast.ClassDef) -> Iterator[str]:
    if words := ast.get_docstring(node):
        yield " ".join(words.split())
    for line in node.body:
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "bl_label":
            yield from _words(line.value)


def _of_call(node: ast.Call) -> Iterator[str]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    wanted = _OF_PROPERTIES if name.endswith("Property") else _OF_LAYOUTS
    for word in node.keywords:
        if word.arg in wanted:
            yield from _words(word.value)
    if (place := _SPOKEN.get(name, len(node.args))) < len(node.args):
        yield from _words(node.args[place])


def _of_item(node: ast.Tuple) -> Iterator[str]:
    """An enum's item: its identifier, name and description; a menu's: operator, properties and text; words and icon or
    colour; a table's label and value."""
    if len(node.elts) == 3 and isinstance(node.elts[1], ast.Dict):
        yield from _words(node.elts[2])
    parts = [part.value for part in node.elts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    if len(node.elts) == len(parts) == 2 and parts[1].isupper() and parts[0][:1].isupper() and not parts[0].isupper():
        yield parts[0]
    labelled = len(node.elts) == 2 and len(parts) == 1 and isinstance(node.elts[0], ast.Constant)
    if labelled and parts[0][:1].isupper() and not parts[0].isupper():
        yield parts[0]
    if not 3 <= len(node.elts) <= 5 or len(parts) < 3:
        return
    if (parts[1][:1].isupper() or parts[1][:1].isdigit()) and parts[2][:1].isupper():
        yield from parts[1:3]


def _words(node: ast.expr) -> Iterator[str]:
    """Constants, also those of an "a if b else c"."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and any(map(str.isalpha, node.value)):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _words(node.body)
        yield from _words(node.orelse)
