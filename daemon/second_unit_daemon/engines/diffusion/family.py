# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model family is: which facts of a shot it takes, and how they become arguments of its pipelines.

A family is one light file in ``families/`` (what it takes and ignores, sums only) and one in ``doors/`` (numpy: shot
facts to pipeline arguments). Everything else, from loading to previews, is shared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import Factory, field, frozen
from second_unit_protocol.errors import ErrorInfo
from second_unit_protocol.results import Input, PlanRequest
from second_unit_protocol.shot import Lora, Scalar

from .spec import ModelSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ...conditioning.shot_data import ShotData
    from ..base import EngineFrame
    from .planning import Decision


NEVER = {
    Input.STYLE_PICTURE: "Models take a style in words; a picture of one is for the projection engine",
    Input.STYLE_STRENGTH: "Models follow a style's words as far as they do: there is no strength for them",
    Input.REGION_MOTION: "This model takes no motion for a part of the picture; Wan VACE and Parts (built in) do",
}

PARTLY = {Input.REGION, Input.REGION_MOTION}  # of a clip only that is made anew


@frozen
class Option:
    """A setting of the user's, in ``ShotRequest.options``. ``choices`` empty: any value of the default's type."""

    name: str
    default: Scalar
    text: str
    choices: tuple[Scalar, ...] = ()


@frozen
class Review:
    """What a family says of one request. ``ignores`` adds to, and overrides, what it takes in general."""

    pipeline: str  # name of the diffusers class
    ignores: dict[Input, str] = Factory(dict)
    warnings: tuple[str, ...] = ()
    problem: ErrorInfo | None = None
    mode: str = ""  # the family's own name for how it will work; its door finds it in the decision
    loras: tuple[Lora, ...] = ()  # that this way of working needs, before the shot's own


@frozen(eq=False)
class Door:
    """What goes into the pipeline, and how its pictures are finished.

    ``arguments`` are the pipeline's own, all but generator, output type and callbacks; pictures in them are numpy
    arrays or PIL images. ``known(k)`` gives (picture (H, W, 3) uint8, mask (H, W) uint8, 255 = true) of the door's
    frame k at the capture size, where known pixels are put back; ``notes`` are sentences for the take. ``certain``:
    frames that are known as a whole. ``outward``: the pictures are true beyond their masks too, so that known pixels
    stay to the last and edges are softened outside of them.
    """

    arguments: dict[str, Any] = field(repr=False)
    known: Callable[[int], tuple[NDArray[np.uint8], NDArray[np.uint8]] | None] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    certain: frozenset[int] = frozenset()
    outward: bool = False


@frozen
class Window:
    """Clip frames ``start`` … ``start + count - 1``, made in one run.

    ``context``: frames that were made before, at its start; at its end where a clip is made ``back`` from its end.
    """

    start: int
    count: int
    context: int = 0
    back: bool = False

    @property
    def frames(self) -> range:
        return range(self.start, self.start + self.count)

    @property
    def known(self) -> range:
        """Places in the window of the context frames."""
        return range(self.count - self.context, self.count) if self.back else range(self.context)


class Family:
    """Base of every family. ``takes`` + keys of ``reasons`` and NEVER name every Input; ``takes`` goes first."""

    name: ClassVar[str]
    takes: ClassVar[tuple[Input, ...]]
    needs: ClassVar[tuple[Input, ...]] = (Input.CAMERA,)
    captures: ClassVar[tuple[Input, ...]] = ()
    reasons: ClassVar[dict[Input, str]]  # of what is never taken
    options: ClassVar[tuple[Option, ...]] = ()
    overlap: ClassVar[int] = 0  # context frames with which a longer clip is continued; 0: it cannot be
    runner: ClassVar[str] = ""  # "module:Class" in runners/; empty: the pipeline takes a door's arguments as they are
    spans: ClassVar[bool] = False  # the clip's last frame must show the shot's last one exactly

    def review(self, request: PlanRequest, spec: ModelSpec, options: dict[str, Scalar]) -> Review:
        """Sums and rules only; never raises."""
        raise NotImplementedError

    def door(self, shot: ShotData, decision: Decision, window: Window, before: NDArray[np.uint8] | None) -> Door:
        """Pure numpy. ``before`` (context, h, w, 3): frames ``window.known`` at the model's size, made before."""
        raise NotImplementedError

    def finish(
        self, shot: ShotData, decision: Decision, door: Door, made: NDArray[np.uint8], place: int
    ) -> EngineFrame:
        """The door's frame ``place`` as it is delivered; ``made`` (h, w, 3) comes from the pipeline."""
        from .doors.finishing import finished

        return finished(shot, decision, door, made, place)
