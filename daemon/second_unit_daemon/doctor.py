# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at everything that the daemon needs, and says what is wrong and what to do about it."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

import typer
from attrs import frozen
from second_unit_protocol.connection import load
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import Rate, SceneRange
from second_unit_protocol.paths import connection_file, home, log_folder
from second_unit_protocol.results import Input, PlanRequest

from . import config, devices, log
from .versions import BASE, installed, packages

CODECS = ("libx264", "ffv1")
LITTLE_DISK = 5 << 30
LOG_LINES = 8
PROBE_TORCH = "import torch; print(torch.__version__, torch.cuda.is_available())"
PROBE_TIMEOUT_S = 120


class Level(StrEnum):
    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@frozen
class Finding:
    """One line of the examination."""

    subject: str
    level: Level
    text: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Runs every check; a check that itself fails is a finding too. What is wrong comes first, then what is best."""
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        best_engine, python, package_versions, codecs, card, folder, disk, settings, engines, connection,
        log_tail,
    )  # fmt: skip
    findings = []
    for check in checks:
        try:
            findings.extend(check())
        except Exception as error:  # noqa: BLE001 the other checks must still run
            findings.append(Finding(check.__name__, Level.PROBLEM, f"the check failed ({error!r})"))
    return sorted(findings, key=lambda finding: finding.level is not Level.PROBLEM)


def worst(findings: list[Finding]) -> Level:
    levels = {finding.level for finding in findings}
    return next(level for level in (Level.PROBLEM, Level.NOTE, Level.OK) if level in levels)


def write(findings: list[Finding]) -> None:
    """One line a finding, its remedy below it."""
    colours = {Level.OK: typer.colors.GREEN, Level.NOTE: typer.colors.YELLOW, Level.PROBLEM: typer.colors.RED}
    for finding in findings:
        level = typer.style(f"{finding.level:<8}", fg=colours[finding.level])
        typer.echo(f"{level} {finding.subject}: {finding.text}")
        if finding.remedy:
            typer.echo(f"         {finding.remedy}")


def python() -> Iterator[Finding]:
    yield Finding("Python", Level.OK, f"{platform.python_version()} at {sys.executable}, {platform.platform()}")


def package_versions() -> Iterator[Finding]:
    missing = [name for name in BASE if not installed(name)]
    if missing:
        remedy = "Install the daemon again: pip install --force-reinstall second-unit"
        yield Finding("packages", Level.PROBLEM, f"missing: {', '.join(missing)}", remedy)
    yield Finding("packages", Level.OK, ", ".join(f"{name} {version}" for name, version in packages().items()))


def codecs() -> Iterator[Finding]:
    import av
    from av.codec import Codec
    from av.codec.codec import UnknownCodecError

    for name in CODECS:
        try:
            Codec(name, "w")
        except UnknownCodecError:
            remedy = "Install PyAV's own wheel: pip install --force-reinstall --only-binary :all: av"
            yield Finding("codecs", Level.PROBLEM, f"PyAV {av.__version__} has no encoder {name}", remedy)
            return
    yield Finding("codecs", Level.OK, f"{', '.join(CODECS)} (PyAV {av.__version__})")


def card() -> Iterator[Finding]:
    """A graphics card that is there but that the installed torch cannot use is the commonest silent slowness."""
    cards = [card.name for card in devices.cards()]
    if not cards:
        yield Finding("graphics card", Level.OK, "no NVIDIA card found; the built-in engine does not need one")
    elif not installed("torch"):
        remedy = "For diffusion engines: uv pip install --torch-backend=auto 'second-unit[diffusion]'"
        yield Finding("graphics card", Level.NOTE, f"{', '.join(cards)}; torch is not installed", remedy)
    else:
        answer = _torch_answer()
        usable = answer.endswith("True")
        remedy = "" if usable else "Install a torch build for the card: uv pip install --torch-backend=auto torch"
        text = f"{', '.join(cards)}; torch {answer.split()[0]} {'can' if usable else 'cannot'} use it"
        yield Finding("graphics card", Level.OK if usable else Level.PROBLEM, text, remedy)


def folder() -> Iterator[Finding]:
    place = home()
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        remedy = "Give yourself the right to write there, or set SECOND_UNIT_HOME to another folder"
        yield Finding("home", Level.PROBLEM, f"{place} cannot be written ({error.strerror})", remedy)
    else:
        yield Finding("home", Level.OK, str(place))


def disk() -> Iterator[Finding]:
    place = home()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    little = free < LITTLE_DISK
    remedy = "Free some space: a long master needs several gigabytes" if little else ""
    yield Finding("disk", Level.NOTE if little else Level.OK, f"{free / 2**30:.1f} GB free for {home()}", remedy)


def settings() -> Iterator[Finding]:
    try:
        config.load(home(), os.environ, {})
    except SecondUnitError as error:
        yield Finding("settings", Level.PROBLEM, error.info.cause, error.info.remedy)
    else:
        yield Finding("settings", Level.OK, "valid")


def engines() -> Iterator[Finding]:
    """A line each; models that nobody has fetched are one line together."""
    from .engines import registry
    from .engines.diffusion import catalogue, weights

    unfetched = {
        spec.name: weights.unavailable(spec)
        for spec in catalogue.described()[0]
        if not spec.folder and weights.place_of(spec) is None
    }
    count = 0
    for info in registry.infos():
        if info.available:
            yield Finding(f"engine {info.name}", Level.OK, info.label)
        elif unfetched.get(info.name) == info.unavailable_reason:
            count += 1
        else:
            yield Finding(f"engine {info.name}", Level.NOTE, info.unavailable_reason)
    if count:
        verb, packages = "is" if count == 1 else "are", weights.packages_missing()
        remedy = "All of them: second-unit models list. To fetch one: second-unit models pull MODEL"
        yield Finding("models", Level.NOTE, f"{count} {verb} not on this disk", remedy)
        if packages:
            yield Finding("models", Level.NOTE, packages)


def best_engine() -> Iterator[Finding]:
    """For a usual shot: five seconds with references, at the size that most models know."""
    from .engines import choice

    device = devices.best()
    usual = (Input.CAMERA, Input.DEPTH, Input.MOTION, Input.REFERENCES, Input.PROMPT)
    request = PlanRequest("projection", SceneRange(1, 121, Rate(24)), 832, 480, usual, 1, (1.0,))
    for advice in choice.advise(request, device):
        text = f"{advice.label}: {advice.why}, for 5 s at 832 × 480 on {device.name}"
        yield Finding(f"best for {advice.quality.value}", Level.OK, text, advice.better)


def connection() -> Iterator[Finding]:
    path = connection_file()
    if not path.exists():
        yield Finding("daemon", Level.NOTE, "not running", "Start it: second-unit serve")
        return
    yield from _file_mode(path)
    try:
        version = _ask_daemon()
    except SecondUnitError as error:
        yield Finding("daemon", Level.PROBLEM, error.info.cause, error.info.remedy)
    else:
        yield Finding("daemon", Level.OK, f"{version} answers at {load(path).endpoint}")


def log_tail() -> Iterator[Finding]:
    path = log_folder() / log.FILE
    lines = log.tail(path, LOG_LINES)
    text = "\n         ".join([str(path), *lines]) if lines else f"{path} is empty or not there"
    yield Finding("log", Level.OK, text)


def _file_mode(path: Path) -> Iterator[Finding]:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        remedy = f"Restart the daemon, or: chmod 600 {path}"
        yield Finding("connection file", Level.PROBLEM, f"{path} can be read by others", remedy)


def _ask_daemon() -> str:
    from second_unit_protocol.messages import GetStatus

    from .commands.session import daemon

    with daemon() as client:
        return client.call(GetStatus()).info.version


def _torch_answer() -> str:
    """Version and whether CUDA works, asked in a process of its own because importing torch takes long."""
    asked = [sys.executable, "-c", PROBE_TORCH]
    answer = subprocess.run(asked, capture_output=True, text=True, timeout=PROBE_TIMEOUT_S, check=False)
    if answer.returncode:
        raise SecondUnitError(ErrorCode.INTERNAL, f"torch cannot be imported: {answer.stderr.strip()[-300:]}")
    return answer.stdout.strip()
