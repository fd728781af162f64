# SPDX-License-Identifier: GPL-3.0-or-later
"""A reference that does not lie on its geometry is measured, aligned where little is amiss, else refused."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.adherence.pose import solve
from second_unit_daemon.adherence.tracking import Matches
from second_unit_daemon.cli import app
from second_unit_daemon.conditioning.projection.finishing import finished
from second_unit_daemon.conditioning.projection.projector import Projector
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_daemon.conditioning.shot_files import save_shot
from second_unit_daemon.registration.align import aligned
from second_unit_daemon.registration.drawing import EDGE, drawing_of
from second_unit_daemon.registration.fit import Model, Verdict, measure
from second_unit_daemon.registration.shot import registered
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from typer.testing import CliRunner

from tests.support.projecting import psnr_db
from tests.support.room import dolly, pinhole, room_shot

WIDTH, HEIGHT, FRAMES, PINNED, LAST = 480, 270, 5, 2, 4
TURN_2 = np.array([[np.cos(0.035), -np.sin(0.035), 0], [np.sin(0.035), np.cos(0.035), 0], [0, 0, 1]])


@pytest.fixture(scope="module")
def drawn():
    return room_shot(FRAMES, WIDTH, HEIGHT, references=(PINNED,), plates=True, fineness=3)


@pytest.fixture(scope="module")
def shot(drawn, tmp_path_factory):
    return drawn.open(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def bare(shot):
    """The same without plates: only edges of depth can be compared."""
    return ShotData(evolve(shot.request, colour=None), shot.blob_path)


def picture(drawn, shift=(0, 0), lens=1.0, turn=None, step=(0, 0, 0)):
    """What another camera at the same time sees: shifted (pixels), longer, turned, moved (metres in its own axes)."""
    intrinsics = pinhole(WIDTH, HEIGHT, 0.9 * lens)
    intrinsics[:2, 2] += shift
    c2w = dolly(PINNED / (FRAMES - 1)).copy()
    c2w[:3, 3] += c2w[:3, :3] @ np.array(step, float)
    if turn is not None:
        c2w[:3, :3] = c2w[:3, :3] @ turn
    return drawn.room.draw(c2w, intrinsics, WIDTH, HEIGHT, PINNED / 24).colour


def with_picture(shot, image):
    return evolve(shot.references[0], image=image)


SMALL = {
    "shifted": ({"shift": (20, -8)}, Model.SIMILARITY),
    "cropped": ({"lens": 1 / 0.85}, Model.SIMILARITY),
    "wider lens": ({"lens": 0.9}, Model.SIMILARITY),
    "turned": ({"turn": TURN_2}, Model.SIMILARITY),
    "from beside": ({"step": (0.25, 0, 0.1)}, Model.CAMERA),
    "from beside, longer lens": ({"step": (-0.2, 0.1, 0), "lens": 1.1}, Model.CAMERA),
}
FAR = {"shifted far": {"shift": (120, 0)}, "from elsewhere": {"step": (1.2, 0, 1)}}


def test_a_picture_that_fits_is_left_as_it_is(shot):
    fit = measure(shot, shot.references[0])
    assert fit.verdict is Verdict.FITS and fit.found.off < 0.001
    kept, _ = registered(shot, lambda image: pytest.fail("nothing is amiss"))
    assert kept.references[0] is shot.references[0]


@pytest.mark.parametrize("case", SMALL)
def test_what_is_a_little_off_is_aligned_and_does_not_smear(shot, drawn, case):
    changes, model = SMALL[case]
    reference = with_picture(shot, picture(drawn, **changes))
    fit = measure(shot, reference)
    assert (fit.verdict, fit.model) == (Verdict.ALIGNED, model)
    put_right = aligned(shot, reference, fit.found)
    assert measure(shot, put_right).found.off < 0.002

    def like_the_truth(used):
        image, holes = finished(Projector(shot.with_references((used,))), LAST)
        return psnr_db(image, drawn.truth[LAST], holes == 0)

    assert like_the_truth(put_right) > 27 > like_the_truth(reference) + 3


@pytest.mark.parametrize("case", FAR)
def test_what_is_far_off_is_refused_with_a_picture(shot, drawn, case):
    reference = with_picture(shot, picture(drawn, **FAR[case]))
    shown = []
    with pytest.raises(SecondUnitError) as refused:
        registered(shot.with_references((reference,)), shown.append)
    assert refused.value.code is ErrorCode.REFERENCE_MISFIT and reference.name in refused.value.info.cause
    (mismatch,) = shown
    assert (mismatch == EDGE).all(-1).sum() > 200


@pytest.mark.parametrize("case", ["shifted", "cropped", "wider lens"])
def test_without_a_plate_edges_of_depth_tell(bare, drawn, case):
    changes, _ = SMALL[case]
    reference = with_picture(bare, picture(drawn, **changes))
    fit = measure(bare, reference)
    assert fit.verdict is Verdict.ALIGNED and fit.found.by == "edges"
    assert measure(bare, aligned(bare, reference, fit.found)).verdict is Verdict.FITS
    assert measure(bare, bare.references[0]).verdict is Verdict.FITS


def test_another_grade_is_no_mismatch(shot, drawn):
    graded = np.clip(picture(drawn).astype(float) * 0.6 + 50, 0, 255).astype(np.uint8)[..., ::-1]
    assert measure(shot, with_picture(shot, np.ascontiguousarray(graded))).verdict is Verdict.FITS


def test_points_in_one_spot_are_no_accident():
    """As where many details of a drawing look like one of the scene, and the rest like nothing: OpenCV asserts."""
    random = np.random.default_rng(0)
    spot = random.normal((0.3, -0.2, 4.0), 1e-9, (20, 3))
    points = np.vstack([spot, random.uniform((-2, -2, 3), (2, 2, 7), (20, 3))])
    found = np.vstack([random.normal((272.0, 113.0), 0.2, (20, 2)), random.uniform(0, 270, (20, 2))])
    pose = solve(Matches(np.eye(4), points, found, np.zeros((40, 3)), 40), pinhole(WIDTH, HEIGHT))
    assert pose is None or pose.inliers.sum() < 30


def lines(image):
    """A line drawing of it."""
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (0, 0), 1.2)
    return np.repeat(255 - cv2.Canny(grey, 40, 110)[..., None], 3, -1)


@pytest.mark.parametrize("paint", [lines, lambda image: 255 - image], ids=["lines", "negative"])
@pytest.mark.parametrize(
    ("shift", "verdict"), [((0, 0), Verdict.FITS), ((24, 10), Verdict.ALIGNED), ((68, 0), Verdict.REFUSED)]
)
def test_what_is_drawn_in_another_way_is_measured_by_the_plates_edges(shot, drawn, paint, shift, verdict):
    fit = measure(shot, with_picture(shot, paint(picture(drawn, shift=shift))))
    assert fit.verdict is verdict and fit.found.by == "edges"
    np.testing.assert_allclose(fit.found.similarity[:, 2], shift, atol=0.005 * WIDTH)


@pytest.mark.parametrize("seed", [3, 4])
def test_a_picture_of_something_else_is_not_moved_about(bare, seed):
    """Edges of another room meet somewhere, too; as nearly as well elsewhere."""
    other = room_shot(1, WIDTH, HEIGHT, moving=False, seed=seed).truth[0]
    assert measure(bare, with_picture(bare, other)).verdict is Verdict.UNKNOWN


def test_what_cannot_be_measured_is_taken_as_it_is(bare):
    random = np.random.default_rng(1)
    noise = cv2.resize(random.integers(0, 255, (20, 36, 3)).astype(np.uint8), (WIDTH, HEIGHT))
    assert measure(bare, with_picture(bare, noise)).verdict is Verdict.UNKNOWN


def test_the_command_says_it_of_each_reference(shot, tmp_path):
    folder = save_shot(shot.request, shot.blob_path, tmp_path / "shot")
    done = CliRunner().invoke(app, ["fit", str(folder), "--out", str(tmp_path / "fit")], catch_exceptions=False)
    assert done.exit_code == 0 and "fits" in done.output
    drawing = cv2.imread(str(tmp_path / "fit" / "reference_01.png"))
    assert drawing.shape == (HEIGHT, WIDTH, 3)
    np.testing.assert_array_equal(
        drawing[..., ::-1], drawing_of(shot, shot.references[0], measure(shot, shot.references[0]))
    )
