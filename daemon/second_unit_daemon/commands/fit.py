# SPDX-License-Identifier: GPL-3.0-or-later
"""``second-unit fit``: whether the references of a shot lie on its geometry, with a picture of each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def fit(
    shot: Annotated[str, typer.Argument(help="Job, by the start of its id, or folder of an exported shot.")],
    out: Annotated[Path | None, typer.Option(help="Folder for a picture of each reference.", file_okay=False)] = None,
) -> None:
    """Measures whether the references show what their cameras see. Exit code 3: one of them would be refused."""
    import cv2
    from second_unit_protocol.disk import disk_errors

    from ..registration.drawing import drawing_of
    from ..registration.fit import Verdict, measure
    from .shots import open_shot
    from .verify import EXIT_WRONG_CAMERA

    refused = False
    with open_shot(shot) as data:
        for number, reference in enumerate(data.references, 1):
            if reference.depth is None:
                continue
            found = measure(data, reference)
            refused |= found.verdict is Verdict.REFUSED
            typer.echo(f"{found.verdict:<8}  {found.words}")
            if out is not None:
                path = out / f"reference_{number:02d}.png"
                with disk_errors(path):
                    out.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(cv2.imencode(".png", drawing_of(data, reference, found)[..., ::-1])[1].tobytes())
    if refused:
        raise typer.Exit(EXIT_WRONG_CAMERA)
