# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon's settings: defaults, ``config.toml`` in its home, the environment, the command line; the last wins.

Every setting has the same name everywhere: ``worker_idle_s`` in the file is SECOND_UNIT_WORKER_IDLE_S in the
environment.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import Attribute, field, fields_dict, frozen
from cattrs import Converter, transform_error
from second_unit_protocol.errors import ErrorCode, SecondUnitError

FILE = "config.toml"
PREFIX = "SECOND_UNIT_"
HOUR = 3600.0
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def _between(low: float, high: float) -> Any:
    def check(_: object, attribute: Attribute[Any], value: float) -> None:
        if not low <= value <= high:
            raise ValueError(f"{attribute.name} must be from {low:g} to {high:g}, not {value}")

    return check


def _level(_: object, attribute: Attribute[Any], value: str) -> None:
    if value not in LEVELS:
        raise ValueError(f"{attribute.name} must be one of {', '.join(LEVELS)}, not {value}")


@frozen
class Config:
    """All settings. Sizes in gigabytes are 2**30 bytes."""

    host: str = "127.0.0.1"
    port: int = field(default=0, validator=_between(0, 65535))  # 0: any free one
    log_level: str = field(default="INFO", converter=str.upper, validator=_level)
    cancel_grace_s: float = field(
        default=3.0, validator=_between(0, HOUR)
    )  # then a worker that does not stop is killed
    worker_idle_s: float = field(
        default=600.0, validator=_between(1, 720 * HOUR)
    )  # a worker without work ends after that
    max_crashes: int = field(default=3, validator=_between(1, 1000))  # a job that the daemon died on so often fails
    keep_days: float = field(default=14.0, validator=_between(0.01, 36500))  # finished jobs and their files
    quota_gb: float = field(default=100.0, validator=_between(0.01, 1e6))  # … sooner where they fill more than this


def load(home: Path, environment: Mapping[str, str], flags: Mapping[str, Any]) -> Config:
    """The settings in force; flags that are None were not given. Raises SecondUnitError(BAD_REQUEST)."""
    values = _from_file(home / FILE)
    config = _structured(values, f"in {home / FILE}")
    for source, more in (
        ("in the environment", _from_environment(environment)),
        ("on the command line", {k: v for k, v in flags.items() if v is not None}),
    ):
        if more:
            values |= more
            config = _structured(values, source)
    return config


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _bad(f"The settings file {path} cannot be read ({error})") from error


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: environment[PREFIX + name.upper()] for name in fields_dict(Config) if PREFIX + name.upper() in environment
    }


def _structured(values: Mapping[str, Any], source: str) -> Config:
    if unknown := sorted(set(values) - set(fields_dict(Config))):
        raise _bad(f"There is no setting {unknown[0]} ({source}); there are {', '.join(fields_dict(Config))}")
    try:
        return _converter().structure(dict(values), Config)
    except Exception as error:
        faults = transform_error(error, path="", format_exception=lambda fault, _: str(fault))
        raise _bad(f"A setting {source} is wrong: {'; '.join(map(_fault, faults))}") from error


def _fault(told: str) -> str:
    """cattrs says "… @ .port"; a validator has named the setting already."""
    what, _, where = told.rpartition(" @ ")
    return f"{where.lstrip('.')}: {what}" if where.strip(".") else what


def _converter() -> Converter:
    converter = Converter(detailed_validation=True)
    converter.register_structure_hook(int, _whole)
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook(str, _text)
    return converter


def _whole(value: Any, _: type) -> int:
    """Text is what the environment gives."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"a whole number expected, not {value!r}")
    return int(value)


def _number(value: Any, _: type) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"a number expected, not {value!r}")
    return float(value)


def _text(value: Any, _: type) -> str:
    if not isinstance(value, str):
        raise ValueError(f"text expected, not {value!r}")
    return value


def _bad(cause: str) -> SecondUnitError:
    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Correct the setting and start again")
