# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands about who may use this daemon from another machine."""

from __future__ import annotations

from typing import Annotated

import typer


def key() -> None:
    """Prints the daemon's public key, which clients on other machines paste."""
    from second_unit_protocol.paths import home

    from ..server.keys import Keys

    typer.echo(Keys.load(home() / "keys").server.public)


def allow(
    name: Annotated[str, typer.Argument(help="A name for the client, for you to know it by.")],
    public_key: Annotated[str, typer.Argument(metavar="KEY", help="Its public key, from Blender's preferences.")],
) -> None:
    """Lets a client on another machine in; what it shoots is its own. Delete keys/clients/NAME.key to shut it out."""
    from second_unit_protocol.paths import home

    from ..server.keys import let_in

    typer.echo(f"{let_in(home() / 'keys', name, public_key)} lets {name} in")
