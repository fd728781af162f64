# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures a shot, one frame per call, and leaves the file as it was, however it ends."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from fractions import Fraction
from pathlib import Path

import bpy

from ..core.sizes import finer_by
from ..core.spec import ShotSpec
from ..protocol.errors import ErrorCode, SecondUnitError
from ..protocol.late import evolve, frozen
from ..protocol.planes import unpack_plane
from ..protocol.results import Input, Plan
from ..protocol.shot import PlaneKind
from ..scene.animated import Unkeyed, put_back, remember
from ..scene.camera import Shutter, View, find_camera, read_shutter, read_view, unit_scale
from ..scene.facts import provenance
from ..scene.labels import LabelFacts, Labeller
from ..scene.match import RenderMatch
from ..scene.motion import MotionFacts, MotionReader, positions_at, triangles_of, with_unknown
from ..scene.settings import Settings
from ..scene.watch import Watch
from .base import Backend, CaptureOptions, Place
from .captured import POSITIONS, SEEN, TRIANGLES, CapturedShot
from .doubts import Doubts
from .pictures import picture_of
from .strips import Strips
from .writer import SpoolWriter

_PLANE_OF = {Input.DEPTH: PlaneKind.DEPTH, Input.COLOUR: PlaneKind.COLOUR, Input.MOTION: PlaneKind.INDEX}
_BYTES_PER_PIXEL = {
    PlaneKind.DEPTH: 4, PlaneKind.COLOUR: 3, PlaneKind.INDEX: 2, PlaneKind.REGION: 1, PlaneKind.OBJECT: 2,
    PlaneKind.MATERIAL: 2,
}  # fmt: skip
_PINNED = frozenset({PlaneKind.DEPTH, PlaneKind.INDEX})  # what is captured of a reference
_PART_S = 0.008  # of a step that prepares the scene or puts it back; the redraw comes on top
REFUSED = "Mirrors and glass"
_RAYS_S = 0.012  # of a step that casts rays
_PAUSE_S = 0.004  # the writer thread is behind: a caller that steps in a loop must not spin
_WORDS = {PlaneKind.DEPTH: "Capturing depth", PlaneKind.COLOUR: "Capturing the colour plate"}


@frozen
class _Drawing:
    """One step of the drawing: ``kinds`` at ``moment``; no kinds: the camera and what moves are read."""

    kinds: frozenset[PlaneKind]
    moment: Fraction
    first: bool = False  # a sweep begins
    strips: Strips | None = None  # of a reference's geometry, at more than the clip's size
    strip: int = 0
    asks: bool = False  # rays are cast from the reference's camera instead


class _Phase(Enum):
    NEW = "new"
    MATCHING = "matching"  # the scene is made the one that would be rendered
    PICTURES = "pictures"  # the references' own, one a step
    READING = "reading"  # the camera and what moves, at all times
    DRAWING = "drawing"
    WRITING = "writing"  # all is drawn; the writer thread has the rest
    RESTORING = "restoring"  # the scene is put back
    DONE = "done"
    CLOSED = "closed"


@frozen
class CaptureProgress:
    """``done`` of ``total`` steps; ``what`` is for the progress bar."""

    done: int
    total: int
    what: str

    @property
    def finished(self) -> bool:
        """Whether :meth:`CaptureSession.finish` may be called."""
        return self.done >= self.total


class CaptureSession:
    """``begin()``, then ``step()`` until its progress is finished, then ``finish()``; or ``abort()`` at any time.

    Every step moves the scene to one time and draws once. Between steps Blender runs on; a scene that is changed
    meanwhile stops the capture with SCENE_CHANGED. After the last step, abort or any error, frame, settings and unkeyed
    values are as they were before ``begin``.
    """

    def __init__(
        self,
        spec: ShotSpec,
        plan: Plan,
        spool: Path,
        backend: Backend,
        options: CaptureOptions | None = None,
        addon_version: str = "",
    ):
        self.spec, self.plan, self.backend = spec, plan, backend
        self.warnings: list[str] = []
        self._options = options or CaptureOptions()
        self._version = addon_version
        self._place = Place(spec.scene, spec.view_layer, spool)
        self._writer = SpoolWriter(spool)
        self._settings = Settings()
        self._times, self._grid_times = _times(spec, plan)
        self._kinds = frozenset(_PLANE_OF[kind] for kind in plan.captures if kind in _PLANE_OF)
        if not spec.capture_colour:
            self._kinds -= {PlaneKind.COLOUR}
        if spec.region is not None:
            self._kinds |= {PlaneKind.REGION}
        if spec.capture_labels:
            self._kinds |= {PlaneKind.OBJECT, PlaneKind.MATERIAL}
        self._finer = finer_by(plan.capture_width, plan.capture_height, len(_pinned(spec)))
        self._work = self._schedule()
        self._at = 0
        self._pictures = list(spec.pictures)
        self._phase = _Phase.NEW
        self._backend_begun = False
        self._views: dict[Fraction, View] = {}
        self._motion: MotionFacts | None = None
        self._labels = LabelFacts()
        self._shutter = Shutter(0.0, 0.0)
        self._doubts: Doubts | None = None
        self._shaped: set[Fraction] = set()  # times at which the vertices of what deforms were read

    # --- the four calls ------------------------------------------------------------------------------------------

    def begin(self) -> CaptureProgress:
        """Checks the scene, the disk and the references' pictures, and prepares. Raises SecondUnitError."""
        scene = bpy.data.scenes.get(self.spec.scene)
        if scene is None or self.spec.view_layer not in scene.view_layers:
            raise self._error(ErrorCode.CAPTURE_FAILED, f"The scene {self.spec.scene} is gone")
        find_camera(scene, self.spec)
        self._stop_playback()
        self._watch = Watch(scene)
        self._frame = (scene.frame_current, scene.frame_subframe)
        self._unkeyed: list[Unkeyed] = remember(scene.frame_current + scene.frame_subframe)
        self._phase = _Phase.MATCHING
        with self._or_abort():
            self._begin(scene)
        return self._progress()

    def step(self) -> CaptureProgress:
        """One frame more; does nothing while the writer has too much to do. Raises SecondUnitError, restored."""
        with self._or_abort():
            return self._step()

    def finish(self) -> CapturedShot:
        """Hands over what was captured; everything is put back. Raises SecondUnitError for what the disk refused."""
        if self._phase is not _Phase.DONE:
            raise RuntimeError(f"capture is {self._phase.value}, not done")
        with self._or_abort():
            self._writer.close()
        if self.spec.region is not None and not self._region_seen():
            self.warnings.append(f"The region ({self.spec.region.words}) is nowhere to be seen: nothing may be changed")
        self._phase = _Phase.CLOSED
        return CapturedShot(
            spec=self.spec,
            plan=self.plan,
            times=self._times,
            views=tuple(self._views[moment] for moment in self._times),
            motion=self._motion,
            labels=self._labels,
            shutter=self._shutter,
            finer=self._finer,
            refs=self._writer.refs,
            files=self._writer.files,
            facts=self._facts,
            warnings=tuple(dict.fromkeys(self.warnings)),
        )

    def abort(self) -> None:
        """Stops, restores everything and deletes what was written. May be called at any time, also twice."""
        if self._phase in (_Phase.NEW, _Phase.CLOSED):
            return
        if self._phase is not _Phase.DONE:
            self._restore()
        self._phase = _Phase.CLOSED
        self._writer.discard()

    def run(self) -> CapturedShot:
        """All of it at once, for scripts."""
        progress = self.begin()
        while not progress.finished:
            progress = self.step()
        return self.finish()

    @contextmanager
    def _or_abort(self) -> Iterator[None]:
        """Whatever goes wrong ends the capture, restored; errors are told with the shot's name."""
        try:
            yield
        except SecondUnitError as error:
            self.abort()
            if not error.info.shot:
                raise self._error(error.code, error.info.cause, error.info.remedy) from error
            raise
        except BaseException:
            self.abort()
            raise

    # --- inside --------------------------------------------------------------------------------------------------

    def _begin(self, scene: bpy.types.Scene) -> None:
        self._shutter = read_shutter(scene, float(self.spec.scene_rate))  # before a back-end closes it
        pixels = self.plan.capture_width * self.plan.capture_height
        planes = sum(
            _BYTES_PER_PIXEL[kind] * (self._finer**2 // drawing.strips.count if drawing.strips else 1)
            for drawing in self._work
            for kind in drawing.kinds
        )
        self._writer.start(pixels * planes)
        for unkeyed in self._unkeyed:
            if unkeyed.moved:
                self.warnings.append(
                    f"{unkeyed.owner} was changed without a key at frame {self._frame[0]}: the shot follows its keys, "
                    "and your change is put back afterwards"
                )
        view_layer = scene.view_layers[self.spec.view_layer]
        self._match = RenderMatch(scene, view_layer, self._settings, self.backend.matches_detail)
        self._backend_begun = True
        self.backend.begin(self._place, self._settings, self._options)
        self._reader = MotionReader(unit_scale(scene))
        self._labeller = Labeller(self.spec)
        self._watch.start()
        self._leave(scene, view_layer)

    def _step(self) -> CaptureProgress:
        if self._phase in (_Phase.NEW, _Phase.DONE, _Phase.CLOSED):
            raise RuntimeError(f"capture is {self._phase.value}")
        self._check_untouched()
        if self._phase is _Phase.MATCHING:
            self._match_some()
        elif self._phase is _Phase.WRITING:
            if self._writer.idle:
                self._at += 1
                self._facts = provenance(self._place.find()[0], self.spec, self._version)
                self._end_backend()
                self._phase = _Phase.RESTORING
            else:
                time.sleep(_PAUSE_S)
        elif self._phase is _Phase.RESTORING:
            self._restore_some()
        elif self._writer.busy or (self._work[self._at].asks and not self._writer.idle):
            time.sleep(_PAUSE_S)
        elif self._phase is _Phase.PICTURES:
            self._take_picture()
        else:
            self._watch.own = True
            try:
                done = self._work_on(self._work[self._at])
            finally:
                self._watch.own = False
            self._at += done
            if self._at == len(self._work):
                self._phase = _Phase.WRITING
        return self._progress()

    def _work_on(self, drawing: _Drawing) -> bool:
        """A step of the schedule, or a part of one; whether it is done."""
        if drawing.asks:
            return self._ask(drawing.moment)
        self._draw(drawing) if drawing.kinds else self._read(drawing.moment)
        return True

    def _match_some(self) -> None:
        view_layer = self._place.find()[1]
        self._watch.own = True
        try:
            if self._match.some(view_layer, _PART_S):
                self.warnings += self._match.unmatched
                self._phase = _Phase.PICTURES
            self._leave(*self._place.find())
        finally:
            self._watch.own = False

    def _take_picture(self) -> None:
        if not self._pictures:
            if self.spec.source is not None:
                self._writer.link(("source",), Path(self.spec.source.path))
            self._phase = _Phase.READING
            return
        reference = self._pictures.pop(0)
        self._watch.own = True  # a picture of a float image goes through the scene's own output settings
        try:
            picture = picture_of(self.spec, reference, self._place.folder)
            self._leave(*self._place.find())
        finally:
            self._watch.own = False
        self._writer.file(("picture", reference.uid), picture)

    def _schedule(self) -> list[_Drawing]:
        """Times without planes, the references' finer geometry, the back-end's sweeps, and what then is in doubt."""
        work = [_Drawing(frozenset(), moment) for moment in self._times]
        pinned = sorted(_pinned(self.spec))
        if geometry := self._kinds & _PINNED:
            work += [strip for whole in _sweep(geometry, pinned) for strip in self._strips(whole)]
        for sweep in self.backend.sweeps:
            if wanted := self._kinds & sweep:
                work += _sweep(wanted, sorted(self._grid_times))
        if PlaneKind.DEPTH in self._kinds:
            work += [_Drawing(frozenset(), moment, asks=True) for moment in pinned]
        return work

    def _strips(self, whole: _Drawing) -> list[_Drawing]:
        """So that a step is short; Cycles, too, takes less time for several small renders than for one so large."""
        strips = Strips(self.plan.capture_width, self.plan.capture_height, self._finer)
        return [evolve(whole, first=whole.first and n == 0, strips=strips, strip=n) for n in range(strips.count)]

    def _read(self, moment: Fraction) -> None:
        scene, depsgraph = self._go_to(moment)
        camera = find_camera(scene, self.spec)
        size = (self.plan.capture_width, self.plan.capture_height)
        self._views[moment] = read_view(camera, depsgraph, self.spec, size)
        self._reader.sample(depsgraph)
        if len(self._views) == len(self._times):
            try:
                self._motion = self._reader.finish(self._labeller.wants)
            except OverflowError as error:
                cause = f"{error}, more than can be told apart"
                raise self._error(ErrorCode.CAPTURE_FAILED, cause, "Hide some of them from render") from error
            self.warnings += [
                f"{name}: its surface changes in a way that cannot be followed, so references show it at their own "
                "frames only"
                for name in self._motion.lost
            ]
            self._labels = labels = self._labeller.facts(self._motion)
            if labels.refused_number:
                self._motion = with_unknown(self._motion, REFUSED)
                names = ", ".join(
                    n for n, refused in zip(labels.material_names, labels.refused[1:], strict=True) if refused
                )
                self.warnings.append(
                    f"{REFUSED} ({names}): what they show cannot be carried, so references show it at their own "
                    "frames only"
                )
            self._doubts = self._new_doubts()
            self._phase = _Phase.DRAWING

    def _draw(self, drawing: _Drawing) -> None:
        moment, view = drawing.moment, self._views[drawing.moment]
        if drawing.strips:
            view = drawing.strips.view(view.finer(self._finer), drawing.strip)
        if drawing.first:
            self.backend.enter(drawing.kinds, view, self._motion, self._labels)
        self._go_to(moment)
        matrices = self._motion.matrices[self._times.index(moment)]
        planes = self.backend.draw(drawing.kinds, view, self._motion, matrices)
        if drawing.strips:
            planes = drawing.strips.with_strip(drawing.strip, planes)
        planes = self._doubts.noting(moment, planes, pinned=drawing.strips is not None)
        self._writer.planes(("reference", moment) if drawing.strips else (moment,), planes)
        if PlaneKind.INDEX in drawing.kinds and moment not in self._shaped and self._motion.meshes:
            self._shaped.add(moment)
            self._write_shapes(moment)
        self._leave(*self._place.find())

    def _new_doubts(self) -> Doubts:
        grid = self.plan.grid
        return Doubts(
            self._views,
            self._motion,
            [Fraction(reference.scene_frame) for reference in self.spec.references],
            {grid.scene_frame(i): i for i in range(grid.count)},
            self._finer,
        )

    def _ask(self, moment: Fraction) -> bool:
        """Casts rays for a while; whether all are cast. The last camera's answers are written."""
        doubts = self._doubts
        if doubts.any_at(moment):
            scene, layer = self._place.find()
            if not doubts.casting:
                self._go_to(moment)
            if not doubts.ask(moment, scene, layer, _RAYS_S):
                return False
            self._leave(scene, layer)
        if self._at == len(self._work) - 1 and len(told := doubts.told()):
            self._writer.planes((), lambda: {SEEN: told})
        return True

    def _write_shapes(self, moment: Fraction) -> None:
        """Where the vertices of what deforms are, in the very state that was drawn."""
        scene, view_layer = self._place.find()
        positions = positions_at(view_layer.depsgraph, self._motion, unit_scale(scene))
        self._writer.planes((moment,), lambda: {POSITIONS: positions})
        if len(self._shaped) == 1:
            motion = self._motion
            self._writer.planes((), lambda: {TRIANGLES: triangles_of(motion)})

    def _go_to(self, moment: Fraction) -> tuple[bpy.types.Scene, bpy.types.Depsgraph]:
        scene, view_layer = self._place.find()
        whole = math.floor(moment)
        self._match.lead()
        scene.frame_set(whole, subframe=float(moment - whole))
        self._match.follow()
        self._leave(scene, view_layer)
        return scene, view_layer.depsgraph

    def _leave(self, scene: bpy.types.Scene, view_layer: bpy.types.ViewLayer) -> None:
        """Lets pending updates of our own happen now, while they count as ours, and notes where the scene stands."""
        own, self._watch.own = self._watch.own, True
        view_layer.update()
        self._watch.own = own
        self._stands_at = (scene.frame_current, scene.frame_subframe)

    def _check_untouched(self) -> None:
        try:
            scene, view_layer = self._place.find()
        except KeyError:
            raise self._error(ErrorCode.SCENE_CHANGED, f"The scene {self.spec.scene} went away") from None
        view_layer.update()  # a script's changes are told only now
        reason = self._watch.reason
        if not reason and (scene.frame_current, scene.frame_subframe) != self._stands_at:
            reason = f"The scene was moved to frame {scene.frame_current}"
        if reason:
            raise self._error(ErrorCode.SCENE_CHANGED, f"{reason} while the shot was being captured")

    def _region_seen(self) -> bool:
        """Whether any frame shows some of the region; a frame that shows none is the same file as another."""
        refs = [self._writer.refs[PlaneKind.REGION, moment] for moment in self._grid_times]
        return any(any(unpack_plane(self._writer.files[digest].read_bytes())[0]) for digest in {r.digest for r in refs})

    def _restore_some(self) -> None:
        self._watch.own = True
        try:
            if self._settings.changed:
                self._lose(self._settings.restore_some(_PART_S))
                self._leave(*self._place.find())
            else:
                self._watch.stop()
                self._put_back()
                self._at += 1
                self._phase = _Phase.DONE
        finally:
            self._watch.own = False

    def _restore(self) -> None:
        """All at once, wherever the capture is."""
        self._phase = _Phase.CLOSED
        self._watch.stop()
        try:
            self._end_backend()
        finally:
            self._lose(self._settings.restore())
            self._put_back()

    def _end_backend(self) -> None:
        if self._backend_begun:
            self._backend_begun = False
            self.backend.end()

    def _lose(self, what: list[str]) -> None:
        self.warnings += [f"A setting could not be put back: {each}" for each in what]

    def _put_back(self) -> None:
        scene = bpy.data.scenes.get(self.spec.scene)
        if scene is not None:
            scene.frame_set(self._frame[0], subframe=self._frame[1])
        put_back(self._unkeyed)
        if scene is not None and self.spec.view_layer in scene.view_layers:
            scene.view_layers[self.spec.view_layer].update()

    def _stop_playback(self) -> None:
        screen = bpy.context.screen
        if screen is not None and screen.is_animation_playing:
            bpy.ops.screen.animation_cancel(restore_frame=False)

    def _progress(self) -> CaptureProgress:
        total = len(self._work) + 2
        if self._at >= len(self._work):
            words = "Writing to disk" if self._at == len(self._work) else "Putting the scene back"
            return CaptureProgress(self._at, total, words)
        if self._phase is _Phase.MATCHING:
            return CaptureProgress(0, total, "Preparing the scene")
        if self._phase is _Phase.PICTURES:
            return CaptureProgress(0, total, "Reading the references' pictures")
        drawing = self._work[self._at]
        words = next((text for kind, text in _WORDS.items() if kind in drawing.kinds), "Reading camera and motion")
        if drawing.strips:
            words = "Capturing what the reference shows"
        if drawing.asks:
            words = "Looking at what hides behind edges"
        return CaptureProgress(self._at, total, f"{words}, frame {float(drawing.moment):g}")

    def _error(self, code: ErrorCode, cause: str, remedy: str | None = None) -> SecondUnitError:
        return SecondUnitError(code, cause, shot=self.spec.name, remedy=remedy)


def _times(spec: ShotSpec, plan: Plan) -> tuple[tuple[Fraction, ...], frozenset[Fraction]]:
    """(all scene times to sample, in order; those that a clip frame shows)."""
    grid = frozenset(plan.grid.scene_frame(i) for i in range(plan.grid.count))
    return tuple(sorted(grid | _pinned(spec))), grid


def _pinned(spec: ShotSpec) -> set[Fraction]:
    """Scene times of the references."""
    return {Fraction(reference.scene_frame) for reference in spec.references}


def _sweep(kinds: frozenset[PlaneKind], moments: list[Fraction]) -> list[_Drawing]:
    return [_Drawing(kinds, moment, place == 0) for place, moment in enumerate(moments)]
