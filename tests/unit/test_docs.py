# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents keep up with the code: links lead somewhere, tables name everything that there is."""

from __future__ import annotations

import re

import pytest
import typer.main
from attrs import fields_dict
from second_unit_daemon.cli import app
from second_unit_daemon.config import Config
from second_unit_daemon.demo.report import Report
from second_unit_protocol.errors import REMEDY, ErrorCode

from blender_addon.packaging import ROOT

PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
GUIDE = ROOT / "docs" / "user-guide.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_are_there(page):
    words = page.read_text("utf-8")
    headings = {
        re.sub(r"[^\w\- ]", "", h).strip().lower().replace(" ", "-") for h in re.findall(r"^#+ (.+)$", words, re.M)
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", words):
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif "://" not in target:
            assert (page.parent / target.split("#")[0]).exists(), target


def test_every_error_code_has_a_remedy_and_the_guide_has_both():
    guide = GUIDE.read_text("utf-8")
    assert set(REMEDY) == set(ErrorCode)
    for code, remedy in REMEDY.items():
        assert f"| `{code.value}` | {remedy} |" in guide


def test_the_guide_names_every_command():
    guide = GUIDE.read_text("utf-8")
    table = guide[guide.index("## Command line") : guide.index("## Where files lie")]
    for name in typer.main.get_command(app).commands:  # type: ignore[attr-defined]
        assert re.search(rf"`{name}[ `]", table), name


def test_the_guide_names_every_setting_with_its_default():
    guide = GUIDE.read_text("utf-8")
    for name, setting in fields_dict(Config).items():
        default = f'"{setting.default}"' if isinstance(setting.default, str) else str(setting.default)
        assert f"| `{name}` | `{default}` |" in guide


def test_the_guide_explains_every_figure_of_the_demo():
    guide = GUIDE.read_text("utf-8")
    for name in fields_dict(Report):
        assert f"`{name}`" in guide, name


def test_readme_has_the_two_commands_for_a_fresh_machine():
    commands = re.findall(r"^    (.+)$", (ROOT / "README.md").read_text("utf-8"), re.M)
    assert any(line.endswith("second-unit demo") and "[demo]" in line for line in commands)
    assert any(line.endswith("-m pytest -n auto") and "[test]" in line for line in commands)
