# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot that has been captured: its planes on disk and everything else that a request needs."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.spec import STYLE_PICTURE, ReferenceSpec, ShotSpec
from ..protocol.grid import SceneRange
from ..protocol.late import frozen
from ..protocol.results import Plan
from ..protocol.shot import (
    Array,
    BlobRef,
    CameraPath,
    Character,
    Deformation,
    Labels,
    Lora,
    Motion,
    Optics,
    PlaneKind,
    PlaneSequence,
    Reference,
    SceneFacts,
    ShotRequest,
    SourceClip,
)
from ..scene.camera import Shutter, View
from ..scene.labels import LabelFacts
from ..scene.motion import MotionFacts

POSITIONS, TRIANGLES, SEEN = "positions", "triangles", "seen"


def pack_array(values: NDArray) -> Array:
    """A float64 array as a message's Array."""
    plain = np.ascontiguousarray(values, "<f8")
    return Array("<f8", plain.shape, plain.tobytes())


@frozen(eq=False)
class CapturedShot:
    """``files`` has every blob that the request names, by digest. ``refs`` is keyed (plane kind, scene time),
    (plane kind, "reference", scene time) for the references' own planes, ``finer`` times as fine, ("picture", uid) for
    their pictures, (POSITIONS, scene time) and (TRIANGLES,) for what deforms, and (SEEN,) for what rays told. ``times``
    are the sampled scene times, in order; ``views`` go with them, and so do the matrices of ``motion``."""

    spec: ShotSpec
    plan: Plan
    times: tuple[Fraction, ...]
    views: tuple[View, ...]
    motion: MotionFacts
    labels: LabelFacts
    shutter: Shutter
    finer: int
    refs: dict[tuple, BlobRef]
    files: dict[str, Path]
    facts: SceneFacts
    warnings: tuple[str, ...] = ()

    def request(self) -> ShotRequest:
        """The whole request, as the daemon takes it."""
        spec, grid = self.spec, self.plan.grid
        clip = [self.times.index(grid.scene_frame(i)) for i in range(grid.count)]
        return ShotRequest(
            shot_id=spec.uid,
            shot_name=spec.name,
            engine=spec.engine,
            delivery=SceneRange(
                first=spec.frame_start - spec.handle_before,
                last=spec.frame_end + spec.handle_after,
                rate=spec.scene_rate,
                handle_before=spec.handle_before,
                handle_after=spec.handle_after,
            ),
            grid=grid,
            width=spec.width,
            height=spec.height,
            camera=CameraPath(
                c2w=pack_array(np.stack([self.views[i].c2w for i in clip])),
                intrinsics=pack_array(np.stack([self.views[i].intrinsics for i in clip])),
            ),
            depth=self._planes(PlaneKind.DEPTH),
            colour=self._planes(PlaneKind.COLOUR),
            index=self._planes(PlaneKind.INDEX),
            region=self._planes(PlaneKind.REGION),
            objects=self._labelled(PlaneKind.OBJECT, self.labels.objects, self.labels.collections),
            materials=self._labelled(PlaneKind.MATERIAL, self.labels.material_names),
            motion=Motion(self.motion.tracks, pack_array(self.motion.matrices[clip]), self._deformation()),
            references=tuple(self._reference(reference) for reference in spec.references),
            source=self._source(),
            characters=tuple(self._characters()),
            loras=tuple(Lora(lora.name, lora.strength) for lora in spec.loras),
            optics=Optics(
                self.shutter.length_s,
                self.shutter.open_s,
                pack_array(np.array([self.views[i].f_stop for i in clip])),
                pack_array(np.array([self.views[i].focus_m for i in clip])),
            ),
            prompt=spec.prompt,
            negative_prompt=spec.negative_prompt,
            style=spec.style,
            style_picture=self.refs["picture", STYLE_PICTURE] if spec.style_picture else None,
            style_strength=spec.style_strength,
            fit_references=spec.fit_references,
            seed=spec.seed,
            motion_strength=spec.motion_strength,
            quality=spec.quality,
            facts=self.facts,
            post=spec.post,
            lineage=spec.lineage,
            seen=self.refs.get((SEEN,)),
        )

    def _source(self) -> SourceClip | None:
        source = self.spec.source
        if source is None:
            return None
        return SourceClip(
            self.refs["source",],
            source.scene_frame,
            source.rate,
            source.use,
            source.strength,
            source.first,
            source.count,
        )

    def _characters(self) -> Iterator[Character]:
        for character in self.spec.characters:
            for picture in character.pictures:
                yield Character(character.name, self.refs["picture", picture.uid], character.strength)

    def _planes(self, kind: PlaneKind) -> PlaneSequence | None:
        grid = self.plan.grid
        frames = [self.refs.get((kind, grid.scene_frame(i))) for i in range(grid.count)]
        if None in frames:
            return None
        return PlaneSequence(kind, self.plan.capture_width, self.plan.capture_height, tuple(frames))

    def _labelled(
        self, kind: PlaneKind, names: tuple[str, ...], collections: tuple[tuple[str, ...], ...] = ()
    ) -> Labels | None:
        planes = self._planes(kind)
        return Labels(planes, names, collections) if planes else None

    def _deformation(self) -> Deformation | None:
        grid = self.plan.grid
        positions = [self.refs.get((POSITIONS, grid.scene_frame(i))) for i in range(grid.count)]
        if None in positions:
            return None
        counts = tuple(len(mesh.triangles) for mesh in self.motion.meshes)
        return Deformation(self.refs[TRIANGLES,], counts, tuple(positions))

    def _reference(self, reference: ReferenceSpec) -> Reference:
        time = Fraction(reference.scene_frame)
        place = self.times.index(time)
        view = self.views[place].finer(self.finer)
        return Reference(
            name=reference.name,
            scene_frame=reference.scene_frame,
            image=self.refs["picture", reference.uid],
            c2w=pack_array(view.c2w),
            intrinsics=pack_array(view.intrinsics),
            width=view.width,
            height=view.height,
            depth=self.refs.get((PlaneKind.DEPTH, "reference", time)),
            index=self.refs.get((PlaneKind.INDEX, "reference", time)),
            matrices=pack_array(self.motion.matrices[place]),
            positions=self.refs.get((POSITIONS, time)),
            strength=reference.strength,
        )
