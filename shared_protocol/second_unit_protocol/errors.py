# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong: codes, each with the sentence that a person reads and what to do about it.

An error travels as :class:`ErrorInfo`. ``SecondUnitError`` is its form as an exception; both sides raise it. The codes
are made at their first use: whoever only catches errors does not wait for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .codes import REMEDY as REMEDY
    from .codes import ErrorCode as ErrorCode
    from .codes import ErrorInfo as ErrorInfo
else:

    def __getattr__(name: str) -> Any:
        if name not in ("ErrorCode", "ErrorInfo", "REMEDY"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import codes

        return globals().setdefault(name, getattr(codes, name))


class SecondUnitError(Exception):
    """An error with a code; ``info`` is what travels."""

    def __init__(self, code: ErrorCode, cause: str, *, shot: str = "", remedy: str | None = None):
        from .codes import REMEDY, ErrorInfo

        self.info = ErrorInfo(code, cause, REMEDY[code] if remedy is None else remedy, shot)
        super().__init__(self.info.sentence())

    @classmethod
    def from_info(cls, info: ErrorInfo) -> SecondUnitError:
        return cls(info.code, info.cause, shot=info.shot, remedy=info.remedy)

    @property
    def code(self) -> ErrorCode:
        return self.info.code
