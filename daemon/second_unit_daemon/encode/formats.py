# SPDX-License-Identifier: GPL-3.0-or-later
"""The formats that a clip is delivered in: codec, container, pixels, how alike the decoded pictures must be. Light."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


@frozen
class Format:
    """One way to store a clip. ``least_db`` is the PSNR that a decoded frame must reach; inf where nothing is lost."""

    name: str
    label: str
    suffix: str  # "" for a folder of pictures
    codec: str
    container: str
    pixels: str
    least_db: float
    alpha_pixels: str = ""  # where the format can carry alpha
    options: Mapping[str, str] = field(factory=dict)
    container_options: Mapping[str, str] = field(factory=dict)
    sound: str = ""  # codec of its sound; empty where it has none
    tag: str = ""  # codec tag that players want
    even: bool = False  # sides must be even: the picture is padded, and says so
    gop: int = 0
    smallest: tuple[int, int] = (2, 2)  # width and height that the codec takes at least

    @property
    def tagged(self) -> bool:
        """The file says that it is BT.709, limited range."""
        return self.suffix in (".mp4", ".mov", ".webm")

    @property
    def what(self) -> str:
        """What it holds, for sentences."""
        return self.label.partition(":")[0].removesuffix(" in a folder").replace("MP4, ", "").replace("MOV, ", "")

    @property
    def sequence(self) -> bool:
        return not self.suffix


_MP4 = {"movflags": "faststart+use_metadata_tags"}
_MOV = {"movflags": "use_metadata_tags"}
_INF = float("inf")

FORMATS = {
    f.name: f
    for f in (
        Format(
            "h264",
            "MP4, H.264: plays everywhere",
            ".mp4",
            "libx264",
            "mp4",
            "yuv420p",
            28.0,
            sound="aac",
            even=True,
            options={"crf": "17", "preset": "medium"},
            container_options=_MP4,
            gop=48,
        ),
        Format(
            "h265",
            "MP4, H.265: half the size",
            ".mp4",
            "libx265",
            "mp4",
            "yuv420p10le",
            28.0,
            sound="aac",
            even=True,
            options={"crf": "19", "preset": "medium", "x265-params": "log-level=error"},
            container_options=_MP4,
            tag="hvc1",
            gop=48,
        ),
        Format(
            "av1",
            "MP4, AV1: smallest",
            ".mp4",
            "libsvtav1",
            "mp4",
            "yuv420p10le",
            27.0,
            sound="aac",
            even=True,
            options={"crf": "24", "preset": "8"},
            container_options=_MP4,
            gop=48,
        ),
        Format(
            "prores422",
            "MOV, ProRes 422 HQ: for editing",
            ".mov",
            "prores_ks",
            "mov",
            "yuv422p10le",
            31.0,
            sound="pcm_s24le",
            even=True,
            options={"profile": "3", "vendor": "apl0"},
            container_options=_MOV,
        ),
        Format(
            "prores4444",
            "MOV, ProRes 4444: for compositing, with alpha",
            ".mov",
            "prores_ks",
            "mov",
            "yuv444p10le",
            38.0,
            alpha_pixels="yuva444p10le",
            sound="pcm_s24le",
            options={"profile": "4", "vendor": "apl0"},
            container_options=_MOV,
        ),
        Format(
            "dnxhr",
            "MOV, DNxHR HQX: for editing",
            ".mov",
            "dnxhd",
            "mov",
            "yuv422p10le",
            31.0,
            sound="pcm_s24le",
            even=True,
            options={"profile": "dnxhr_hqx"},
            smallest=(256, 120),
            container_options=_MOV,
        ),
        Format(
            "ffv1",
            "MKV, FFV1: nothing lost",
            ".mkv",
            "ffv1",
            "matroska",
            "bgr0",
            _INF,
            alpha_pixels="bgra",
            sound="flac",
            options={"level": "3", "slices": "4", "slicecrc": "1"},
            gop=1,
        ),
        Format(
            "webm",
            "WebM, VP9: for web pages, with alpha",
            ".webm",
            "libvpx-vp9",
            "webm",
            "yuv420p",
            27.0,
            alpha_pixels="yuva420p",
            sound="libopus",
            even=True,
            options={"crf": "24", "b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"},
            gop=96,
        ),
        Format("gif", "GIF: to share, 256 colours a frame", ".gif", "gif", "gif", "pal8", 22.0),
        Format(
            "webp",
            "WebP, animated: to share",
            ".webp",
            "libwebp_anim",
            "webp",
            "bgra",
            28.0,
            alpha_pixels="bgra",
            options={"quality": "90"},
            container_options={"loop": "0"},
        ),
        Format(
            "png", "PNG pictures in a folder: nothing lost", "", "png", "image2", "rgb24", _INF, alpha_pixels="rgba"
        ),
        Format(
            "exr",
            "EXR pictures in a folder: linear light, for compositing",
            "",
            "exr",
            "image2",
            "gbrpf32le",
            48.0,
            alpha_pixels="gbrapf32le",
            options={"compression": "zip16", "format": "half"},
        ),
    )
}


def alpha_kept() -> str:
    """The formats that hold transparency, for sentences."""
    names = [form.name for form in FORMATS.values() if form.alpha_pixels]
    return f"{', '.join(names[:-1])} and {names[-1]}"


@frozen
class Preset:
    """What a delivery is called: a format and, for a screen of its own, the aspect and size of the picture."""

    name: str
    label: str
    form: Format
    aspect: str = ""
    size: tuple[int, int] | None = None


PRESETS = {
    preset.name: preset
    for preset in (
        *(Preset(form.name, form.label, form) for form in FORMATS.values()),
        Preset("vertical", "MP4, 9:16, 1080 × 1920: stories, reels, shorts", FORMATS["h264"], "9:16", (1080, 1920)),
        Preset("square", "MP4, 1:1, 1080 × 1080: feeds", FORMATS["h264"], "1:1", (1080, 1080)),
        Preset("wide", "MP4, 16:9, 1920 × 1080: players", FORMATS["h264"], "16:9", (1920, 1080)),
    )
}
