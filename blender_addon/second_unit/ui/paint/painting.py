# SPDX-License-Identifier: GPL-3.0-or-later
"""One press of Paint: the playhead's frame captured as a shot of one frame, and handed to an image engine."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
import numpy as np
from numpy.typing import NDArray

from ... import preferences
from ...core.pictures import write_png
from ...core.spec import ReferenceSource, ShotSpec, SourceSpec
from ...link import current
from ...link.paintings import Painting
from ...protocol.disk import disk_errors
from ...protocol.errors import ErrorCode, ErrorInfo, SecondUnitError
from ...protocol.late import evolve
from ...protocol.planes import unpack_plane
from ...protocol.results import Input, PlanRequest
from ...protocol.shot import BlobRef, PlaneKind, SourceClip, SourceUse
from ..shot.props import MAX_SEED
from ..shot.shooting import Shooting
from ..shot.spec import scene_rate, shot_spec
from . import engines

if TYPE_CHECKING:
    from ...capture.captured import CapturedShot


def paint_spec(context: bpy.types.Context, scene: bpy.types.Scene, shot) -> ShotSpec:
    """The shot as one frame at the playhead, for the engine and from what the panel says. Raises SecondUnitError."""
    paint, engine = scene.second_unit_paint, engines.chosen(scene.second_unit_paint)
    if engine is None:
        remedy = "Start the daemon; it says what can paint"
        raise SecondUnitError(ErrorCode.NO_SUCH_ENGINE, "No engine here can paint", shot=shot.name, remedy=remedy)
    if not engine.available:
        cause = f"{engine.label} cannot paint here: {engine.unavailable_reason}"
        raise SecondUnitError(ErrorCode.NO_SUCH_ENGINE, cause, shot=shot.name)
    frame = scene.frame_current
    spec = evolve(
        shot_spec(scene, context.view_layer, shot),
        frame_start=frame,
        frame_end=frame,
        handle_before=0,
        handle_after=0,
        engine=engine.name,
        capture_colour=True,
        region=None,
        characters=(),
        source=None,
        post=(),
    )
    if paint.prompt.strip():
        spec = evolve(spec, prompt=paint.prompt.strip())
    begin = begins_with(paint, engine)
    if begin == "CARRIED":
        if not spec.references:
            cause, remedy = "The shot has no reference whose look could be carried", "Pin one at another frame first"
            raise SecondUnitError(ErrorCode.NO_REFERENCE, cause, shot=shot.name, remedy=remedy)
        return spec
    if begin == "REFERENCE":
        spec = evolve(spec, source=_of_reference(scene, spec, shot.active_reference, paint.strength))
    return evolve(spec, references=())


def begins_with(paint, engine) -> str:
    """What the picture is made from; an engine that only carries has no choice, one that draws over pictures takes the
    scene's colours where nothing else is chosen."""
    if engines.only_carries(engine):
        return "CARRIED"
    return paint.over if engines.draws_over(engine) else paint.begin


def _of_reference(scene: bpy.types.Scene, spec: ShotSpec, place: int, strength: float) -> SourceSpec:
    if not 0 <= place < len(spec.references):
        cause = "No reference is chosen that could be repainted"
        raise SecondUnitError(ErrorCode.NO_REFERENCE, cause, shot=spec.name)
    reference = spec.references[place]
    if reference.source is ReferenceSource.IMAGE:
        cause = f"Reference {reference.name} is an image in the .blend"
        remedy = "Save it to disk (Image > Save As) and pin that"
        raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, shot=spec.name, remedy=remedy)
    return SourceSpec(reference.path, float(spec.frame_start), scene_rate(scene), SourceUse.EDIT, strength)


class PaintFrame(Shooting):
    """Shoots one frame; what comes of it goes to the folder of pictures that were taken for references."""

    is_take = False

    def __init__(self, context: bpy.types.Context, scene: bpy.types.Scene, shot):
        paint = scene.second_unit_paint
        spec = paint_spec(context, scene, shot)
        self._repaints = begins_with(paint, engines.chosen(paint)) == "CAPTURE"
        self._strength = paint.strength
        self._folder = (preferences.take_folder() or current.tracker.take_folder) / "references"
        super().__init__(context, scene, shot, spec, paint.count)

    def problems(self) -> list[ErrorInfo]:
        """References of any frame of the scene may be carried to this one."""
        return [problem for problem in super().problems() if problem.code is not ErrorCode.REFERENCE_OUTSIDE]

    def question(self) -> PlanRequest:
        asked = super().question()
        return evolve(asked, given=(*asked.given, Input.EDITED_CLIP)) if self._repaints else asked

    def hand_over(self, captured: CapturedShot, folder: Path) -> None:
        request, files, spec = captured.request(), dict(captured.files), self.spec
        plate = write_png(_plate(captured))
        capture = _free(self._folder, f"{spec.name}_{spec.frame_start}_capture")
        with disk_errors(capture):
            capture.parent.mkdir(parents=True, exist_ok=True)
            capture.write_bytes(plate)
        if self._repaints:
            ref = BlobRef(hashlib.sha256(plate).hexdigest(), len(plate))
            files[ref.digest] = capture
            source = SourceClip(ref, float(spec.frame_start), spec.scene_rate, SourceUse.EDIT, self._strength)
            request = evolve(request, source=source)
        taken: set[Path] = set()
        for number, job_id in enumerate(self.job_ids):
            seed = (request.seed + number) % (MAX_SEED + 1)
            picture = _free(self._folder, f"{spec.name}_{spec.frame_start}_painted", taken)
            taken.add(picture)
            current.paintings.submit(
                Painting(
                    job_id,
                    spec.uid,
                    spec.name,
                    spec.frame_start,
                    spec.engine,
                    spec.prompt,
                    seed,
                    capture,
                    picture,
                    folder,
                ),
                evolve(request, seed=seed),
                files,
            )


def _plate(captured: CapturedShot) -> NDArray[np.uint8]:
    """(H, W, 3): what the camera saw, in the clip's own size: the middle of what was captured."""
    spec = captured.spec
    ref = captured.refs.get((PlaneKind.COLOUR, Fraction(spec.frame_start)))
    if ref is None:
        cause = f"{spec.engine} asks for no colours of the scene, so there is no picture of the frame"
        raise SecondUnitError(ErrorCode.CAPTURE_FAILED, cause, shot=spec.name)
    samples, dtype, shape = unpack_plane(captured.files[ref.digest].read_bytes())
    plane = np.frombuffer(samples, dtype).reshape(shape)
    top, left = (plane.shape[0] - spec.height) // 2, (plane.shape[1] - spec.width) // 2
    return np.ascontiguousarray(plane[top : top + spec.height, left : left + spec.width])


def _free(folder: Path, stem: str, taken: set[Path] | None = None) -> Path:
    """A file name that nothing has yet, so that no earlier picture changes under a reference."""
    safe, number = bpy.path.clean_name(stem), 1
    while (path := folder / f"{safe}_{number:02d}.png").exists() or path in (taken or ()):
        number += 1
    return path
