# SPDX-License-Identifier: GPL-3.0-or-later
"""The command ``second-unit consistency``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LOOKED_AT = 9  # frames of each clip, evenly over its length


def consistency(
    clips: Annotated[list[Path], typer.Argument(help="Videos, or folders of numbered pictures.")],
    picture: Annotated[
        list[Path], typer.Option(help="A picture of the character; several for several sides. Alpha is its outline.")
    ],
    mask: Annotated[
        list[Path] | None,
        typer.Option(help="Where each clip shows it, in their order: a grey picture, a clip or a folder."),
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Folder of an image model: CLIP, SigLIP, DINOv2.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Says how much a character looks like its pictures in each clip, and the clips like each other."""
    from ..consistency import between, region_picture, seen_in, statistics
    from ..post.clip import read_picture

    if mask and len(mask) != len(clips):
        raise _refused(f"There are {len(mask)} masks for {len(clips)} clips", "Give one for each, in the same order")
    sign = statistics
    if model is not None:
        from ..embedding_model import EmbeddingModel

        known = EmbeddingModel(model.expanduser())

        def by_model(picture: NDArray[np.uint8], inside: NDArray[np.bool_]) -> NDArray[np.float64]:
            return known.direction(picture)

        sign = by_model

    shown = []
    for path in picture:
        image = read_picture(path.expanduser())
        alpha = image[..., 3] > 127 if image.ndim == 3 and image.shape[2] == 4 else None
        shown.append(sign(*region_picture(_three(image), alpha)))
    found = {}
    for number, clip in enumerate(clips):
        seen = seen_in(_frames(clip.expanduser(), mask[number].expanduser() if mask else None), shown, sign)
        if seen is None:
            raise _refused(f"The mask of {clip.name} is black in every frame", "Paint white where the character is")
        found[clip] = seen
    together = between(list(found.values()))
    how = "by the image model" if model else "by colours and edges"
    if as_json:
        told = {str(clip): {"frames": s.frames, "likeness": s.likeness} for clip, s in found.items()}
        typer.echo(json.dumps({"clips": told, "between": together, "how": how}))
        return
    for clip, seen in found.items():
        frame, least = seen.least
        mean = sum(seen.likeness) / len(seen.likeness)
        typer.echo(f"{clip.name}: {mean:.1%} like the pictures ({how}), least at frame {frame}: {least:.1%}")
    if together is not None:
        typer.echo(f"The clips among each other: {together:.1%}")


def _frames(clip: Path, mask: Path | None) -> Iterator[tuple[int, NDArray[np.uint8], NDArray[np.bool_] | None]]:
    """Evenly over the clip; a mask with as many frames goes along, any other stands still."""
    import cv2
    import numpy as np

    from ..post.clip import PICTURES, open_clip, read_picture

    opened = open_clip(clip)
    count = opened.stream.frames
    wanted = {round(n * (count - 1) / (LOOKED_AT - 1)) for n in range(LOOKED_AT)}
    if mask is None:
        masks = None
    elif mask.suffix.lower() in PICTURES:
        masks = [read_picture(mask)]
    else:
        masks = list(open_clip(mask).frames())
    for number, frame in enumerate(opened.frames()):
        if number not in wanted:
            continue
        inside = None
        if masks is not None:
            drawn = masks[number] if len(masks) == count else masks[0]
            grey = cv2.cvtColor(_three(drawn), cv2.COLOR_RGB2GRAY)
            inside = np.asarray(cv2.resize(grey, frame.shape[1::-1], interpolation=cv2.INTER_AREA)) > 127
        yield number, _three(frame), inside


def _three(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import numpy as np

    if picture.ndim == 2:
        return np.repeat(picture[..., None], 3, -1)
    return np.ascontiguousarray(picture[..., :3])


def _refused(cause: str, remedy: str):
    from second_unit_protocol.errors import ErrorCode, SecondUnitError

    return SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy=remedy)
