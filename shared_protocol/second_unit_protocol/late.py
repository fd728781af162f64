# SPDX-License-Identifier: GPL-3.0-or-later
"""attrs, as far as it is used here, at its first use: what is imported from here is what attrs has of the same name.

attrs writes and compiles every class's methods, about a millisecond each. A program that starts inside another's start
(the add-on, when Blender comes up) and has more than a hundred such classes would keep its user waiting for classes of
which it needs a handful. So a class is finished when its first instance is made or somebody asks for its fields, and
attrs itself is imported then.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attrs import Factory, asdict, astuple, define, evolve, field, fields_dict, frozen
    from attrs.validators import and_, ge, gt, instance_of, le, matches_re, max_len
else:
    _building = threading.RLock()

    class _Call:
        """A call of one of attrs' functions, to be made when the class is."""

        def __init__(self, module: str, name: str, words: tuple[Any, ...], named: dict[str, Any]):
            self.module, self.name, self.words, self.named = module, name, words, named

        def made(self) -> Any:
            import importlib

            function = getattr(importlib.import_module(self.module), self.name)
            return function(*map(_made, self.words), **{name: _made(word) for name, word in self.named.items()})

    def _made(word: Any) -> Any:
        return word.made() if isinstance(word, _Call) else word

    def _later(module: str, name: str) -> Any:
        def call(*words: Any, **named: Any) -> _Call:
            return _Call(module, name, words, named)

        return call

    class _Fields:
        """Stands for a class's fields until they are asked for."""

        def __get__(self, instance: object, cls: type) -> Any:
            for owner in cls.__mro__:
                if vars(owner).get("__attrs_attrs__") is self:
                    _build(owner)
                    return owner.__attrs_attrs__
            raise AttributeError("__attrs_attrs__")

        def __init__(self, settings: dict[str, Any]):
            self.settings = settings

    def _build(cls: type) -> None:
        """Has attrs finish a class in its place; another thread that wants it meanwhile waits."""
        with _building:
            fields = vars(cls)["__attrs_attrs__"]
            if not isinstance(fields, _Fields):
                return
            import attrs

            for name, value in list(vars(cls).items()):
                if isinstance(value, _Call):
                    setattr(cls, name, value.made())
            attrs.define(cls, slots=False, init=True, **fields.settings)

    def _decorator(cls: type | None, settings: dict[str, Any]) -> Any:
        if cls is None:
            return lambda its: _decorator(its, settings)

        def __init__(self: Any, *words: Any, **named: Any) -> None:
            _build(cls)
            cls.__init__(self, *words, **named)

        cls.__attrs_attrs__ = _Fields(settings)
        cls.__init__ = __init__
        return cls

    def define(cls: type | None = None, **settings: Any) -> Any:
        return _decorator(cls, settings)

    def frozen(cls: type | None = None, **settings: Any) -> Any:
        return _decorator(cls, {"frozen": True, "on_setattr": None, **settings})

    def _now(name: str) -> Any:
        def call(*words: Any, **named: Any) -> Any:
            import attrs

            return getattr(attrs, name)(*words, **named)

        return call

    Factory, field = _later("attrs", "Factory"), _later("attrs", "field")
    and_, ge, gt, instance_of, le, matches_re, max_len = (
        _later("attrs.validators", name) for name in ("and_", "ge", "gt", "instance_of", "le", "matches_re", "max_len")
    )
    asdict, astuple, evolve, fields_dict = map(_now, ("asdict", "astuple", "evolve", "fields_dict"))

__all__ = ["Factory", "and_", "asdict", "astuple", "define", "evolve", "field", "fields_dict", "frozen", "ge", "gt"]
__all__ += ["instance_of", "le", "matches_re", "max_len"]
