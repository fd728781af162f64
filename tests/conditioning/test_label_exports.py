# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks by name and index passes: the planes' centre, white inside, and the names that the numbers stand for."""

from __future__ import annotations

import hashlib
import json

import cv2
import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.conditioning.exports import Options, export_shot
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_daemon.encode.read import read_frames
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.planes import pack_plane
from second_unit_protocol.shot import BlobRef, Labels, PlaneKind, PlaneSequence
from second_unit_protocol.shot_check import check_shot

from tests.support.shots import wall_shot

WIDTH, HEIGHT, MARGIN = 64, 64, 8
NAMES = ("Cup", "Left/Part", "Right/Part")
GROUPS = (("Props",), ("Crate", "Props"), ("Crate",))


@pytest.fixture
def planes() -> list[np.ndarray]:
    """(H, W) of three frames: nothing, and three upright bars that step to the right."""
    made = []
    for frame in range(3):
        plane = np.zeros((HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN), np.uint16)
        for number in (1, 2, 3):
            plane[20:60, 16 * number + frame : 16 * number + 8 + frame] = number
        made.append(plane)
    return made


@pytest.fixture
def shot(planes, tmp_path) -> ShotData:
    size = (WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN)
    made = wall_shot(frames=3, width=WIDTH, height=HEIGHT, capture=size)
    folder = tmp_path / "blobs"
    made.write(folder)

    def sequence(kind: PlaneKind, samples: list[np.ndarray]) -> PlaneSequence:
        refs = []
        for plane in samples:
            packed = pack_plane(plane.tobytes(), "|u1" if plane.itemsize == 1 else "<u2", plane.shape)
            refs.append(BlobRef(hashlib.sha256(packed).hexdigest(), len(packed)))
            (folder / refs[-1].digest).write_bytes(packed)
        return PlaneSequence(kind, *size, tuple(refs))

    request = evolve(
        made.request,
        objects=Labels(sequence(PlaneKind.OBJECT, planes), NAMES, GROUPS),
        materials=Labels(sequence(PlaneKind.MATERIAL, [np.minimum(p, 1) for p in planes]), ("Clay",)),
        region=sequence(PlaneKind.REGION, [np.where(p == 2, 255, 0).astype(np.uint8) for p in planes]),
    )
    check_shot(request)
    return ShotData(request, lambda ref: folder / ref.digest)


def picture(path) -> np.ndarray:
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert found is not None, path
    return found


def delivered(plane: np.ndarray) -> np.ndarray:
    return plane[MARGIN:-MARGIN, MARGIN:-MARGIN]


def test_the_shots_region_is_white_where_it_may_be_changed(shot, planes, tmp_path):
    export_shot(shot, "region", tmp_path / "r.mkv")
    for found, plane in zip(read_frames(tmp_path / "r.mkv"), planes, strict=True):
        mask = found[..., 0] if found.ndim == 3 else found
        np.testing.assert_array_equal(mask, np.where(delivered(plane) == 2, 255, 0))


def test_index_passes_hold_the_numbers_and_say_what_they_mean(shot, planes, tmp_path):
    export_shot(shot, "index", tmp_path / "i")
    for frame, plane in enumerate(planes):
        found = picture(tmp_path / "i" / "object" / f"{frame:06d}.png")
        assert found.dtype == np.uint16
        np.testing.assert_array_equal(found, delivered(plane))
        np.testing.assert_array_equal(picture(tmp_path / "i" / "material" / f"{frame:06d}.png"), delivered(plane) > 0)
    told = json.loads((tmp_path / "i" / "names.json").read_text())
    assert told == {"object": {"1": "Cup", "2": "Left/Part", "3": "Right/Part"}, "material": {"1": "Clay"}}


@pytest.mark.parametrize(
    ("by", "of", "numbers"),
    [
        ("object", "Cup", [1]),
        ("object", "Left/Part", [2]),
        ("object", "Part", [2, 3]),
        ("object", "Right", [3]),
        ("collection", "Crate", [2, 3]),
        ("collection", "Props", [1, 2]),
        ("material", "Clay", [1, 2, 3]),
    ],
)
def test_one_mask_by_name(shot, planes, tmp_path, by, of, numbers):
    export_shot(shot, "regions", tmp_path / "m", Options(by=by, of=of))
    for frame, plane in enumerate(planes):
        expected = np.where(np.isin(delivered(plane), numbers), 255, 0)
        np.testing.assert_array_equal(picture(tmp_path / "m" / f"{frame:06d}.png"), expected)


def test_a_mask_for_each_name(shot, planes, tmp_path):
    export_shot(shot, "regions", tmp_path / "all")
    told = json.loads((tmp_path / "all" / "names.json").read_text())
    assert told["by"] == "object" and sorted(told["folders"].values()) == sorted(NAMES)
    for folder, name in told["folders"].items():
        assert folder.isascii() and "/" not in folder
        expected = np.where(delivered(planes[2]) == NAMES.index(name) + 1, 255, 0)
        np.testing.assert_array_equal(picture(tmp_path / "all" / folder / "000002.png"), expected)


def test_what_is_not_there_is_said_with_a_way_out(shot, tmp_path):
    with pytest.raises(SecondUnitError, match="There is: Cup, Left/Part, Right/Part"):
        export_shot(shot, "regions", tmp_path / "a", Options(of="Door"))
    with pytest.raises(SecondUnitError, match="not by shape"):
        export_shot(shot, "regions", tmp_path / "b", Options(by="shape"))
    with pytest.raises(SecondUnitError, match="Name a folder, or use --of NAME"):
        export_shot(shot, "index", tmp_path / "c.mkv")
    bare = ShotData(evolve(shot.request, objects=None, materials=None, region=None), shot.blob_path)
    for form in ("index", "regions"):
        with pytest.raises(SecondUnitError, match="Capture Names and shoot again"):
            export_shot(bare, form, tmp_path / form)
    with pytest.raises(SecondUnitError, match="The shot has no region"):
        export_shot(bare, "region", tmp_path / "d")


def test_collections_that_are_not_the_labels_are_refused(shot):
    wrong = evolve(shot.request, objects=evolve(shot.request.objects, collections=GROUPS[:2]))
    with pytest.raises(SecondUnitError, match="3 object labels have 2 collections"):
        check_shot(wrong)
