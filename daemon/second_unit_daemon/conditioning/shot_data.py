# SPDX-License-Identifier: GPL-3.0-or-later
"""A ShotRequest opened: numpy arrays for its cameras and motion, planes decoded one frame at a time."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Self

import cv2
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from second_unit_protocol.planes import unpack_lanes
from second_unit_protocol.shot import (
    SEEN_COLUMNS,
    Array,
    BlobRef,
    Crop,
    PlaneKind,
    PlaneSequence,
    Reference,
    ShotRequest,
    Track,
    TrackKind,
)

MERGED = 4  # lanes that cv2 mixes fast; frames have no more
BlobPath = Callable[[BlobRef], Path]  # where the daemon keeps a blob; raises SecondUnitError(NO_SUCH_BLOB)

PLANE_DTYPES = {
    PlaneKind.COLOUR: "|u1", PlaneKind.DEPTH: "<f4", PlaneKind.INDEX: "<u2", PlaneKind.REGION: "|u1",
    PlaneKind.OBJECT: "<u2", PlaneKind.MATERIAL: "<u2",
}  # fmt: skip


def array_of(packed: Array) -> NDArray[np.float64]:
    """A message's Array as a read-only numpy array."""
    return np.frombuffer(packed.data, packed.dtype).reshape(packed.shape)


def pack_array(values: NDArray[np.float64]) -> Array:
    """A float64 array as a message's Array."""
    contiguous = np.ascontiguousarray(values, "<f8")
    return Array("<f8", contiguous.shape, contiguous.tobytes())


@frozen(eq=False)
class ReferenceData:
    """A reference, decoded: picture at its own size, geometry at its planes' size.

    ``image`` (h, w, 3) uint8 sRGB; ``c2w`` (4, 4); ``intrinsics`` (3, 3) in pixels of ``depth`` (H, W) metres and
    ``index`` (H, W); ``matrices`` (N, 4, 4) of the moving things at this time; ``clip_position`` in clip frames.

    ``crop`` is the part of the planes that the picture shows; None where that follows from the sizes (references.py).

    ``seen`` (N, 3), in order of clip frames: the frame, a pixel of its planes, and 1 where this camera sees that
    pixel's surface, 0 where not; for pixels of which the planes do not tell. None: nothing was asked.

    ``fine_depth`` and ``fine_index`` (k·H, k·W) are the planes as they came, with ``fineness`` k samples to a pixel's
    side; k is odd, so the middle one lies at the pixel's centre and ``depth`` and ``index`` are made of those.
    """

    name: str
    clip_position: float
    image: NDArray[np.uint8] = field(repr=False)
    c2w: NDArray[np.float64] = field(repr=False)
    intrinsics: NDArray[np.float64] = field(repr=False)
    depth: NDArray[np.float32] | None = field(repr=False)
    index: NDArray[np.uint16] | None = field(repr=False)
    matrices: NDArray[np.float64] = field(repr=False)
    strength: float
    fineness: int = 1
    fine_depth: NDArray[np.float32] | None = field(default=None, repr=False)
    fine_index: NDArray[np.uint16] | None = field(default=None, repr=False)
    crop: Crop | None = None
    positions: NDArray[np.float32] | None = field(default=None, repr=False)
    seen: NDArray[np.uint32] | None = field(default=None, repr=False)

    @property
    def instant(self) -> Instant:
        """The time that it is pinned to."""
        return Instant(self.clip_position, self.c2w, self.intrinsics, self.matrices, self.positions)


@frozen(eq=False)
class Instant:
    """A time at which camera and moving things are known: a clip frame's, or a reference's.

    ``intrinsics`` are for the capture size; ``matrices`` (N, 4, 4); ``positions`` (V, 3), vertices of the deforming
    meshes in their objects' own axes, metres.
    """

    clip_position: float
    c2w: NDArray[np.float64] = field(repr=False)
    intrinsics: NDArray[np.float64] = field(repr=False)
    matrices: NDArray[np.float64] = field(repr=False)
    positions: NDArray[np.float32] | None = field(default=None, repr=False)


@frozen(eq=False)
class Meshes:
    """``triangles`` (M, 3) of all deforming meshes, corners as rows of positions; ``starts``: where each begins."""

    triangles: NDArray[np.uint32] = field(repr=False)
    starts: tuple[int, ...]

    def of(self, mesh: int) -> NDArray[np.uint32]:
        """(m, 3) of one mesh."""
        return self.triangles[self.starts[mesh] : self.starts[mesh + 1]]


class ShotData:
    """Lazy face of a request and its blobs. Decodes planes on demand; keeps none but the references."""

    def __init__(self, request: ShotRequest, blob_path: BlobPath):
        self.request = request
        self.blob_path = blob_path

    def __len__(self) -> int:
        return self.request.grid.count

    @cached_property
    def c2w(self) -> NDArray[np.float64]:
        """(F, 4, 4) camera-to-world, OpenCV axes, metres."""
        return array_of(self.request.camera.c2w)

    @cached_property
    def intrinsics(self) -> NDArray[np.float64]:
        """(F, 3, 3) in pixels of the capture size."""
        return array_of(self.request.camera.intrinsics)

    @property
    def capture_size(self) -> tuple[int, int] | None:
        """(width, height) of the planes, whichever there are; None where the shot came without any."""
        request = self.request
        labels = request.objects or request.materials
        parts = request.moving[0].region if request.moving else None
        found = request.depth or request.colour or request.index or request.region or parts
        found = found or (labels.planes if labels else None)
        return (found.width, found.height) if found else None

    @cached_property
    def matrices(self) -> NDArray[np.float64]:
        """(F, N, 4, 4) object-to-world of the moving things; N may be 0."""
        motion = self.request.motion
        return array_of(motion.matrices) if motion else np.zeros((len(self), 0, 4, 4))

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The moving things; number n of an index plane is entry n - 1."""
        return self.request.motion.tracks if self.request.motion else ()

    @cached_property
    def rigid(self) -> NDArray[np.bool_]:
        """(N,) which moving things have their matrix alone to say where they are."""
        return np.array([track.kind is TrackKind.RIGID for track in self.tracks], bool)

    @cached_property
    def meshes(self) -> Meshes | None:
        """Topology of the deforming things; None where nothing deforms. Raises SecondUnitError for corrupt blobs."""
        deformation = self.request.motion.deformation if self.request.motion else None
        if deformation is None:
            return None
        what = "The captured triangles of what deforms"
        triangles = self._unpacked(deformation.triangles, what)
        starts = (0, *accumulate(deformation.triangle_counts))
        if triangles.dtype != np.dtype("<u4") or triangles.shape != (starts[-1], 3):
            raise self._corrupt(f"{what} are {triangles.dtype.str} {triangles.shape}, not <u4 ({starts[-1]}, 3)")
        return Meshes(triangles, starts)

    def instant(self, frame: int) -> Instant:
        """The time of a clip frame."""
        deformation = self.request.motion.deformation if self.request.motion else None
        positions = self._positions(deformation.positions[frame], f"clip frame {frame}") if deformation else None
        return Instant(float(frame), self.c2w[frame], self.intrinsics[frame], self.matrices[frame], positions)

    def depth(self, frame: int) -> NDArray[np.float32] | None:
        """(H, W) planar metres, +inf where there is nothing."""
        return self._plane(self.request.depth, frame)

    def needed_depth(self, frame: int) -> NDArray[np.float32]:
        """The same. Raises SecondUnitError where the shot has none."""
        depth = self.depth(frame)
        if depth is None:
            raise SecondUnitError(ErrorCode.BAD_REQUEST, "The shot came without depth", shot=self.request.shot_name)
        return depth

    def colour(self, frame: int) -> NDArray[np.uint8] | None:
        """(H, W, 3) display-referred sRGB."""
        return self._plane(self.request.colour, frame)

    def index(self, frame: int) -> NDArray[np.uint16] | None:
        """(H, W), 0 = static, n = moving thing n (``matrices[:, n - 1]``)."""
        return self._plane(self.request.index, frame)

    def region(self, frame: int) -> NDArray[np.uint8] | None:
        """(H, W), 255 where the source clip may be changed."""
        return self._plane(self.request.region, frame)

    def part(self, number: int, frame: int) -> NDArray[np.uint8]:
        """(H, W), 255 where part ``number`` of ``request.moving`` is seen in the source clip."""
        plane = self._plane(self.request.moving[number].region, frame)
        assert plane is not None
        return plane

    def objects(self, frame: int) -> NDArray[np.uint16] | None:
        """(H, W), 0 = nothing, n = name n of ``request.objects``."""
        return self._plane(self.request.objects.planes if self.request.objects else None, frame)

    def materials(self, frame: int) -> NDArray[np.uint16] | None:
        """(H, W), 0 = nothing or no material, n = name n of ``request.materials``."""
        return self._plane(self.request.materials.planes if self.request.materials else None, frame)

    @cached_property
    def references(self) -> tuple[ReferenceData, ...]:
        """In order of time. Raises SecondUnitError naming the reference that cannot be read."""
        found = [self._reference(i) for i in range(len(self.request.references))]
        return tuple(sorted(found, key=lambda r: r.clip_position))

    def with_references(self, references: tuple[ReferenceData, ...]) -> Self:
        """The same shot with other references, in order of time."""
        other = copy.copy(self)
        other.__dict__["references"] = references  # where the cached property looks first
        return other

    def _plane(self, planes: PlaneSequence | None, frame: int) -> NDArray | None:
        if planes is None:
            return None
        return self._unpack(planes.frames[frame], planes.kind, (planes.height, planes.width), f"clip frame {frame}")

    def _unpack(self, ref: BlobRef, kind: PlaneKind, size: tuple[int, int], where: str) -> NDArray:
        """Raises SecondUnitError naming the shot and the plane."""
        what = f"The captured {kind} of {where}"
        plane = self._unpacked(ref, what)
        if plane.dtype != PLANE_DTYPES[kind] or plane.shape != (*size, 3)[: 3 if kind is PlaneKind.COLOUR else 2]:
            raise self._corrupt(f"{what} is {plane.dtype.str} {plane.shape}, not {PLANE_DTYPES[kind]} {size}")
        return plane

    def _positions(self, ref: BlobRef, where: str) -> NDArray[np.float32]:
        """(V, 3). Raises SecondUnitError where the meshes' corners are not among them."""
        what = f"The captured shape of what deforms at {where}"
        positions = self._unpacked(ref, what)
        needed = int(self.meshes.triangles.max()) + 1 if self.meshes is not None and self.meshes.triangles.size else 0
        if positions.dtype != np.dtype("<f4") or positions.shape[1:] != (3,) or len(positions) < needed:
            raise self._corrupt(f"{what} is {positions.dtype.str} {positions.shape}, not <f4 ({needed}, 3)")
        return positions

    def _unpacked(self, ref: BlobRef, what: str) -> NDArray:
        try:
            lanes, count, dtype, shape = unpack_lanes(self._bytes(ref, what))
        except SecondUnitError as error:
            if error.info.shot:
                raise
            raise SecondUnitError(error.code, f"{what}: {error.info.cause}", shot=self.request.shot_name) from error
        samples = np.frombuffer(lanes, np.uint8)
        if 1 < count <= MERGED and samples.size:
            samples = np.asarray(cv2.merge(list(samples.reshape(count, 1, -1))), np.uint8)
        else:
            samples = samples.reshape(count, -1).T.copy()
        return samples.reshape(-1).view(dtype).reshape(shape)

    def _corrupt(self, cause: str) -> SecondUnitError:
        return SecondUnitError(ErrorCode.BLOB_CORRUPT, cause, shot=self.request.shot_name)

    def _bytes(self, ref: BlobRef, what: str) -> bytes:
        try:
            return self.blob_path(ref).read_bytes()
        except SecondUnitError as error:
            raise SecondUnitError(error.code, f"{what}: {error.info.cause}", shot=self.request.shot_name) from error
        except OSError as error:
            raise SecondUnitError(
                ErrorCode.NO_SUCH_BLOB,
                f"{what} cannot be read from the daemon's store ({error.strerror})",
                shot=self.request.shot_name,
            ) from error

    def _reference(self, number: int) -> ReferenceData:
        reference = self.request.references[number]
        encoded = np.frombuffer(self._bytes(reference.image, f"The picture of reference {reference.name}"), np.uint8)
        image = cv2.imdecode(encoded, cv2.IMREAD_COLOR_RGB) if encoded.size else None
        if image is None:
            raise SecondUnitError(
                ErrorCode.REFERENCE_UNREADABLE,
                f"The picture of reference {reference.name} cannot be read",
                shot=self.request.shot_name,
            )
        fineness = self._fineness(reference)
        size, where = (reference.height, reference.width), f"reference {reference.name}"
        depth = self._unpack(reference.depth, PlaneKind.DEPTH, size, where) if reference.depth else None
        index = self._unpack(reference.index, PlaneKind.INDEX, size, where) if reference.index else None
        middle = slice(fineness // 2, None, fineness)
        return ReferenceData(
            name=reference.name,
            clip_position=float(self.request.grid.clip_position(reference.scene_frame)),
            image=np.asarray(image, np.uint8),
            c2w=array_of(reference.c2w),
            intrinsics=np.diag([1 / fineness, 1 / fineness, 1.0]) @ array_of(reference.intrinsics),
            depth=None if depth is None else np.ascontiguousarray(depth[middle, middle]),
            index=None if index is None else np.ascontiguousarray(index[middle, middle]),
            matrices=array_of(reference.matrices) if reference.matrices else np.zeros((0, 4, 4)),
            strength=reference.strength,
            fineness=fineness,
            fine_depth=depth,
            fine_index=index,
            crop=reference.crop,
            positions=self._positions(reference.positions, where) if self.meshes and reference.positions else None,
            seen=None if self._seen is None else self._seen[self._seen[:, 2] == number][:, (0, 1, 3)],
        )

    @cached_property
    def _seen(self) -> NDArray[np.uint32] | None:
        """(N, 4) what the request says of all references, in order of clip frames. Raises SecondUnitError."""
        request, what = self.request, "What references see"
        if request.seen is None or request.depth is None:
            return None
        rows = self._unpacked(request.seen, what)
        most = len(self), request.depth.width * request.depth.height, len(request.references), 2
        if rows.dtype != np.dtype("<u4") or rows.shape[1:] != (SEEN_COLUMNS,):
            raise self._corrupt(f"{what} is {rows.dtype.str} {rows.shape}, not <u4 (N, {SEEN_COLUMNS})")
        if (rows >= most).any():
            raise self._corrupt(f"{what} is told of a frame, a pixel or a reference that the shot does not have")
        return rows[np.argsort(rows[:, 0], kind="stable")]

    def _fineness(self, reference: Reference) -> int:
        """How many samples of the reference's planes lie along a pixel of the shot's; 1 where the sizes are unlike."""
        planes = self.request.depth
        if planes is None or reference.depth is None:
            return 1
        fineness = reference.width // planes.width
        size = (fineness * planes.width, fineness * planes.height)
        return fineness if fineness % 2 == 1 and (reference.width, reference.height) == size else 1
