# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms that a take's shot and camera paths are written in. A test holds them against the program's own.

They are written down here, too, so that Blender's start does not wait for all that reads and writes them.
"""

from __future__ import annotations


class Export:
    """``ending`` of the file that is offered; empty for a folder."""

    def __init__(self, name: str, title: str, ending: str, read_by: str):
        self.name, self.title, self.ending, self.read_by = name, title, ending, read_by


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
CAMERAS = (
    Export(
        "realestate10k",
        "RealEstate10K text",
        ".txt",
        "CameraCtrl, CamI2V, AC3D, VideoX-Fun (Wan-Fun Camera), EasyAnimate",
    ),
    Export("transforms_json", "NeRF transforms.json", ".json", "Nerfstudio, instant-ngp, SEVA, splat trainers"),
    Export("colmap", "COLMAP text", "", "COLMAP, Gaussian-splatting trainers, ViewCrafter's tools"),
    Export("c2w_npz", "camera-to-world .npz", ".npz", "any numpy program; MegaSaM and CUT3R write a near kin"),
    Export(
        "w2c_npz", "world-to-camera .npz", ".npz", "any numpy program; GEN3C's and Voyager's loaders take such arrays"
    ),
    Export("motionctrl", "MotionCtrl 12-D", ".json", "MotionCtrl (16 frames)"),
    Export("recammaster", "ReCamMaster 12-D", ".npy", "ReCamMaster (81 frames, 21 poses)"),
    Export(
        "recammaster_cameras",
        "ReCamMaster camera_extrinsics.json",
        ".json",
        "ReCamMaster's scripts (cam_type 1), MultiCamVideo's loaders",
    ),
    Export("cosmos", "Cosmos 3 camera actions", ".npy", "Cosmos 3 (Cosmos3OmniPipeline, forward_dynamics)"),
    Export("lingbot", "LingBot-World poses", "", "LingBot-World (4k+1 frames)"),
    Export("sana_wm", "SANA-WM .npz", ".npz", "SANA-WM (8k+1 frames, 16 fps)"),
    Export(
        "plucker_cameractrl",
        "Plücker rays (CameraCtrl)",
        ".npy",
        "CameraCtrl, EasyAnimate (control_camera_video), VideoX-Fun",
    ),
    Export("plucker_seva", "Plücker rays (SEVA)", ".npy", "Stable Virtual Camera (SEVA)"),
    Export("plucker_wan_fun", "Plücker rays (Wan-Fun, packed)", ".npy", "Wan-Fun Control-Camera (4k+1 frames)"),
    Export("kitti", "KITTI poses", ".txt", "evo and other trajectory evaluation"),
    Export("tum", "TUM trajectory", ".txt", "evo and other trajectory evaluation; DROID-SLAM and DPVO write it"),
)
EXPORTS = {export.name: export for export in (*PICTURES, *CAMERAS)}
