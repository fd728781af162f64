# SPDX-License-Identifier: GPL-3.0-or-later
"""Classes of attrs that are finished at their first use are the classes that attrs makes."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
from second_unit_protocol.late import Factory, and_, evolve, field, frozen, ge, le


def test_importing_the_messages_imports_no_attrs():
    code = "import second_unit_protocol.messages, sys; print({'attr', 'cattrs', 'zmq'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def _made():
    @frozen
    class Point:
        x: int = field(validator=and_(ge(0), le(9)))
        tags: list[str] = Factory(list)

    @frozen
    class Named(Point):
        name: str = ""

    return Point, Named


def test_instances_are_as_attrs_makes_them():
    point, named = _made()
    one, two = named(3, name="a"), named(3, [], "a")
    assert one == two and hash((one.x, one.name)) and isinstance(one, point)
    assert repr(one).endswith("Named(x=3, tags=[], name='a')")
    assert one.tags is not two.tags
    assert evolve(one, x=4).x == 4 and one != evolve(one, x=4)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.x = 1
    with pytest.raises(ValueError, match="x"):
        point(10)


def test_fields_are_known_before_the_first_instance():
    _, named = _made()
    assert attrs.has(named)
    assert [field.name for field in attrs.fields(named)] == ["x", "tags", "name"]


def test_threads_that_want_a_class_at_once_get_the_same(monkeypatch):
    built = []
    define = attrs.define
    monkeypatch.setattr(attrs, "define", lambda cls, **words: built.append(cls) or define(cls, **words))
    for _ in range(20):
        point, _named = _made()
        with ThreadPoolExecutor(8) as pool:
            assert {one.x for one in pool.map(lambda x, cls=point: cls(x), range(8))} == set(range(8))
        assert built.count(point) == 1
