# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures of unfinished latents by a linear map that is fitted to the model's own VAE, once per load."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

CELL = 4  # latent pixels along a side of a patch of one colour
GRID = 16
RIDGE = 1e-3


@torch.no_grad()
def fit_colours(vae: Any, seed: int = 0) -> torch.Tensor:
    """(C + 1, 3): latents as the VAE makes them, with a 1 appended, to sRGB in 0 … 1.

    The VAE encodes one frame of coloured patches; latents from inside the patches are regressed on their colours.
    """
    shrink = _shrink(vae)
    colours = np.random.default_rng(seed).uniform(0, 1, (GRID, GRID, 3)).astype(np.float32)
    picture = torch.from_numpy(np.kron(colours, np.ones((CELL * shrink, CELL * shrink, 1), np.float32)))
    pixels = (picture.permute(2, 0, 1)[None, :, None] * 2 - 1).to(vae.device, vae.dtype)
    latents = vae.encode(pixels).latent_dist.mode()[0, :, 0].float().cpu()
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
    # In the configuration of Wan's VAE, in buffers of LTX-2's.
    means = vae.config.get("latents_mean") or getattr(vae, "latents_mean", None)
    deviations = vae.config.get("latents_std") or getattr(vae, "latents_std", None)
    if means is None or deviations is None:
        return plane
    mean, deviation = (torch.as_tensor(v, device=plane.device).float().view(-1, 1, 1, 1) for v in (means, deviations))
    return plane * deviation + mean
