# SPDX-License-Identifier: GPL-3.0-or-later
"""Normals and lines from depth against a floor, a wall and a ball whose normals are known exactly."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from attrs import evolve
from second_unit_daemon.conditioning.exports import Options, export_shot
from second_unit_daemon.conditioning.normals import lines_of, normals_of

from tests.support.projecting import altered

WIDTH, HEIGHT = 320, 200
LENS = np.array([[300.0, 0, 170], [0, 310, 90], [0, 0, 1]])
BALL, RADIUS_M = np.array([0.6, 0.2, 4.0]), 0.7
FLOOR_M, WALL_M = 1.2, 9.0  # below the camera, and ahead


def scene() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(depth, true normals (H, W, 3), surface number): 0 sky, 1 floor, 2 a wall turned by 30°, 3 ball."""
    u, v = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    rays = np.stack([u, v, np.ones_like(u)], -1) @ np.linalg.inv(LENS).T
    depth = np.full(u.shape, np.inf)
    normals = np.zeros((*u.shape, 3))
    number = np.zeros(u.shape, int)
    turned = np.array([-np.sin(np.pi / 6), 0.0, -np.cos(np.pi / 6)])
    for place, (normal, at) in enumerate([((0.0, -1.0, 0.0), (0, FLOOR_M, 0)), (turned, (0, 0, WALL_M))], 1):
        with np.errstate(divide="ignore"):
            z = np.dot(normal, at) / (rays @ normal)
        height = (rays * z[..., None])[..., 1]
        here = (z > 0) & (z < depth) & (height > -1.5) & (height <= FLOOR_M + 1e-9)
        depth[here], normals[here], number[here] = z[here], normal, place
    a, b = (rays**2).sum(-1), rays @ BALL
    root = b**2 - a * (BALL @ BALL - RADIUS_M**2)
    z = np.where(root > 0, (b - np.sqrt(np.maximum(root, 0))) / a, np.inf)
    here = (root > 0) & (z < depth)
    depth[here], number[here] = z[here], 3
    normals[here] = ((rays * z[..., None] - BALL) / RADIUS_M)[here]
    return depth.astype(np.float32), normals, number


@pytest.fixture(scope="module")
def drawn():
    return scene()


def degrees(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    return np.degrees(np.arccos(np.clip((found * true).sum(-1), -1, 1)))


def test_planes_have_their_normal_up_to_their_very_edges(drawn):
    depth, true, number = drawn
    error = degrees(normals_of(depth, LENS), true)
    for plane in (1, 2):
        here = number == plane
        rim = here & (cv2.erode(here.astype(np.uint8), np.ones((3, 3)), borderValue=1) == 0)
        assert here.sum() > 5000 and rim.sum() > 150
        assert np.quantile(error[here], 0.995) < 0.5 and np.quantile(error[rim], 0.9) < 0.5, plane


def test_a_balls_normals_are_those_of_its_surface(drawn):
    depth, true, number = drawn
    found = normals_of(depth, LENS)
    error = degrees(found, true)[number == 3]
    assert np.median(error) < 0.3 and np.quantile(error, 0.9) < 1.5
    np.testing.assert_allclose(np.linalg.norm(found[number > 0], axis=-1), 1.0, atol=1e-5)
    assert not found[number == 0].any()
    middle = found[int(90 + 310 * 0.2 / 4), int(170 + 300 * 0.6 / 4)]
    assert middle[2] < -0.95, "towards the camera"


def test_lines_follow_silhouettes_and_creases_and_nothing_else(drawn):
    depth, _, number = drawn
    lines = lines_of(depth, LENS)
    border = np.zeros(number.shape, bool)
    border[:, 1:] |= number[:, 1:] != number[:, :-1]
    border[1:] |= number[1:] != number[:-1]
    near_border = cv2.dilate(border.astype(np.uint8), np.ones((5, 5))) > 0
    near_line = cv2.dilate(lines.astype(np.uint8), np.ones((5, 5))) > 0
    assert near_line[border].mean() > 0.99, "every border has its line: ball, crease, top of the wall"
    assert lines[~near_border].mean() < 1e-4, "and floors seen at a grazing angle have none"
    outline = lines & (number == 3)
    assert outline.sum() > 100 and (outline.sum() < 0.5 * lines.sum()), "a pixel wide, on the ball"


def test_borders_between_names_are_lines_too(drawn):
    depth, _, number = drawn
    name = np.zeros(number.shape, np.uint16)
    name[150:190, 20:60] = 1  # a flat mark on the floor
    without, lines = lines_of(depth, LENS), lines_of(depth, LENS, (name,))
    assert not without[145:195, 15:65].any()
    assert lines[150:190, 19:61].any(1).all() and not lines[155:185, 25:55].any()


def test_exports_say_where_surfaces_look(room, tmp_path):
    """The room's back wall faces the camera, its floor looks up, its right wall to the left."""
    _, shot = room
    export_shot(shot, "normals", tmp_path / "n.npy")
    export_shot(shot, "normals", tmp_path / "n")
    vectors = np.load(tmp_path / "n.npy")
    assert vectors.shape == (5, 96, 160, 3) and vectors.dtype == np.float32
    turn = shot.c2w[2][:3, :3]
    world = vectors[2] @ turn.T
    floor = world[..., 2] > 0.99
    wall = world[..., 1] < -0.99
    assert floor.mean() > 0.1 and wall.mean() > 0.1
    assert (vectors[2][..., 2][vectors[2].any(-1)] < 0.5).all()
    picture = cv2.imread(str(tmp_path / "n" / "000002.png"))[..., ::-1].astype(float) / 127.5 - 1
    solid = vectors[2].any(-1)
    np.testing.assert_allclose(picture[solid], (vectors[2] * [1, -1, -1])[solid], atol=1 / 127)
    np.testing.assert_allclose(picture[~solid], np.broadcast_to([0, 0, 1], picture[~solid].shape), atol=1 / 127)


def test_line_art_is_white_on_black_and_knows_what_moves(room, tmp_path):
    _, shot = room
    export_shot(shot, "edges", tmp_path / "e", Options())
    lines = cv2.imread(str(tmp_path / "e" / "000000.png"), cv2.IMREAD_UNCHANGED)
    assert lines.shape == (96, 160) and set(np.unique(lines)) == {0, 255} and 0.01 < (lines > 0).mean() < 0.3
    board = shot.index(0)[8:-8, 8:-8] == 1
    ring = board & (cv2.erode(board.astype(np.uint8), np.ones((3, 3))) == 0)
    assert (lines[ring] > 0).mean() > 0.6
    bare = altered(shot, lambda request: evolve(request, index=None, motion=None))
    export_shot(bare, "edges", tmp_path / "bare")
