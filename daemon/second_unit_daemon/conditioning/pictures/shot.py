# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot made of files: what projection asks of a captured shot, answered from pictures, depth and a camera path."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.grid import FrameGrid, Rate, SceneRange
from second_unit_protocol.limits import MAX_SIDE, MIN_SIDE
from second_unit_protocol.shot import CameraPath, PlaneKind, PlaneSequence, ShotRequest

from ..cameras import scaled_intrinsics
from ..forms import CameraTrack
from ..projection.backdrop import close_gaps
from ..projection.geometry import surfaces_of
from ..projection.lifting import Source, lift
from ..shot_data import ReferenceData, ShotData, pack_array
from .geometry import PictureDepth
from .pinned import PinnedPicture
from .resampling import between

ASPECT_TOLERANCE = 0.01
ON_FRAME = 1e-3  # of a frame: as near as that, its own depth is right


class PictureShot(ShotData):
    """``pictures`` along ``path``, at ``width`` × ``height``.

    A picture shows what the path's camera sees at its frame; where its aspect is another, the middle of that. The clip
    shows the path's width of view, one frame at each of ``positions`` (rising, in frames of the path; None: its own),
    as the camera ``track``. Depth of a frame that no file has is lifted from the files' nearest, or from the pictures'.
    """

    def __init__(
        self,
        path: CameraTrack,
        pictures: tuple[PinnedPicture, ...],
        depth: PictureDepth,
        width: int,
        height: int,
        rate: Rate,
        name: str = "",
        positions: NDArray[np.float64] | None = None,
    ):
        _check(path, pictures, width, height)
        track = path if positions is None else between(path, positions, float(rate))
        self.path = path
        self.track = track
        self._places = np.arange(len(path), dtype=np.float64) if positions is None else positions
        self.pictures = pictures
        self._depth = depth
        self._lens = reframed(track, width, height)
        camera = CameraPath(pack_array(track.c2w), pack_array(self._lens))
        frames = len(track)
        request = ShotRequest(
            shot_id=name,
            shot_name=name,
            engine="projection",
            delivery=SceneRange(0, frames - 1, rate),
            grid=FrameGrid(0, frames, rate, rate),
            width=width,
            height=height,
            camera=camera,
            depth=PlaneSequence(PlaneKind.DEPTH, width, height, ()),
        )
        super().__init__(request, _no_blob)

    @cached_property
    def references(self) -> tuple[ReferenceData, ...]:
        made = [self._reference_of(number, picture) for number, picture in enumerate(self.pictures)]
        return tuple(sorted(made, key=lambda reference: reference.clip_position))

    def depth(self, frame: int) -> NDArray[np.float32]:
        place = min(max(float(self._places[frame]), 0.0), len(self.path) - 1.0)
        nearest = round(place)
        found = self._depth.of_frame(nearest)
        if found is None:
            return self._drawn([self._sources], frame)
        lens = self._lens_of(found, nearest)
        if abs(place - nearest) < ON_FRAME:
            size = (self.request.height, self.request.width)
            if found.shape == size and np.allclose(lens, self._lens[frame]):
                return found
            return self._drawn([[self._source_at(nearest, found)]], frame)
        beyond = nearest + (1 if place > nearest else -1)
        return self._drawn([[self._source_at(nearest, found)], [self._source_at(beyond)]], frame)

    def _source_at(self, place: int, depth: NDArray[np.float32] | None = None) -> Source:
        """What the file's depth at a frame of the path shows."""
        if depth is None:
            depth = self._depth.of_frame(place)
        assert depth is not None
        return Source(surfaces_of(depth, None), self.path.c2w[place], self._lens_of(depth, place))

    def _clip_position(self, place: int) -> float:
        """Frame of the clip at which a frame of the path is seen; beyond the clip's ends in its last frames' steps."""
        at, frames = self._places, np.arange(len(self._places), dtype=np.float64)
        if len(at) > 1 and place > at[-1]:
            return float(frames[-1] + (place - at[-1]) / (at[-1] - at[-2]))
        return float(np.interp(place, at, frames))

    def _reference_of(self, number: int, picture: PinnedPicture) -> ReferenceData:
        depth = self._depth.of_picture(number)
        if not (np.isfinite(depth) & (depth > 0)).any():
            cause = f"The depth of {picture.name} has no distance in it"
            raise SecondUnitError(ErrorCode.BAD_REQUEST, cause, remedy="Give planar depth in metres, or use --layout")
        return ReferenceData(
            name=picture.name,
            clip_position=self._clip_position(picture.frame),
            image=picture.image,
            c2w=self.path.c2w[picture.frame],
            intrinsics=self._lens_of(depth, picture.frame, picture.image.shape[1] / picture.image.shape[0]),
            depth=depth,
            index=None,
            matrices=np.zeros((0, 4, 4)),
            strength=1.0,
            fine_depth=depth,
        )

    @cached_property
    def _sources(self) -> list[Source]:
        return [Source(surfaces_of(r.depth, None), r.c2w, r.intrinsics) for r in self.references if r.depth is not None]

    def _lens_of(self, depth: NDArray[np.float32], place: int, picture_aspect: float = 0.0) -> NDArray[np.float64]:
        """Intrinsics in pixels of a depth map, which covers the camera's frame, or what a picture shows of it."""
        rows, columns = depth.shape
        path = self.path
        wide, high = float(path.width), float(path.height)
        if abs(columns / rows - picture_aspect) <= ASPECT_TOLERANCE * picture_aspect:
            wide, high = min(wide, high * picture_aspect), min(high, wide / picture_aspect)
        left, top = (path.width - wide) / 2, (path.height - high) / 2
        return scaled_intrinsics(path.intrinsics[place], columns / wide, rows / high, left, top)

    def _drawn(self, sources: list[list[Source]], frame: int) -> NDArray[np.float32]:
        size = self.request.width, self.request.height
        return _drawn(sources, self.track.c2w[frame], self._lens[frame], *size)

    def seen_from(
        self, c2w: NDArray[np.float64], lens: NDArray[np.float64], width: int, height: int
    ) -> NDArray[np.float32]:
        """Depth (H, W) that any camera sees of the pictures' own depth."""
        return _drawn([self._sources], c2w, lens, width, height)


def _drawn(
    sources: list[list[Source]], c2w: NDArray[np.float64], lens: NDArray[np.float64], width: int, height: int
) -> NDArray[np.float32]:
    """Depth that a camera sees of ``sources``, drawn as meshes, later ones where earlier ones show nothing; gaps are
    closed from behind."""
    lifted = lift(sources[0], c2w, lens, width, height)
    for more in sources[1:]:
        other, gaps = lift(more, c2w, lens, width, height), ~lifted.seen
        lifted.inverse[gaps], lifted.index[gaps] = other.inverse[gaps], other.index[gaps]
    close_gaps(lifted.inverse, lifted.index)
    with np.errstate(divide="ignore"):
        return np.asarray(1 / lifted.inverse, np.float32)


def reframed(track: CameraTrack, width: int, height: int) -> NDArray[np.float64]:
    """(F, 3, 3) intrinsics of a picture of another size with the same width of view: square pixels, same middle."""
    scale = width / track.width
    lens = np.diag([scale, scale, 1.0]) @ track.intrinsics
    lens[:, 1, 2] += (height - scale * track.height) / 2
    return lens


def _check(track: CameraTrack, pictures: tuple[PinnedPicture, ...], width: int, height: int) -> None:
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in (width, height)):
        raise SecondUnitError(ErrorCode.BAD_SIZE, f"The clip's size would be {width} × {height}")
    if not pictures:
        raise SecondUnitError(ErrorCode.NO_REFERENCE, "There is no picture", remedy="Give one: --image A.png")
    for picture in pictures:
        if picture.frame >= len(track):
            cause = (
                f"{picture.name} is pinned to frame {picture.frame}, the camera has {len(track)} (0 … {len(track) - 1})"
            )
            raise SecondUnitError(ErrorCode.REFERENCE_OUTSIDE, cause, remedy="Pin it to a frame that the camera has")


def _no_blob(ref):
    raise SecondUnitError(ErrorCode.NO_SUCH_BLOB, "A shot made of files has no blobs")
