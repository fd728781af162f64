# SPDX-License-Identifier: GPL-3.0-or-later
"""One reference's frame, captured and sent, to be told whether the picture fits."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ...link import current
from ...link.fits import about
from ...link.paintings import Painting
from ...protocol.errors import ErrorCode, ErrorInfo
from ...protocol.late import evolve
from ..shot.engines import FALLBACK
from ..shot.shooting import Shooting
from ..shot.spec import shot_spec

if TYPE_CHECKING:
    from ...capture.captured import CapturedShot


class CheckFit(Shooting):
    """Shoots the frame that the chosen reference is pinned to, with that reference alone and nothing done to it."""

    is_take = False

    def __init__(self, context: bpy.types.Context, scene: bpy.types.Scene, shot):
        reference = shot.references[shot.active_reference]
        self._uid = reference.uid
        whole = shot_spec(scene, context.view_layer, shot)
        frame = math.floor(reference.scene_frame)
        spec = evolve(
            whole,
            frame_start=frame,
            frame_end=math.ceil(reference.scene_frame),
            handle_before=0,
            handle_after=0,
            engine=FALLBACK,
            capture_colour=True,
            fit_references=True,
            region=None,
            capture_labels=False,
            characters=(),
            loras=(),
            source=None,
            style="",
            style_picture="",
            post=(),
            references=(whole.references[shot.active_reference],),
        )
        super().__init__(context, scene, shot, spec, 1)

    def problems(self) -> list[ErrorInfo]:
        """A reference that lies outside the shot's own range may be asked about."""
        return [problem for problem in super().problems() if problem.code is not ErrorCode.REFERENCE_OUTSIDE]

    def hand_over(self, captured: CapturedShot, folder: Path) -> None:
        spec = self.spec
        current.fits.ask_again(self._uid)
        asked = Painting(
            job_id=self.job_ids[0],
            shot_id=spec.uid,
            shot_name=spec.name,
            frame=spec.frame_start,
            engine=spec.engine,
            prompt="",
            seed=spec.seed,
            capture=Path(),
            picture=Path(),
            spool=folder,
            reference=self._uid,
            about=about(spec.references[0].scene_frame, spec.references[0].path),
        )
        current.fits.submit(asked, captured.request(), captured.files)
