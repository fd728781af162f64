# SPDX-License-Identifier: GPL-3.0-or-later
"""``second-unit project``: anybody's pictures, depth and camera path from files become a clip."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from second_unit_daemon.cli import app
from second_unit_daemon.encode.read import probe, read_frames
from second_unit_daemon.post.light import mean_light
from second_unit_protocol.errors import ErrorCode, SecondUnitError
from typer.testing import CliRunner

from tests.support.projecting import psnr_db
from tests.support.room import Room, dolly, look_at, pinhole

WIDTH, HEIGHT, FRAMES = 240, 136, 5


def path_at(time: float):
    return look_at((-0.6 + 0.9 * time, -4 + 0.5 * time, 1.5), (0.2 * time, 4, 1.1))


class Files:
    """The room along a path, as somebody else's files."""

    def __init__(self, folder):
        self.folder = folder
        lens = pinhole(WIDTH, HEIGHT)
        self.room = Room(moving=False)
        c2w = np.array([path_at(i / (FRAMES - 1)) for i in range(FRAMES)])
        views = [self.room.draw(eye, lens, WIDTH, HEIGHT) for eye in c2w]
        self.truth = [view.colour for view in views]
        for i, view in enumerate(views):
            cv2.imwrite(str(folder / f"{i}.png"), cv2.cvtColor(view.colour, cv2.COLOR_RGB2BGR))
            np.save(folder / f"depth_{i}.npy", view.depth)
        np.save(folder / "depths.npy", np.array([view.depth for view in views]))
        np.savez(folder / "camera.npz", c2w=c2w, intrinsics=lens, width=WIDTH, height=HEIGHT)

    def seen(self, frame: float) -> np.ndarray:
        """What the path's camera truly sees at any time."""
        return self.room.paint(path_at(frame / (FRAMES - 1)), pinhole(WIDTH, HEIGHT), WIDTH, HEIGHT)

    def project(self, *words: str, out: str = "clip.mkv") -> list[np.ndarray]:
        arguments = ["project", *words, "--camera", "camera.npz", "--out", out]
        done = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return list(read_frames(self.folder / out))


@pytest.fixture
def files(tmp_path, monkeypatch) -> Files:
    monkeypatch.chdir(tmp_path)
    return Files(tmp_path)


def known(mask: np.ndarray) -> np.ndarray:
    return mask < 128


def test_one_picture_and_its_depth_are_carried_along(files):
    made = files.project("--image", "0.png", "--depth", "depth_0.npy", "--mask", "mask.mkv")
    masks = list(read_frames(files.folder / "mask.mkv"))
    assert len(made) == len(masks) == FRAMES
    np.testing.assert_array_equal(made[0], files.truth[0])
    for frame, truth, mask in zip(made[1:], files.truth[1:], masks[1:], strict=True):
        assert 0.005 < (mask > 0).mean() < 0.3
        # Depth behind what uncovers is a guess; what the picture shows is right.
        sure = cv2.erode(known(mask).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        assert psnr_db(frame, truth, sure) > 26


def test_depth_of_each_frame_and_two_pictures(files):
    made = files.project("--image", "0.png", "--image", f"{FRAMES - 1}.png@{FRAMES - 1}", "--depth", "depths.npy",
                         "--mask", "mask.mkv")  # fmt: skip
    np.testing.assert_array_equal(made[-1], files.truth[-1])
    mask = list(read_frames(files.folder / "mask.mkv"))[2]
    assert psnr_db(made[2], files.truth[2], known(mask)) > 28
    assert (mask > 0).mean() < 0.05


def test_a_depth_map_for_each_picture(files):
    made = files.project("--image", "0.png", "--image", "4.png@4", "--depth", "depth_0.npy", "--depth", "depth_4.npy")
    assert psnr_db(made[2], files.truth[2]) > 25


def test_other_sizes_and_rates(files):
    made = files.project("--image", "0.png", "--depth", "depth_0.npy", "--size", "160x120", "--camera-rate", "12",
                         "--rate", "24", out="clip.mp4")  # fmt: skip
    facts = probe(files.folder / "clip.mp4")
    assert (facts.width, facts.height, float(facts.rate), facts.frames) == (160, 120, 24.0, 2 * FRAMES - 1)
    smaller = cv2.resize(files.truth[0], (160, 91), interpolation=cv2.INTER_AREA)  # the same width of view
    assert psnr_db(made[0][15:105], smaller[:90]) > 20


def test_depth_of_each_frame_at_another_rate(files):
    made = files.project("--image", "0.png", "--image", "4.png@4", "--depth", "depths.npy", "--rate", "48", "--mask",
                         "mask.mkv")  # fmt: skip
    assert len(made) == 2 * FRAMES - 1
    np.testing.assert_array_equal(made[-1], files.truth[-1])  # where it is pinned in the path, at any rate
    between = files.seen(1.5)
    mask = cv2.dilate(list(read_frames(files.folder / "mask.mkv"))[3], np.ones((5, 5), np.uint8))
    assert psnr_db(made[3], between, known(mask)) > 27


@pytest.mark.parametrize("depth", ["depths.npy", "depth_0.npy"])
def test_motion_blur_is_the_light_of_moments_while_the_shutter_is_open(files, depth):
    made = files.project("--image", "0.png", "--depth", depth, "--shutter", "360", "--samples", "4")
    seen = [files.seen(1 + at) for at in np.linspace(-0.5, 0.5, 17)[:-1] + 1 / 32]
    truth = mean_light(seen)
    assert len(made) == FRAMES
    inner = np.s_[8:-8, 24:-24]  # without what comes into view at the sides
    assert psnr_db(made[1][inner], truth[inner]) > psnr_db(files.truth[1][inner], truth[inner]) + 4
    sharp = files.project("--image", "0.png", "--depth", depth, out="sharp.mkv")
    assert (
        np.abs(np.diff(made[1].astype(int), axis=1)).mean() < 0.9 * np.abs(np.diff(sharp[1].astype(int), axis=1)).mean()
    )


def test_a_picture_that_does_not_lie_on_its_depth_is_aligned_or_refused(files):
    width, height = 480, 270
    lens, eye = pinhole(width, height), dolly(0.5)
    view = files.room.draw(eye, lens, width, height)
    np.savez("camera.npz", c2w=np.array([eye, dolly(0.6)]), intrinsics=lens, width=width, height=height)
    np.save("depth.npy", view.depth)
    for name, pixels in (("sure", 0), ("moved", 24), ("far", 70)):
        shifted = cv2.copyMakeBorder(view.colour, 0, 0, pixels, 0, cv2.BORDER_REPLICATE)[:, :width]
        cv2.imwrite(f"{name}.png", shifted[..., ::-1])
    sure, made = (files.project("--image", f"{name}.png", "--depth", "depth.npy")[-1] for name in ("sure", "moved"))
    as_it_is = files.project("--image", "moved.png", "--depth", "depth.npy", "--no-fit")[-1]
    inner = np.s_[20:-20, 60:-60]
    assert psnr_db(made[inner], sure[inner]) > psnr_db(as_it_is[inner], sure[inner]) + 4
    (files.folder / "clip.mkv").unlink()
    with pytest.raises(SecondUnitError) as refused:
        files.project("--image", "far.png", "--depth", "depth.npy")
    assert refused.value.code is ErrorCode.REFERENCE_MISFIT and "--no-fit" in refused.value.info.remedy
    assert cv2.imread("clip_mismatch.png").shape == (height, width, 3)
    assert not (files.folder / "clip.mkv").exists()


def test_what_may_not_belong_together_is_used_and_said(files):
    """A picture of something else; depth of another shape."""
    noise = np.random.default_rng(3).integers(0, 255, (20, 36, 3)).astype(np.uint8)
    cv2.imwrite("elsewhere.png", cv2.resize(noise, (WIDTH, HEIGHT)))
    np.save("strip.npy", np.load("depth_0.npy")[:60])
    words = ["project", "--camera", "camera.npz", "--out", "clip.mkv"]
    for image, depth, count in (("elsewhere.png", "strip.npy", 2), ("0.png", "depth_0.npy", 0)):
        said = CliRunner().invoke(app, [*words, "--image", image, "--depth", depth], catch_exceptions=False)
        assert said.exit_code == 0 and said.output.count("note: ") == count
        assert ("elsewhere.png could not be matched to the scene" in said.output) is (count > 0)
        assert (f"the depth is {WIDTH} x 60" in said.output) is (count > 0)


def test_a_camera_file_that_says_too_little_asks_for_this_commands_options(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("0.png", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    (tmp_path / "what.txt").write_text("no camera")
    words = ["project", "--image", "0.png", "--depth", "depth.npy", "--out", "clip.mkv", "--camera", "what.txt"]
    with pytest.raises(SecondUnitError) as refused:
        CliRunner().invoke(app, words, catch_exceptions=False)
    assert "(--camera-form)" in refused.value.info.remedy


def test_depth_smaller_than_the_picture(files):
    np.save("small.npy", np.load("depth_0.npy")[::2, ::2])
    made = files.project("--image", "0.png", "--depth", "small.npy")
    assert psnr_db(made[1], files.truth[1]) > 20


@pytest.mark.parametrize("layout", ["card", "dome", "layers"])
def test_a_still_without_a_scene(files, layout):
    drawing = np.zeros((HEIGHT, WIDTH), np.uint8)
    drawing[:, 100:140] = 255
    cv2.imwrite("layers.png", drawing)
    words = ["--layers", "layers.png"] if layout == "layers" else []
    made = files.project("--image", "0.png", "--layout", layout, *words, "--near", "2", "--far", "6")
    np.testing.assert_array_equal(made[0], files.truth[0])
    assert not np.array_equal(made[-1], made[0])
    assert made[-1].std() > 20


def test_depth_from_a_model_in_a_folder(files, tmp_path):
    from tests.support.tiny_depth import write_tiny_depth_model

    write_tiny_depth_model(tmp_path / "model")
    made = files.project("--image", "0.png", "--depth-model", "model")
    np.testing.assert_array_equal(made[0], files.truth[0])
    assert made[-1].std() > 20 and not np.array_equal(made[-1], made[0])


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--image", "0.png"), ErrorCode.BAD_REQUEST, "no depth"),
        (("--image", "0.png", "--depth", "depth_0.npy", "--layout", "card"), ErrorCode.BAD_REQUEST, "--layout"),
        (("--image", "gone.png", "--layout", "card"), ErrorCode.REFERENCE_MISSING, "gone.png"),
        (("--image", "camera.npz", "--layout", "card"), ErrorCode.REFERENCE_UNREADABLE, "camera.npz"),
        (("--image", "0.png@99", "--layout", "card"), ErrorCode.REFERENCE_OUTSIDE, "99"),
        (("--image", "0.png", "--layout", "tent"), ErrorCode.BAD_REQUEST, "tent"),
        (("--image", "0.png", "--layout", "layers"), ErrorCode.BAD_REQUEST, "drawings"),
        (("--image", "0.png", "--image", "1.png@1", "--depth", "depth_0.npy"), ErrorCode.BAD_REQUEST, "1 depth maps"),
        (("--image", "0.png", "--layout", "card", "--far", "1"), ErrorCode.BAD_REQUEST, "near"),
        (("--image", "0.png", "--depth-model", "nowhere"), ErrorCode.BAD_REQUEST, "config.json"),
    ],
)
def test_what_does_not_fit_is_told(files, words, code, told):
    with pytest.raises(SecondUnitError) as refused:
        files.project(*words)
    assert refused.value.code is code and told in refused.value.info.cause
    assert not (files.folder / "clip.mkv").exists()
