# SPDX-License-Identifier: GPL-3.0-or-later
"""A look is found by its words, is one for all pictures of a scene, and stays on surfaces from frame to frame."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.cli import app
from second_unit_daemon.conditioning.shot_files import save_shot
from second_unit_daemon.encode.delivery import DeliveryWriter
from second_unit_daemon.encode.formats import FORMATS
from second_unit_daemon.encode.master import MasterWriter
from second_unit_daemon.encode.read import probe, read_frames
from second_unit_daemon.engines.base import JobControl
from second_unit_daemon.engines.projection import ProjectionEngine
from second_unit_daemon.post.clip import open_clip
from second_unit_daemon.style import words
from second_unit_daemon.style.footage import Footage
from second_unit_daemon.style.sheet import restyled
from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.grid import Rate, SceneRange
from second_unit_protocol.results import DeviceInfo, Input, PlanRequest
from second_unit_protocol.shot import BlobRef
from typer.testing import CliRunner

from tests.edits.test_footage import write
from tests.support.flicker import changes
from tests.support.projecting import altered, psnr_db
from tests.support.room import room_shot

needs_network = pytest.mark.skipif(bool(words.missing()), reason="the extra style is not installed")
CPU = DeviceInfo("cpu", "cpu", 8 << 30, 8 << 30)
FRAMES = 9


@pytest.fixture(scope="module")
def network():
    from second_unit_daemon.style.network import Network

    return Network()


@pytest.fixture(scope="module")
def drawn():
    return room_shot(FRAMES, 240, 136, references=(0, FRAMES - 1), plates=True)


@pytest.fixture(scope="module")
def shot(drawn, tmp_path_factory):
    return drawn.open(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def watercolour(shot):
    """(frames in watercolour, the engine that made them)."""
    engine = ProjectionEngine()
    worn = altered(shot, lambda request: evolve(request, style="make it look like a watercolour"))
    return list(engine.frames(worn, JobControl.silent())), engine


def plan(given=(), style=""):
    kinds = (Input.CAMERA, Input.DEPTH, Input.REFERENCES, *given)
    request = PlanRequest("projection", SceneRange(1, 49, Rate(24)), 832, 480, kinds, 2, (1.0, 49.0), style=style)
    return ProjectionEngine().plan(request, CPU)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("make it look like a watercolour", "watercolour"),
        ("Watercolor, soft", "watercolour"),
        ("oil painting, visible brush strokes", "oil painting"),
        ("pencil drawing on paper, cross hatching", "pencil drawing"),
        ("coloured pencils", "coloured pencil"),
        ("ink and wash, flowing black ink, bare paper", "ink and wash"),
        ("comic book, bold outlines, flat colours, halftone", "comic"),
        ("style 7", "style 7"),
    ],
)
def test_a_look_is_found_by_its_words(said, name):
    assert words.find(said).name == name


@pytest.mark.parametrize("said", ["", "35mm film, natural light, fine grain", "style 26", "inkling", "a boiled egg"])
def test_other_words_name_no_look(said):
    assert words.find(said) is None


@needs_network
def test_the_plan_says_which_looks_it_takes():
    assert Input.STYLE in plan((Input.STYLE,), "watercolour").takes
    (ignored,) = plan((Input.STYLE,), "35mm film").ignores
    assert ignored.input is Input.STYLE and "watercolour" in ignored.reason
    beside = plan((Input.STYLE, Input.STYLE_PICTURE, Input.STYLE_STRENGTH), "watercolour")
    assert {Input.STYLE_PICTURE, Input.STYLE_STRENGTH} <= {*beside.takes}
    assert [each.input for each in beside.ignores] == [Input.STYLE]
    assert plan((Input.STYLE,), "watercolour").seconds > plan().seconds


def test_without_the_package_the_plan_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(words, "PACKAGES", ("a_package_that_is_not_there",))
    (ignored,) = plan((Input.STYLE,), "watercolour").ignores
    assert words.INSTALL in ignored.reason


@needs_network
@pytest.mark.parametrize("kind", ["named", "picture"])
def test_the_same_wall_gets_the_same_colours_in_every_picture(network, drawn, kind):
    """Two views of a room that differ in what surrounds the same things: drawn together they agree better."""
    look = network.by_name(words.needed("gouache")) if kind == "named" else network.like(drawn.truth[0], "the room")
    whole = drawn.truth[0]
    dark = whole.copy()
    dark[:, 120:] //= 5  # what the two pictures share is their left half
    together = restyled([whole, dark], look, 1.0)
    alone = [restyled([picture], look, 1.0)[0] for picture in (whole, dark)]

    def apart(pair):
        left = [cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 4)[:, :84] for picture in pair]
        return np.abs(left[0] - left[1]).mean()

    assert apart(together) < 0.7 * apart(alone)


@needs_network
def test_strength_goes_from_the_picture_to_the_look(network, drawn):
    look = network.by_name(words.needed("comic"))
    picture = drawn.truth[0]
    off = [np.abs(restyled([picture], look, s)[0].astype(float) - picture).mean() for s in (0.0, 0.5, 1.0)]
    assert off[0] == 0 and 0.4 < off[1] / off[2] < 0.6 and off[2] > 15


@needs_network
@pytest.mark.parametrize("size", [(64, 97), (400, 500), (385, 384)])
def test_a_pictures_look_is_drawn_at_every_size(network, drawn, size):
    picture = cv2.resize(drawn.truth[0], size[::-1])
    made = network.like(drawn.truth[5], "frame 5").draw(picture)
    assert made.shape == picture.shape and made.std() > 10


@needs_network
def test_a_styled_shot_is_steadier_than_a_true_render_and_than_styled_frames(watercolour, drawn, shot, network):
    frames, engine = watercolour
    assert len(frames) == FRAMES and engine.facts()["style"] == "watercolour"
    assert psnr_db(frames[0].image, drawn.truth[0]) < 22  # it is another look
    look = network.by_name(words.needed("watercolour"))
    styled = changes([frame.image for frame in frames], shot).mean()
    assert styled < 1.1 * changes(drawn.truth, shot).mean()
    assert styled < 0.3 * changes([restyled([frame], look, 1.0)[0] for frame in drawn.truth], shot).mean()


@needs_network
def test_the_hole_mask_is_still_what_no_reference_shows(watercolour, shot):
    plain = list(ProjectionEngine().frames(shot, JobControl.silent()))
    for styled, own in zip(watercolour[0], plain, strict=True):
        np.testing.assert_array_equal(styled.holes, own.holes)


@needs_network
def test_a_style_picture_of_the_shot_is_its_look(shot, drawn, tmp_path):
    encoded = cv2.imencode(".png", np.full((80, 80, 3), (200, 60, 20), np.uint8))[1].tobytes()
    (tmp_path / "blob").write_bytes(encoded)
    ref = BlobRef("0" * 64, len(encoded))

    def blob_path(asked):
        return tmp_path / "blob" if asked == ref else shot.blob_path(asked)

    worn = altered(shot, lambda request: evolve(request, style_picture=ref))
    worn.blob_path = blob_path
    engine = ProjectionEngine()
    first = next(iter(engine.frames(worn, JobControl.silent())))
    assert "a picture" in engine.facts()["style"]
    assert np.abs(first.image.astype(float) - drawn.truth[0]).mean() > 15


@needs_network
def test_footage_keeps_its_strokes_on_what_moves(drawn, shot, network):
    look = network.by_name(words.needed("watercolour"))
    footage = Footage(look, 1.0, rate=8)  # a key every 4 frames
    made = list(footage.run(iter(drawn.truth)))
    assert len(made) == FRAMES and footage.done.keys == 3
    each = [restyled([frame], look, 1.0)[0] for frame in drawn.truth]
    assert changes(made, shot).mean() < 0.6 * changes(each, shot).mean()
    assert np.mean([psnr_db(a, b) for a, b in zip(made, each, strict=True)]) > 18  # the look itself is no other


@needs_network
def test_a_cut_begins_anew(drawn, network):
    other = room_shot(4, 240, 136, seed=9, moving=False).truth
    footage = Footage(network.by_name(words.needed("watercolour")), 1.0, rate=24)
    made = list(footage.run(iter([*drawn.truth[:4], *other])))
    assert len(made) == 8 and footage.done.keys == 4
    alone = restyled([other[0]], network.by_name(words.needed("watercolour")), 1.0)[0]
    np.testing.assert_array_equal(made[4], alone)


@pytest.fixture(scope="module")
def clip(drawn, tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "take.mkv"
    with MasterWriter(path, 240, 136, Rate(24), {"engine": "a test"}) as writer:
        for frame in drawn.truth:
            writer.write(frame)
    return path


def run(*arguments) -> str:
    done = CliRunner().invoke(app, ["restyle", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@needs_network
def test_a_clip_of_a_shot_is_restyled_along_its_exact_motion(clip, shot, tmp_path):
    folder = save_shot(shot.request, shot.blob_path, tmp_path / "shot")
    out = tmp_path / "wc.mkv"
    assert "motion exact" in run(clip, "--style", "watercolour", "--shot", folder, "--out", out)
    made = list(read_frames(out))
    assert len(made) == FRAMES
    done = probe(out).provenance
    assert done["finishing"][-1]["style"] == "watercolour" and done["engine"] == "a test"
    assert changes(made, shot).mean() < 1.1 * changes(list(read_frames(clip)), shot).mean()
    run(clip, "--style", "watercolour", "--shot", folder, "--part", "3:2", "--out", tmp_path / "part.mkv")
    for picture, whole in zip(read_frames(tmp_path / "part.mkv"), made[3:5], strict=True):
        assert psnr_db(picture, whole) > 60, "drawn with the keys of the whole"


@needs_network
def test_a_clip_that_is_not_of_the_shot_is_refused(clip, shot, tmp_path):
    folder = save_shot(shot.request, shot.blob_path, tmp_path / "shot")
    frames = [np.roll(frame, 40 * n, 1) for n, frame in enumerate(read_frames(clip))]
    strange = tmp_path / "strange.mkv"
    with MasterWriter(strange, 240, 136, Rate(24), {}) as writer:
        for frame in frames:
            writer.write(frame)
    with pytest.raises(SecondUnitError, match="does not move as its shot does"):
        run(strange, "--style", "watercolour", "--shot", folder, "--out", tmp_path / "no.mkv")
    assert not (tmp_path / "no.mkv").exists()


@needs_network
def test_a_style_picture_restyles_footage(drawn, tmp_path):
    cv2.imwrite(str(tmp_path / "look.png"), cv2.cvtColor(drawn.truth[6], cv2.COLOR_RGB2BGR))
    out = tmp_path / "like.mp4"
    faster = tmp_path / "faster.mkv"
    with MasterWriter(faster, 240, 136, Rate(30), {}) as writer:
        for frame in drawn.truth:
            writer.write(frame)
    assert "motion estimated" in run(faster, "--picture", tmp_path / "look.png", "--strength", 0.7, "--out", out)
    assert probe(out).frames == FRAMES and probe(out).rate == Rate(30), "as fast as it was"
    assert json.dumps(probe(out).provenance["finishing"][-1]).count("look.png") == 1


@needs_network
def test_alpha_goes_along_or_it_is_said_that_it_is_lost(drawn, tmp_path):
    soft = tmp_path / "soft.mkv"
    with DeliveryWriter(soft, FORMATS["ffv1"], 240, 136, Rate(24), {}, alpha=True) as writer:
        for frame in drawn.truth[:2]:
            writer.write(np.dstack((frame, np.full((136, 240), 90, np.uint8))))
    said = run(soft, "--style", "comic", "--out", tmp_path / "lost.mp4")
    assert "note: H.264 holds no transparency" in said
    assert "note:" not in run(soft, "--style", "comic", "--out", tmp_path / "kept.mov")
    uneven = write(tmp_path / "uneven.mkv", drawn.truth[:4], times=[0, 1, 5, 6])
    assert "note: The frames of uneven.mkv" in run(uneven, "--style", "comic", "--out", tmp_path / "even.mp4")
    (first, _) = open_clip(tmp_path / "kept.mov").frames()
    assert np.abs(first[..., 3].astype(int) - 90).max() <= 1


def test_a_style_that_is_not_known_names_those_that_are(clip, tmp_path):
    with pytest.raises(SecondUnitError, match="watercolour"):
        words.needed("vaporwave")
    with pytest.raises(SecondUnitError, match="No style is given"):
        run(clip, "--out", tmp_path / "x.mp4")
