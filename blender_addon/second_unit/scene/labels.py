# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects and materials are told apart by name in a capture, and which of them the shot's region is made of."""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.rules import region_missing
from ..core.spec import RegionKind, RegionSpec, ShotSpec
from ..protocol.errors import ErrorCode, SecondUnitError
from ..protocol.late import Factory, frozen
from ..protocol.shot import PlaneKind
from .motion import MotionFacts
from .surfaces import fills_space, materials_of, shows_others

Members = frozenset[int]  # session uids
NOTHING: NDArray[np.bool_] = np.zeros(1, bool)


@frozen(eq=False)
class LabelFacts:
    """What the numbers of label planes stand for, counted from 1: 0 is nothing.

    ``objects`` are names, ``collections`` those that hold each; ``materials`` are numbers by session uid, in the order
    of ``material_names``. ``region`` is the plane that the region follows from, ``inside`` (N + 1,) which of its
    numbers belong to it. ``refused`` (M + 1,) are materials that show other things than themselves; in the index plane
    their pixels belong to thing ``refused_number``, which cannot be followed.
    """

    objects: tuple[str, ...] = ()
    collections: tuple[tuple[str, ...], ...] = ()
    materials: dict[int, int] = Factory(dict)
    material_names: tuple[str, ...] = ()
    region: PlaneKind | None = None
    inside: NDArray[np.bool_] = NOTHING
    refused: NDArray[np.bool_] = NOTHING
    refused_number: int = 0


class Labeller:
    """Says what a capture is to tell apart: everything, what the region is made of, or nothing."""

    def __init__(self, spec: ShotSpec):
        """Raises SecondUnitError NO_REGION where what the region is made of is gone."""
        self._refused = {m.session_uid for m in materials_of(bpy.data.scenes[spec.scene]) if shows_others(m)}
        self._all = spec.capture_labels
        self._unseen = _unseen(bpy.data.scenes[spec.scene].view_layers[spec.view_layer])
        self._region = spec.region
        self._members: Members = frozenset()
        if spec.region is not None:
            found = region_of(spec.region)
            if found is None:
                raise SecondUnitError(ErrorCode.NO_REGION, region_missing(spec.region), shot=spec.name)
            self._members = _members(found)

    def wants(self, thing: int, maker: int) -> bool:
        """Whether an object, by itself or as an instance that ``maker`` makes, gets a label."""
        return thing not in self._unseen and (self._all or self._holds(thing, maker))

    def facts(self, motion: MotionFacts) -> LabelFacts:
        """Names, the region and what is refused, once ``motion`` has the labels."""
        region = None
        if self._region is not None:
            region = PlaneKind.MATERIAL if self._region.kind is RegionKind.MATERIAL else PlaneKind.OBJECT
        inside = np.array([False, *(self._holds(label.thing, label.maker) for label in motion.labels)])
        materials = sorted(
            (m for m in bpy.data.materials if self._all or m.session_uid in self._members | self._refused),
            key=lambda m: (m.name, m.session_uid),
        )
        if region is PlaneKind.MATERIAL:
            inside = np.array([False, *(m.session_uid in self._members for m in materials)])
        if self._region is not None and self._region.invert:
            inside = ~inside
        return LabelFacts(
            objects=tuple(label.name for label in motion.labels),
            collections=_collections(motion) if self._all else (),
            materials={material.session_uid: place + 1 for place, material in enumerate(materials)},
            material_names=tuple(material.name for material in materials),
            region=region,
            inside=inside,
            refused=np.array([False, *(m.session_uid in self._refused for m in materials)]),
            refused_number=len(motion.tracks) + 1 if self._refused else 0,
        )

    def _holds(self, thing: int, maker: int) -> bool:
        return thing in self._members or maker in self._members


def region_of(region: RegionSpec) -> bpy.types.ID | None:
    """What a region is made of; None where it is gone, or was never chosen."""
    kinds = {
        RegionKind.OBJECT: bpy.data.objects,
        RegionKind.MATERIAL: bpy.data.materials,
        RegionKind.COLLECTION: bpy.data.collections,
    }
    return kinds[region.kind].get(region.name) if region.name else None


def _unseen(view_layer: bpy.types.ViewLayer) -> Members:
    """What no camera sees: objects that only light the scene, and fog."""
    return frozenset(
        thing.session_uid
        for thing in view_layer.objects
        if not thing.visible_camera or thing.indirect_only_get(view_layer=view_layer) or fills_space(thing)
    )


def _members(found: bpy.types.ID) -> Members:
    things = found.all_objects if isinstance(found, bpy.types.Collection) else [found]
    return frozenset(thing.session_uid for thing in things)


def _collections(motion: MotionFacts) -> tuple[tuple[str, ...], ...]:
    """Of each label, the collections in which the object or its maker lies, at any depth."""
    holders: dict[int, list[str]] = {}
    for collection in bpy.data.collections:
        for thing in collection.all_objects:
            holders.setdefault(thing.session_uid, []).append(collection.name)
    return tuple(
        tuple(sorted({*holders.get(label.thing, ()), *holders.get(label.maker, ())})) for label in motion.labels
    )
