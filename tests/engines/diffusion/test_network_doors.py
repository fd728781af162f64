# SPDX-License-Identifier: GPL-3.0-or-later
"""What the networks themselves are given, against the layouts that the models were trained with.

Sources: Wan-AI's ``wan/image2video.py`` and ``wan/textimage2video.py`` (mask of four channels, then the pictures'
latents; tokens with times of their own); Lightricks' ``VideoConditionByLatentIndex`` and ``…ByKeyframeIndex``; Decart's
Lucy Edit and CogVideoX-Fun (latents beside the noise); SkyReels-V2 (known latents at time 0); NVIDIA's Cosmos Transfer
2.5 and Cosmos 3 (action tokens). Pictures are -1 … 1 at the VAE's door, latents are (z - mean) / deviation or scaled;
layouts and numbers are written out here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from second_unit_daemon.engines.diffusion import loading
from second_unit_protocol.grid import Rate
from second_unit_protocol.shot import SourceClip, SourceUse

from tests.engines.diffusion.test_other_families import guarded  # noqa: F401 a fixture
from tests.support.generating import add, at_the_network, flat, video
from tests.support.varying import with_depth


@torch.no_grad()
def latents_of(pictures: list[np.ndarray | None]) -> torch.Tensor:
    """(C, latent frames, h, w) of (H, W, 3) uint8 pictures; None is what the VAE sees as middle grey."""
    vae: Any = loading._resident.pipeline.vae
    plain = np.zeros((64, 64, 3), np.float32)
    frames = [plain if p is None else np.asarray(p, np.float32) / 127.5 - 1.0 for p in pictures]
    pixels = torch.from_numpy(np.stack(frames)).permute(3, 0, 1, 2)[None]
    found = vae.encode(pixels).latent_dist.mode()[0]
    config = vae.config
    if getattr(vae, "latents_mean", None) is None and config.get("latents_mean") is None:
        return found * config.scaling_factor
    mean = config.get("latents_mean") or vae.latents_mean.tolist()
    deviation = config.get("latents_std") or vae.latents_std.tolist()
    return (found - torch.tensor(mean).view(-1, 1, 1, 1)) / torch.tensor(deviation).view(-1, 1, 1, 1)


def depth_greys() -> np.ndarray:
    """(5, 64, 64): a slope from 1 m to 9 m, row after row, 0.1 m more with each frame: inverse depth 1 to 1 / 9.4."""
    slope = np.linspace(1.0, 9.0, 64 * 64).reshape(64, 64)
    return np.array([(1 / (slope + 0.1 * k) - 1 / 9.4) / (1 - 1 / 9.4) * 255 for k in range(5)])


def same(found: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(found, expected.to(found), atol=1e-5, rtol=1e-5)


def test_wan_gets_noise_then_a_mask_of_both_ends_then_their_latents(studio):
    shot = studio.shot("tiny-image", references=2, frames=5)
    with at_the_network("WanTransformer3DModel") as calls:
        studio.take(shot)
    given = calls[0]["hidden_states"][0]
    assert given.shape == (36, 2, 8, 8)
    # Four channels for the four frames of a latent frame. The first one shows frame 0 alone, four times: all known.
    # The second one shows frames 1 to 4, of which the last is known.
    mask = torch.tensor([[1.0, 0], [1, 0], [1, 0], [1, 1]])
    same(given[16:20], mask[:, :, None, None].expand(4, 2, 8, 8))
    same(given[20:], latents_of([shot.truth[0], None, None, None, shot.truth[4]]))

    with at_the_network("WanTransformer3DModel") as calls:
        studio.take(shot, references=shot.request.references[:1])
    given = calls[0]["hidden_states"][0]
    assert given[16:20, 0].min() == 1 and given[16:20, 1].max() == 0
    same(given[20:], latents_of([shot.truth[0], None, None, None, None]))


def test_the_five_billion_gets_the_pictures_latent_at_time_0_among_noise(studio):
    shot = studio.shot("tiny-text-image", references=1)
    with at_the_network("WanTransformer3DModel") as calls:
        studio.take(shot)
    given, times = calls[0]["hidden_states"][0], calls[0]["timestep"][0]
    assert given.shape == (48, 2, 4, 4) and times.shape == (8,), "2 × 2 tokens for each of two latent frames"
    same(given[:, :1], latents_of([shot.truth[0]]))
    assert (times[:4] == 0).all() and (times[4:] == times[4]).all() and times[4] > 900


def test_lucy_gets_the_clips_latents_beside_the_noise(studio):
    shot = studio.shot("tiny-lucy", frames=5, references=0)
    pictures = [flat((30 * k, 90, 200 - 30 * k)) for k in range(5)]
    source = SourceClip(add(shot, video(pictures, 16)), 1.0, Rate(16))
    with at_the_network("WanTransformer3DModel") as calls:
        studio.take(shot, source=source)
    given = calls[0]["hidden_states"][0]
    assert given.shape == (32, 2, 8, 8)
    same(given[16:], latents_of(pictures))
    noise = given[:16]
    assert abs(float(noise.mean())) < 0.1 and 0.9 < float(noise.std()) < 1.1


def test_ltx2_gets_its_first_picture_in_place_and_another_one_appended_with_its_time(studio):
    shot = studio.shot("tiny-ltx2", frames=17, references=2)  # the second goes to latent frame 2: clip frame 9
    with at_the_network("LTX2VideoTransformer3DModel") as calls:
        studio.take(shot)
    call = calls[0]
    tokens, times, places = call["hidden_states"][0], call["timestep"][0], call["video_coords"][0]
    # 64 pixels are 2 × 2 tokens; 17 frames are three latent frames; then the four tokens of the picture at frame 9.
    assert tokens.shape == (16, 8) and places.shape == (3, 16, 2)
    for picture, at in ((shot.truth[0], slice(0, 4)), (shot.truth[16], slice(12, 16))):
        same(tokens[at], latents_of([picture])[:, 0].flatten(1).T)
        assert (times[at] == 0).all()
    assert (times[4:12] == 1000).all()
    seconds = places[0] * 16
    expected = [[0.0, 1]] * 4 + [[1.0, 9]] * 4 + [[9.0, 17]] * 4 + [[9.0, 10]] * 4
    torch.testing.assert_close(seconds, torch.tensor(expected))
    rows, columns = [[0.0, 32], [0, 32], [32, 64], [32, 64]], [[0.0, 32], [32, 64], [0, 32], [32, 64]]
    assert places[1, 12:].tolist() == rows and places[2, 12:].tolist() == columns


def test_cosmos_transfers_vae_gets_the_depth_video_and_its_network_no_frame_that_is_known(studio, guarded):  # noqa: F811
    shot = studio.shot("tiny-cosmos-transfer", frames=5, references=0)
    planes = with_depth(shot)
    with at_the_network("CosmosControlNetModel") as calls, at_the_network("AutoencoderKLWan", "encode") as encoded:
        studio.take(shot, **planes)
    greys = depth_greys()
    found = encoded[1]["x"]  # the first one is the pictures before the clip, of which there are none
    assert found.shape == (1, 3, 5, 64, 64)
    assert np.abs((found.numpy()[0, 0] + 1) * 127.5 - greys).max() <= 0.51
    assert (found[:, 0] == found[:, 2]).all()
    assert calls[0]["controls_latents"].shape == (1, 16, 2, 8, 8) and calls[0]["condition_mask"].max() == 0


def test_skyreels_gets_the_clips_latents_at_time_0_and_noise_after_them(studio):
    shot = studio.shot("tiny-skyreels", frames=13, references=0)
    pictures = [flat((30 * k, 90, 200 - 30 * k)) for k in range(5)]
    source = SourceClip(add(shot, video(pictures, 16)), 1.0, Rate(16), use=SourceUse.EXTEND)
    with at_the_network("SkyReelsV2Transformer3DModel") as calls:
        studio.take(shot, source=source)
    given, times = calls[0]["hidden_states"][0], calls[0]["timestep"][0]
    assert given.shape == (16, 4, 8, 8) and times.shape == (4,), "five frames are two latent frames of four"
    same(given[:, :2], latents_of(pictures))
    assert times[:2].tolist() == [0, 0] and times[2] == times[3] > 900
    assert calls[0]["fps"] == [0], "16 a second; any other is 1"


def test_cogvideox_gets_the_depth_videos_latents_beside_the_noise(studio):
    shot = studio.shot("tiny-cogvideox", frames=5, references=0)
    with at_the_network("CogVideoXTransformer3DModel") as calls:
        studio.take(shot, **with_depth(shot))
    given = calls[0]["hidden_states"]
    assert given.shape == (2, 2, 8, 8, 8), "with and without the prompt; frames before channels"
    grey = depth_greys()
    expected = latents_of([np.repeat(np.rint(frame)[..., None], 3, 2).astype(np.uint8) for frame in grey])
    found = given[0, :, 4:].transpose(0, 1)
    assert found.shape == expected.shape and (found - expected).abs().mean() < 0.01 * expected.abs().mean()
    assert (given[0] == given[1]).all()


def test_cosmos3_gets_a_token_of_action_for_every_step(studio):
    shot = studio.shot("tiny-cosmos3", frames=5)
    with at_the_network("Cosmos3OmniTransformer") as calls:
        studio.take(shot)
    call = calls[0]
    # The wall shot goes 1, -0.1 and 0.6 metres a second in x, y and z of a camera that does not turn; four steps are
    # one second. Then the first two columns of no turn, and zeros up to the sixteen that the model reads.
    step = [0.25, -0.025, 0.15, 1, 0, 0, 0, 1, 0, *[0] * 7]
    torch.testing.assert_close(call["action_tokens"][0], torch.tensor([step] * 4), atol=1e-6, rtol=0)
    assert call["action_domain_ids"][0].tolist() == [2], "camera poses"
    # The picture lies at the top left of the tier's frame, whose rest repeats its border; every frame shows it.
    framed = np.pad(shot.truth[0], ((0, 192), (0, 192), (0, 0)), mode="edge")
    same(call["vision_tokens"][0][0][:, :1], latents_of([framed] * 5)[:, :1, :4, :4])
