# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a staged extension's imports: what Blender would only find out while an artist waits."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

# What Blender's Python has, plus the bundled wheels.
BLENDER = {"bpy", "bpy_extras", "mathutils", "gpu", "gpu_extras", "blf", "bl_math", "imbuf", "idprop", "addon_utils"}
BUNDLED = {"numpy", "attr", "attrs", "cattr", "cattrs", "msgpack", "zmq", "typing_extensions", "OpenEXR"}
PURE = ("core", "protocol", "cameras")  # folders that never import Blender


def problems(folder: Path) -> list[str]:
    """Sentences about imports that do not resolve, leave the extension, or cross a wall; empty when all is well."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        place = path.relative_to(folder).as_posix()
        try:
            imports = _imports(path.read_text())
        except SyntaxError as error:
            found.append(f"{place}:{error.lineno} cannot be parsed: {error.msg}")
            continue
        for node in imports:
            for why in _judge(node, path, folder):
                found.append(f"{place}:{node.lineno} {why}")
    return found


@cache
def _imports(text: str) -> list[ast.Import | ast.ImportFrom]:
    """The import statements of a module, wherever they stand. Raises SyntaxError."""
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]


def _judge(node: ast.Import | ast.ImportFrom, path: Path, folder: Path) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom) and node.level:
        yield from _judge_relative(node, path, folder)
        return
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    pure = path.relative_to(folder).parts[0] in PURE
    for top in {name.split(".")[0] for name in names}:
        if pure and top in BLENDER:
            yield f"imports {top}, which this part never may"
        elif top not in BLENDER | BUNDLED and top not in sys.stdlib_module_names:
            yield f"imports {top}, which Blender does not have"


def _judge_relative(node: ast.ImportFrom, path: Path, folder: Path) -> Iterator[str]:
    base = path.parent
    for _ in range(node.level - 1):
        base = base.parent
    if not base.is_relative_to(folder):
        yield "imports from outside the extension"
        return
    target = base.joinpath(*node.module.split(".")) if node.module else base
    if target.with_suffix(".py").is_file():
        names = _names_defined(target.with_suffix(".py").read_text())
    elif (target / "__init__.py").is_file():
        names = _names_defined((target / "__init__.py").read_text()) | {p.stem for p in target.glob("*.py")}
        names |= {p.name for p in target.iterdir() if (p / "__init__.py").is_file()}
    else:
        yield f"imports {'.' * node.level}{node.module or ''}, which is not there"
        return
    for alias in node.names:
        if alias.name != "*" and alias.name not in names and "*" not in names:
            yield f"imports {alias.name} from {'.' * node.level}{node.module or ''}, which has no such name"


@cache  # a module is imported by many, and its text is all that counts
def _names_defined(text: str) -> set[str]:
    """Names that a module binds at its top level, branches included; any name (``*``) where it cannot be parsed."""
    names = {"__doc__", "__name__", "__file__", "__package__", "__path__"}
    try:
        waiting: list[ast.stmt] = list(ast.parse(text).body)
    except SyntaxError:
        return {"*"}
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.add(node.name)
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            continue
        for child in ast.walk(node):
            if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                names.add(child.id)
        if isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
            waiting += [child for child in ast.walk(node) if isinstance(child, ast.stmt) and child is not node]
    return names
