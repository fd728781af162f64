# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender's start does not wait for."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.shown_strings import ADDON

PROPERTY = re.compile(r"^    \w+: \w+Property\(", re.MULTILINE)


def test_properties_are_values_when_blender_registers_them():
    """As words, each would be compiled at every start."""
    declaring = {path: path.read_text() for path in ADDON.rglob("*.py") if PROPERTY.search(path.read_text())}
    assert len(declaring) > 40
    assert [str(path) for path, source in declaring.items() if "from __future__ import annotations" in source] == []


def waiting() -> dict[Path, list[str]]:
    """Every package whose modules are imported at first use, with their names."""
    found = {}
    for path in ADDON.rglob("__init__.py"):
        for line in ast.parse(path.read_text()).body:
            if isinstance(line, ast.Assign) and ast.unparse(line.value).startswith("later.modules("):
                found[path.parent] = [ast.literal_eval(name) for name in line.value.args[1:]]
    return found


@pytest.mark.parametrize("package", waiting(), ids=lambda package: package.name)
def test_modules_that_wait_are_there(package):
    missing = [name for name in waiting()[package] if not (package / f"{name}.py").exists()]
    assert missing == []
