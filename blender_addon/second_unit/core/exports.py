# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms that the daemon's program writes a take's shot in. A test holds this list against the program's own."""

from __future__ import annotations

from attrs import frozen

from ..cameras import FORMS


@frozen
class Export:
    """``ending`` of the file that is offered; empty for a folder."""

    name: str
    title: str
    ending: str
    read_by: str


PICTURES = (
    Export("warp_vace", "Warped Plates, Grey Holes; Mask White = Hole", ".mkv", "VACE, Uni3C"),
    Export("warp_trajectorycrafter", "Warped Plates, Black Holes; Mask White = Hole", ".mkv", "TrajectoryCrafter"),
    Export("warp_gen3c", "Warped Plates, Black Holes; Mask White = Seen", ".mkv", "GEN3C, EX-4D, Voyager"),
    Export("warp_viewcrafter", "Warped Plates, Black Holes, No Mask", ".mkv", "ViewCrafter"),
    Export("holes", "Hole Mask", ".mkv", "inpainting, compositing"),
    Export("depth_per_frame", "Depth Video, by Frame", ".mkv", "VACE"),
    Export("depth_per_clip", "Depth Video, by Clip", ".mkv", "Cosmos-Transfer 2.5"),
    Export("depth_percentile", "Depth Video, by Percentile", ".mkv", "depth ControlNets"),
    Export("depth_metric", "Depth in Metres (EXR)", "", "compositors, second-unit project, GEN3C, Voyager"),
    Export("flow_flo", "Optical Flow (.flo)", "", "flow tools and flow-driven models"),
    Export("flow_kitti", "Optical Flow (KITTI PNG)", "", "flow tools; holds what is known"),
    Export("normals", "Surface Normals", ".mkv", "normal ControlNets, relighting"),
    Export("edges", "Line Art", ".mkv", "line-art and edge ControlNets"),
    Export("region", "Mask of the Region", ".mkv", "VACE edits, inpainting"),
    Export("regions", "Masks of All Objects", "", "compositors, inpainting, region edits"),
    Export("index", "Object and Material Index", "", "compositors, segmentation-driven models"),
    Export("warped_noise", "Warped Noise", ".npy", "Go-with-the-Flow (noises.npy)"),
    Export("tracking_video", "Tracking Video", ".mkv", "Diffusion as Shader"),
    Export("tracks", "Tracks", ".npz", "Wan-Move (as two arrays), tools around CoTracker"),
    Export("splines", "Splines", ".json", "spline and ATI nodes of ComfyUI"),
    Export("optics", "Shutter, F-Stop and Focus", ".json", "renderers and compositors that add blur"),
    Export("shot", "All That Was Captured", "", "every second-unit command that takes a SHOT"),
)
CAMERAS = tuple(Export(form.name, form.title, form.suffix, form.read_by) for form in FORMS.values())
EXPORTS = {export.name: export for export in (*PICTURES, *CAMERAS)}
