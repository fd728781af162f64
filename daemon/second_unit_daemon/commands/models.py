# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands about models' weights: what there is, fetching, checking, removing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .progress import bar
from .service import Json

if TYPE_CHECKING:
    from ..engines.diffusion.spec import ModelSpec

Name = Annotated[str, typer.Argument(metavar="MODEL", help="Its name, as second-unit models list shows it.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

SHORT = 7  # digits of a commit that people read

app = typer.Typer(help="Weights of diffusion models: list, fetch, check, remove.", no_args_is_help=True)


@app.command("list")
def list_models(as_json: Json = False) -> None:
    """Every model that is described rightly, whether its weights are here, how large they are, under which licence."""
    import json

    from rich.console import Console
    from rich.table import Table

    from ..engines.diffusion import catalogue

    right, wrong = catalogue.described()
    rows = [_row(spec) for spec in right]
    for error in wrong:
        typer.echo(error.info.sentence(), err=True)
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table(box=None, header_style="bold")
    for heading in ("model", "here", "commit", "GB", "licence", "what it is"):
        table.add_column(heading, justify="right" if heading == "GB" else "left")
    for row in rows:
        here, commit = "yes" if row["here"] else "", str(row["commit"])[:SHORT]
        table.add_row(*map(str, (row["name"], here, commit, row["gigabytes"], row["licence"], row["label"])))
    Console().print(table)
    if never := [spec.name for spec in right if not spec.ran]:
        which = "all of them" if len(never) == len(right) else ", ".join(never)
        typer.echo(f"Never run with their real weights by those who make Second Unit: {which}")


@app.command()
def pull(
    name: Name,
    accept: Annotated[
        bool, typer.Option("--accept-licence", help="You have read the model's licence and accept it.")
    ] = False,
    newest: Annotated[
        bool, typer.Option("--newest", help="What is published now, not the commit that was fetched before.")
    ] = False,
) -> None:
    """Fetches a model's weights into the hub's cache; goes on where it was cut off. Its commit is kept."""
    from ..engines.diffusion import catalogue, hub
    from ..engines.diffusion.weights import place_of

    spec = catalogue.model(name)
    hub.check_published(spec)
    _agree(spec, accept)
    files = hub.wanted(spec, newest)
    missing = sum(part.missing_bytes for part in files)
    typer.echo(f"{spec.label}: {missing / 1e9:.2f} GB to fetch")
    with bar(spec.label) as told:
        hub.pull(spec, files, told)
    typer.echo(f"{spec.label} is here: {place_of(spec)}")


@app.command()
def verify(name: Name) -> None:
    """Reads a model's files and compares them with what the hub named; exit code 1 where one is damaged."""
    from ..engines.diffusion import catalogue, hub

    spec = catalogue.model(name)
    with bar(spec.label) as told:
        damaged = hub.damaged(spec, told)
    for path in damaged:
        typer.echo(f"damaged: {path}", err=True)
    if damaged:
        remedy = f"second-unit models remove {name}, then second-unit models pull {name}"
        typer.echo(f"{len(damaged)} files are not what the hub gave. Fetch them anew: {remedy}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{spec.label}: every file is what the hub gave")


@app.command()
def remove(name: Name, yes: Yes = False) -> None:
    """Deletes a model's weights from the hub's cache, which other programs share."""
    from ..engines.diffusion import catalogue, hub

    spec = catalogue.model(name)
    hub.check_published(spec)
    if not hub.kept(spec):
        typer.echo(f"{spec.label} is not in the hub's cache")
        return
    sharing = hub.sharing(spec)
    words = f", which {' and '.join(sharing)} use{'s' if len(sharing) == 1 else ''} too" if sharing else ""
    if not yes and not typer.confirm(f"Delete the weights of {spec.label}{words}?"):
        raise typer.Exit(1)
    for path in hub.remove(spec):
        typer.echo(f"deleted {path}")


def _row(spec: ModelSpec) -> dict[str, object]:
    from ..engines.diffusion.weights import commit_of, is_here

    return {
        "name": spec.name,
        "label": spec.label,
        "here": is_here(spec),
        "commit": commit_of(spec),
        "gigabytes": round(spec.weight_bytes / 1e9, 1),
        "licence": spec.licence.name,
        "gated": spec.licence.gated,
        "ran": spec.ran,
        "repository": spec.repository,
    }


def _agree(spec: ModelSpec, accepted: bool) -> None:
    """Shows a licence that has conditions, once; what was agreed to is remembered by its name and address."""
    from second_unit_protocol.errors import ErrorCode, SecondUnitError

    from ..engines.diffusion import licences

    licence = spec.licence
    if not licences.must_ask(licence):
        return
    typer.echo(f"{spec.label} comes under {licence.name}: {licence.url}")
    if licence.note:
        typer.echo(licence.note)
    if not accepted and not typer.confirm("Have you read it, and do you accept it?"):
        cause = f"{spec.label} is fetched once its licence is accepted"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Add --accept-licence, or choose another model")
    licences.accept(licence)
