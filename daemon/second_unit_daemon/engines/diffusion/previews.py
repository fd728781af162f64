# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures of unfinished latents: by the model's tiny VAE where one is there, else by a linear map.

The map is fitted to the model's own VAE, once per load. Tiny VAEs are diffusers' ``AutoencoderTiny``, which knows
single pictures only; latents of clips go by the map.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from attrs import define, field
from numpy.typing import NDArray

CELL = 4  # latent pixels along a side of a patch of one colour
GRID = 16
RIDGE = 1e-3


@define
class Previewer:
    """Shows latents of one loaded model. ``tiny``: its tiny VAE, where there is one."""

    tiny: Any = None
    _colours: torch.Tensor | None = field(init=False, default=None)

    def picture(self, latents: torch.Tensor, vae: Any) -> NDArray[np.uint8]:
        """(h, w, 3) uint8 of the middle frame. ``latents`` as the network has them, (1, C, F, h, w) or (1, C, h, w)."""
        still = latents.ndim == 4
        if still and self.tiny is not None:
            return decoded(latents, self.tiny)
        if self._colours is None:
            self._colours = fit_colours(vae, still)
        clip = latents[:, :, None] if still else latents
        return picture_of(unscaled(clip, vae), self._colours, clip.shape[2] // 2)


@torch.no_grad()
def decoded(latents: torch.Tensor, tiny: Any) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 by a tiny VAE, which takes latents as the network has them."""
    plain = latents.to(tiny.device, tiny.dtype) / (tiny.config.scaling_factor or 1.0)
    shown = tiny.decode(plain + (tiny.config.shift_factor or 0.0)).sample[0].float().cpu()
    return np.rint((shown.permute(1, 2, 0).clamp(-1, 1).numpy() + 1) * 127.5).astype(np.uint8)


def unpacked(latents: torch.Tensor, pipeline: Any, width: int, height: int, frames: int) -> torch.Tensor | None:
    """(1, C, F, h, w) or (1, C, h, w), however a pipeline keeps its latents. None where that is not known.

    LTX-2 keeps a row of tokens: those of pictures and of a control follow the clip's, and of two stages the first one
    has half the size. CogVideoX has frames before channels.
    """
    if latents.ndim == 5 and latents.shape[1] != pipeline.vae.config.get("latent_channels", latents.shape[1]):
        return latents.transpose(1, 2)
    if latents.ndim != 3:
        return latents if latents.ndim in (4, 5) else None
    if not hasattr(pipeline, "vae_spatial_compression_ratio"):
        return None
    side, long = pipeline.vae_spatial_compression_ratio, pipeline.vae_temporal_compression_ratio
    depth = (frames - 1) // long + 1
    for down, across in ((height // side, width // side), (height // 2 // side, width // 2 // side)):
        if 0 < depth * down * across <= latents.shape[1]:
            return latents[:1, : depth * down * across].transpose(1, 2).unflatten(2, (depth, down, across))
    return None


@torch.no_grad()
def fit_colours(vae: Any, still: bool = False, seed: int = 0) -> torch.Tensor:
    """(C + 1, 3): latents as the VAE makes them, with a 1 appended, to sRGB in 0 … 1.

    The VAE encodes one frame of coloured patches; latents from inside the patches are regressed on their colours.
    ``still``: it is one for pictures, without an axis of time.
    """
    shrink = _shrink(vae)
    colours = np.random.default_rng(seed).uniform(0, 1, (GRID, GRID, 3)).astype(np.float32)
    picture = torch.from_numpy(np.kron(colours, np.ones((CELL * shrink, CELL * shrink, 1), np.float32)))
    pixels = (picture.permute(2, 0, 1)[None] * 2 - 1).to(vae.device, vae.dtype)
    if still:
        latents = vae.encode(pixels).latent_dist.mode()[0].float().cpu()
    else:
        latents = vae.encode(pixels[:, :, None]).latent_dist.mode()[0, :, 0].float().cpu()
    middle = slice(CELL // 2, None, CELL)
    samples = latents[:, middle, middle].flatten(1).T.double()
    inputs = torch.cat([samples, torch.ones(len(samples), 1, dtype=torch.float64)], 1)
    square = inputs.T @ inputs + RIDGE * torch.eye(inputs.shape[1], dtype=torch.float64)
    return torch.linalg.solve(square, inputs.T @ torch.from_numpy(colours.reshape(-1, 3)).double()).float()


def _shrink(vae: Any) -> int:
    """Pixels along a side of a latent pixel. VAEs say it in their configuration, as an attribute, or by their depth."""
    said = vae.config.get("scale_factor_spatial") or getattr(vae, "spatial_compression_ratio", None)
    return int(said or 2 ** len(vae.config.get("temperal_downsample") or (1, 1, 1)))


def picture_of(latents: torch.Tensor, colours: torch.Tensor, frame: int) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 of one latent frame. ``latents`` (C, F, h, w) in the VAE's own scale."""
    plane = latents[:, frame].float().cpu()
    flat = torch.cat([plane.flatten(1).T, torch.ones(plane[0].numel(), 1)], 1) @ colours
    picture = flat.reshape(*plane.shape[1:], 3).clamp(0, 1).numpy()
    return np.rint(picture * 255).astype(np.uint8)


def unscaled(latents: torch.Tensor, vae: Any) -> torch.Tensor:
    """Latents (1, C, F, h, w) as the transformer has them, in the VAE's own scale (C, F, h, w)."""
    plane = latents[0].float() / float(vae.config.get("scaling_factor") or 1.0)
    plane = plane + float(vae.config.get("shift_factor") or 0.0)
    # In the configuration of Wan's VAE, in buffers of LTX-2's.
    means = vae.config.get("latents_mean") or getattr(vae, "latents_mean", None)
    deviations = vae.config.get("latents_std") or getattr(vae, "latents_std", None)
    if means is None or deviations is None:
        return plane
    mean, deviation = (torch.as_tensor(v, device=plane.device).float().view(-1, 1, 1, 1) for v in (means, deviations))
    return plane * deviation + mean
