# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's own word on the zip, from the real program."""

from __future__ import annotations

from tests.gui.program import BlenderProgram
from tests.gui.session import GuiBlender


def test_blender_finds_the_zip_valid(program: BlenderProgram, blender: GuiBlender) -> None:
    (archive,) = (blender.work / "dist").glob("*linux*.zip")
    said = program.run("--command", "extension", "validate", str(archive), environment=blender.environment)
    assert "Success" in said and "second_unit" in said, said


def test_blender_refuses_a_zip_without_a_tagline(program: BlenderProgram, blender: GuiBlender) -> None:
    folder = blender.work / "broken"
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").write_text("")
    (folder / "blender_manifest.toml").write_text('schema_version = "1.0.0"\nid = "broken"\nversion = "1.0.0"\n')
    try:
        program.run("--command", "extension", "validate", str(folder), environment=blender.environment)
    except RuntimeError as refused:
        assert "tagline" in str(refused)
    else:
        raise AssertionError("the check that the first test leans on finds nothing wrong with anything")
