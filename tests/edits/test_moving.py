# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of a picture move as they are asked to, what they uncover is filled, and all else is the clip, bit for bit."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_daemon.edits.asking import Frame, Wish
from second_unit_daemon.edits.footage import open_footage
from second_unit_daemon.edits.gathered import Gathered
from second_unit_daemon.edits.moving import move_parts, part_of
from second_unit_daemon.encode.read import read_frames
from second_unit_daemon.engines import registry
from second_unit_daemon.engines.base import JobControl
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.grid import Rate, SceneRange
from second_unit_protocol.results import Input
from second_unit_protocol.shot import Lineage

from tests.edits.numbered import number_of, numbered
from tests.support.generating import video
from tests.support.projecting import psnr_db
from tests.support.shots import WallScene, wall_shot, wall_texture

SIZE = WIDTH, HEIGHT = 128, 96
RED = (220, 30, 30)
COUNT = 13  # one second at 12 frames


def scene() -> np.ndarray:
    """A red disc at (30, 48) over a slow grey ramp."""
    grey = np.repeat(np.linspace(90, 120, WIDTH)[None, :, None], HEIGHT, 0).repeat(3, 2).astype(np.uint8)
    return cv2.circle(grey.copy(), (30, 48), 10, RED, -1, cv2.LINE_8)


def mask(path, centre=(30, 48), radius: int = 10):
    cv2.imwrite(str(path), cv2.circle(np.zeros((HEIGHT, WIDTH), np.uint8), centre, radius, 255, -1))
    return path


@pytest.fixture
def ask(tmp_path):
    """The request for words about parts of a clip, opened."""

    def asked(*words: str, frames: list[np.ndarray] | None = None, engine: str = "") -> ShotData:
        clip = tmp_path / "clip.mkv"
        clip.write_bytes(video(frames or [scene()] * COUNT, 12))
        footage, rate = open_footage(clip, start=Fraction(101))
        frame = Frame("clip-a", "a", SceneRange(101, 101, rate), *SIZE)
        blobs = Gathered(tmp_path)
        parts = tuple(part_of(word) for word in words)
        request = move_parts(footage, rate, Wish(engine), frame, parts, None, Lineage("motion"), 1.0, blobs)
        return ShotData(request, blobs.files.__getitem__)

    return asked


def made(shot: ShotData) -> tuple[list[np.ndarray], list[np.ndarray], tuple[str, ...]]:
    engine = registry.create("parts")
    frames = list(engine.frames(shot, JobControl.silent()))
    return [f.image for f in frames], [f.holes for f in frames], engine.notes()


def disc(picture: np.ndarray) -> tuple[float, float, int]:
    """Middle and area of what is red."""
    y, x = np.nonzero((picture[..., 0] > 150) & (picture[..., 1] < 90))
    return x.mean(), y.mean(), len(x)


def test_a_part_goes_as_far_as_its_speed_says_and_its_place_closes_behind_it(ask, tmp_path):
    shot = ask(f"{mask(tmp_path / 'disc.png')} go:48,-12")
    images, holes, notes = made(shot)
    assert shot.request.delivery == SceneRange(101, 113, Rate(12)) and not notes
    np.testing.assert_array_equal(images[0], scene())
    before = disc(images[0])
    for frame in (3, 7, 12):
        x, y, area = disc(images[frame])
        assert (x, y) == pytest.approx((before[0] + 4 * frame, before[1] - frame), abs=0.5), frame
        assert area == pytest.approx(before[2], rel=0.1)
    gone = cv2.circle(np.zeros((HEIGHT, WIDTH), np.uint8), (30, 48), 13, 255, -1) > 0
    background = np.linspace(90, 120, WIDTH)[None, :].repeat(HEIGHT, 0)
    assert np.abs(images[12][gone].astype(int) - background[gone][:, None]).max() < 8, "no red is left"
    assert (holes[12] > 0)[gone].mean() > 0.9 and not holes[0].any()
    path = cv2.dilate((np.abs(images[12].astype(int) - scene()).max(-1) > 0).astype(np.uint8), np.ones((3, 3)))
    apart = np.ones((HEIGHT, WIDTH), bool)
    apart[20:66, 10:95] = False
    assert not path[apart].any()
    for image in images:
        np.testing.assert_array_equal(image[apart], scene()[apart])


def masks(folder, planes: list[np.ndarray]):
    folder.mkdir()
    for place, plane in enumerate(planes):
        cv2.imwrite(str(folder / f"{place:03d}.png"), plane)
    return folder


def test_what_a_part_hid_is_taken_from_frames_that_show_it_though_the_camera_turns(ask, tmp_path):
    """Footage that slides by 2 pixels a frame; the disc goes through it, other frames show what it hid."""
    wide = wall_texture(256)[:HEIGHT, : WIDTH + 2 * COUNT]
    views = [np.ascontiguousarray(wide[:, 2 * n : 2 * n + WIDTH]) for n in range(COUNT)]
    spots = [(20 + 7 * n, 48) for n in range(COUNT)]
    frames = [cv2.circle(v.copy(), spot, 10, RED, -1) for v, spot in zip(views, spots, strict=True)]
    blank = np.zeros((HEIGHT, WIDTH), np.uint8)
    parts = masks(tmp_path / "discs", [cv2.circle(blank.copy(), spot, 10, 255, -1) for spot in spots])
    images, holes, _ = made(ask(f"{parts} go:0,36", frames=frames))
    for frame in (6, 12):
        hid = cv2.circle(blank.copy(), spots[frame], 9, 255, -1) > 0
        hid[48 + 3 * frame - 12 :] = False  # there it lies now
        assert hid.sum() > 40 and not holes[frame][hid].any()
        assert psnr_db(images[frame][hid], views[frame][hid]) > 24, frame


def test_of_a_take_what_a_part_hid_is_found_by_its_exact_motion(tmp_path):
    """A box flies before a wall that the camera passes: nothing is tracked, depth says where the wall lies."""
    shot = wall_shot(COUNT, *SIZE, moving_box=True)
    base = ShotData(shot.request, shot.write(tmp_path / "blobs").__getitem__)
    scene = WallScene(*SIZE, wall_texture())
    clip = tmp_path / "clip.mkv"
    clip.write_bytes(video(shot.truth, 24))
    footage, rate = open_footage(clip, start=Fraction(1))
    boxes = [(base.index(n) > 0).astype(np.uint8) * 255 for n in range(COUNT)]
    part = part_of(f"{masks(tmp_path / 'boxes', boxes)} go:0,-60")
    blobs = Gathered(tmp_path)
    frame = Frame("wall", "Wall", shot.request.delivery, *SIZE)
    request = move_parts(footage, rate, Wish(), frame, (part,), base, Lineage("motion"), 1.0, blobs)
    images, holes, _ = made(ShotData(request, blobs.files.__getitem__))
    behind = scene.view(1.0).colour
    lies = np.roll(boxes[12], -30, 0) > 0
    hid = (boxes[12] > 0) & ~cv2.dilate(lies.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    assert hid.sum() > 150 and (holes[12][hid] == 0).mean() > 0.95
    assert psnr_db(images[12][hid & (holes[12] == 0)], behind[hid & (holes[12] == 0)]) > 28


def test_a_part_follows_a_drawn_line_at_even_speed_with_ease(ask, tmp_path):
    shot = ask(f"{mask(tmp_path / 'disc.png')} along:10,10;50,10;50,50:linear")
    path = np.frombuffer(shot.request.moving[0].path.data).reshape(-1, 2)
    assert path[0].tolist() == [0, 0] and path[-1] == pytest.approx([40, 40])
    assert path[6] == pytest.approx([40, 0], abs=0.5), "half of the way is the corner"
    eased = ask(f"{mask(tmp_path / 'disc.png')} along:10,10;50,10;50,50")
    path = np.frombuffer(eased.request.moving[0].path.data).reshape(-1, 2)
    assert path[1, 0] < 2 and path[6] == pytest.approx([40, 0], abs=0.5)


def test_a_part_sways_inside_its_edge_from_rest_and_too_wide_a_sway_is_said(ask, tmp_path):
    leaves = np.random.default_rng(5).integers(0, 255, (HEIGHT // 6, WIDTH // 6 + 1), np.uint8)
    texture = np.repeat(cv2.resize(leaves, SIZE, interpolation=cv2.INTER_CUBIC)[..., None], 3, -1)
    region = mask(tmp_path / "leaves.png", (60, 48), 30)
    images, holes, notes = made(ask(f"{region} sway:3,1:1", frames=[texture] * COUNT))
    inside = cv2.imread(str(region), cv2.IMREAD_GRAYSCALE) > 0
    np.testing.assert_array_equal(images[0], texture)
    for image in images[1:]:
        np.testing.assert_array_equal(image[~inside], texture[~inside])
        assert np.abs(image[inside].astype(int) - texture[inside]).mean() > 0.5
    assert not any(hole.any() for hole in holes) and not notes
    _, _, notes = made(ask(f"{region} sway:40,0", frames=[texture] * COUNT))
    assert "leaves" in notes[0] and "less than asked" in notes[0]


def test_frames_of_a_clip_stay_in_order_and_two_parts_move_by_themselves(ask, tmp_path):
    frames = numbered(range(40, 40 + COUNT), *SIZE)
    one, two = mask(tmp_path / "one.png", (20, 11), 8), mask(tmp_path / "two.png", (100, 84), 8)
    images, _, _ = made(ask(f"{one} go:24,0", f"{two} go:-24,0:in_out", frames=frames))
    assert [number_of(image) for image in images] == list(range(40, 40 + COUNT))
    changed = np.abs(images[12].astype(int) - frames[12]).max(-1) > 0
    assert changed[3:20, 12:52].any() and changed[76:93, 68:108].any()
    assert not changed[24:72].any()


@pytest.mark.parametrize(
    "words", ["go:4,4", "m.png", "m.png go:4", "m.png along:3,3", "m.png sway:1", "m.png go:1,2:fast"]
)
def test_words_that_say_no_motion_are_refused_with_an_example(words):
    with pytest.raises(SecondUnitError) as caught:
        part_of(words)
    assert caught.value.info.remedy


def test_an_engine_that_takes_no_such_motion_says_so_before_it_starts(ask, tmp_path):
    from second_unit_daemon import devices
    from second_unit_daemon.jobs.admission import plan_request_of

    shot = ask(f"{mask(tmp_path / 'disc.png')} go:48,0")
    asked = plan_request_of(shot.request)
    assert Input.REGION_MOTION in registry.create("parts").plan(asked, devices.best()).takes
    ignored = {i.input: i.reason for i in registry.create("projection").plan(asked, devices.best()).ignores}
    assert "Parts" in ignored[Input.REGION_MOTION]
    assert registry.create("morph").plan(asked, devices.best()).problem


def test_a_still_becomes_a_clip_and_a_model_invents_what_was_uncovered(daemon, tmp_path):
    still, region = tmp_path / "still.png", mask(tmp_path / "disc.png")
    cv2.imwrite(str(still), scene()[..., ::-1])
    move = f"{region} go:48,0"
    told = daemon.command(
        "motion", str(still), "--part", move, "--seconds", "1", "--rate", "12", "--out", str(tmp_path / "o")
    )
    assert "12 frames" in told.stdout
    images = list(read_frames(next((tmp_path / "o").glob("*.master.mkv"))))
    assert len(images) == 12 and disc(images[11])[0] - disc(images[0])[0] == pytest.approx(44, abs=3)
    told = daemon.command("motion", str(still), "--part", move, "--seconds", "0.5", "--rate", "16", "--engine",
                          "tiny-vace", "--prompt", "a wall", "--out", str(tmp_path / "v"))  # fmt: skip
    vace = list(read_frames(next((tmp_path / "v").glob("*.master.mkv"))))
    assert disc(vace[7])[0] - disc(vace[0])[0] == pytest.approx(24, abs=4), "the moved part is known"
    hole = cv2.circle(np.zeros((HEIGHT, WIDTH), np.uint8), (30, 48), 9, 255, -1) > 0
    grey = np.abs(vace[7][hole].astype(int) - 105).mean()
    assert grey > 2, "what it left behind is the model's"
    np.testing.assert_array_equal(vace[7][80:], scene()[80:])
    job = told.stdout.split()[0]
    daemon.command("remix", job, "--engine", "parts", "--out", str(tmp_path / "r"))  # of other frames: drawn anew
    again = list(read_frames(next((tmp_path / "r").glob("*.master.mkv"))))
    assert len(again) == 8 and np.abs(again[7][hole].astype(int) - scene()[..., 1][48, 100]).mean() < 25
    assert disc(again[7])[:2] == pytest.approx(disc(vace[7])[:2], abs=1), "the part goes where it went"
    np.testing.assert_array_equal(again[7][80:], scene()[80:])
