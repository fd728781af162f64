# SPDX-License-Identifier: GPL-3.0-or-later
"""A take made again with something changed: words, seed, style, engine, quality, camera. The rest keeps its address."""

from __future__ import annotations

from attrs import evolve
from second_unit_cameras import CameraTrack
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import FrameGrid
from second_unit_protocol.results import Plan
from second_unit_protocol.shot import Lineage, Optics, ShotRequest

from .. import devices
from ..conditioning.shot_data import ShotData, array_of, pack_array
from ..engines import registry
from ..jobs.admission import plan_request_of
from .asking import Frame, Parts, Wish, request_of
from .gathered import Gathered
from .ground import TakeGround
from .kept import kept_moving, kept_region


def remix(base: ShotData, wish: Wish, track: CameraTrack | None, lineage: Lineage, blobs: Gathered) -> ShotRequest:
    """The request of a remix. Planes are drawn anew only where the engine wants other times or sizes, or the camera is
    another one; then they are the take's own surfaces, carried to where they are seen from. What may be changed of a
    clip, and what moves otherwise in it, stays where it is in that clip.

    ``track``: another camera path of the delivered picture, at the shot's clip rate from its first frame on. Raises
    SecondUnitError where the engine refuses the shot, or where a part of a clip is changed that another camera does not
    show.
    """
    if track is not None and base.request.source is not None and (base.request.region or base.request.moving):
        raise SecondUnitError(
            ErrorCode.BAD_REQUEST,
            "The take changes a part of a clip, whose camera is what it was",
            shot=base.request.shot_name,
            remedy="Remix the take that the clip is of with the other camera, then change its part",
        )
    request = evolve(wish.over(base.request), lineage=lineage)
    plan = _planned(request)
    for ref in base.request.blobs():
        blobs.known(ref, base.blob_path(ref))
    if track is None and _fits(base, plan):
        return request
    ground = TakeGround(base, track)
    frame = Frame(request.shot_id, request.shot_name, request.delivery, request.width, request.height)
    region, moving = (kept_region(base), kept_moving(base)) if track is None else (None, ())
    parts = Parts(request.source, request.references, region, lineage, moving=moving)
    drawn = request_of(wish, frame, ground, parts, plan, blobs)
    return evolve(
        request,
        grid=drawn.grid,
        camera=drawn.camera,
        depth=drawn.depth,
        index=drawn.index,
        colour=None,  # of another camera or time there is none
        motion=drawn.motion,
        region=drawn.region,
        moving=drawn.moving,
        optics=_optics(base.request, drawn.grid),
        seen=None,  # it was of the pixels of the former planes
    )


def _optics(request: ShotRequest, grid: FrameGrid) -> Optics | None:
    """The lens at the frames of another grid: as it was at the nearest ones."""
    optics = request.optics
    if optics is None:
        return None
    nearest = [request.grid.nearest(grid.scene_frame(number)) for number in range(grid.count)]
    f_stop, focus_m = (pack_array(array_of(values)[nearest]) for values in (optics.f_stop, optics.focus_m))
    return evolve(optics, f_stop=f_stop, focus_m=focus_m)


def _planned(request: ShotRequest) -> Plan:
    plan = registry.create(request.engine).plan(plan_request_of(request), devices.asked_for())
    if plan.problem:
        raise SecondUnitError.from_info(evolve(plan.problem, shot=request.shot_name))
    return plan


def _fits(shot: ShotData, plan: Plan) -> bool:
    wanted = (plan.capture_width, plan.capture_height)
    return plan.grid == shot.request.grid and shot.capture_size in (None, wanted)
