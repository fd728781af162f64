# SPDX-License-Identifier: GPL-3.0-or-later
"""What the finishing panels are set to, kept with the scene that has the strips."""

import math

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ...core import finishing
from ...translations import OWN

MAX_SEED = 2**31 - 1  # Blender's integers are signed 32-bit numbers

UPSCALES = (
    ("OFF", "Off", "Keep the clip's size"),
    ("2", "2×", "Twice the size"),
    ("4", "4×", "Four times the size"),
    ("SCENE", "Scene", "The scene's render size; of another aspect the middle fills it"),
)
BETWEENS = (
    ("OFF", "Off", "Keep the clip's frames"),
    ("FILL", "Scene Rate", "A frame of its own for each of the scene's, where the clip has fewer"),
    ("SLOW2", "Slow 2×", "Half as fast, with twice the frames"),
    ("SLOW4", "Slow 4×", "A quarter as fast, with four times the frames"),
)
MATCHES = (
    ("OFF", "Off", "Keep the clip's colours"),
    ("BEFORE", "Strip Before", "Colours of the movie strip that ends nearest before this one"),
    ("AFTER", "Strip After", "Colours of the movie strip that begins nearest after this one"),
    ("FILE", "Picture", "Colours of a picture or clip on disk"),
)
FILES = (
    ("MP4", "MP4", "H.264: Blender scrubs it well"),
    ("PRORES", "ProRes", "ProRes 4444 MOV: alpha is kept, hardly anything is lost"),
    ("FFV1", "Lossless", "FFV1 MKV: nothing is lost, alpha is kept"),
)
PRESETS = (
    ("h264", "MP4 H.264", "Plays everywhere"),
    ("h265", "MP4 H.265", "Half the size of H.264"),
    ("av1", "MP4 AV1", "Smallest"),
    ("vertical", "Vertical 9:16", "Stories, reels and shorts: 1080 × 1920, H.264, cropped around the subject"),
    ("square", "Square 1:1", "Feeds: 1080 × 1080, H.264, cropped around the subject"),
    ("wide", "Wide 16:9", "Players: 1920 × 1080, H.264, cropped around the subject"),
    ("prores422", "ProRes 422 HQ", "For editing"),
    ("prores4444", "ProRes 4444", "For compositing, with alpha"),
    ("dnxhr", "DNxHR HQX", "For editing"),
    ("ffv1", "FFV1", "Nothing lost"),
    ("webm", "WebM VP9", "For web pages, with alpha"),
    ("gif", "GIF", "To share"),
    ("webp", "WebP", "To share"),
    ("png", "PNG Pictures", "A folder of pictures, nothing lost"),
    ("exr", "EXR Pictures", "A folder of pictures in linear light"),
)
FOCUSES = (
    ("SUBJECT", "Subject", "What moves in the shot, or stands out in the picture, stays inside"),
    ("MIDDLE", "Middle", "The middle of the picture"),
    ("AT", "At", "A place that you choose"),
)


class SECOND_UNIT_PG_finish(bpy.types.PropertyGroup):
    upscale: EnumProperty(name="Upscale", description="Make the clip larger", items=UPSCALES)
    upscale_model: StringProperty(
        name="Model",
        description="An upscaler of your own: .safetensors, or the folder of a diffusion upscaler",
        subtype="FILE_PATH",
    )
    between: EnumProperty(name="In-Betweens", description="Frames between the clip's own", items=BETWEENS)
    shutter: FloatProperty(
        name="Motion Blur",
        description="How long the shutter is open for each frame, 180° as on film, 0° for no blur",
        min=0.0,
        max=math.tau,
        precision=0,
        step=1000,
        subtype="ANGLE",
    )
    stabilise: BoolProperty(
        name="Stabilise",
        description="Warp small errors of a take's camera away, by the shot's depth; greyed where the strip is no take",
    )
    deflicker: BoolProperty(name="Deflicker", description="Make brightness that jumps from frame to frame even")
    denoise: FloatProperty(
        name="Denoise", description="Average noise away along motion", min=0.0, max=1.0, subtype="FACTOR"
    )
    sharpen: FloatProperty(name="Sharpen", description="Crisper, without halos", min=0.0, max=2.0)
    match: EnumProperty(name="Match Colours", description="Take over colours", items=MATCHES)
    match_file: StringProperty(name="Picture", description="Picture or clip to match", subtype="FILE_PATH")
    grain: FloatProperty(name="Grain", description="Film grain", min=0.0, max=1.0, subtype="FACTOR")
    file: EnumProperty(name="File", description="What the finished clip is kept as", items=FILES)

    sound_prompt: StringProperty(
        name="Sound",
        description="What is heard, such as: rain on a street, distant thunder. Empty: what moves in the take's shot",
    )
    sound_seed: IntProperty(name="Seed", description="Another one of the possible sounds", min=0, max=MAX_SEED)
    sound_loop: BoolProperty(name="Loop", description="The end goes over into the beginning, for clips that repeat")

    preset: EnumProperty(name="Format", description="What to write", items=PRESETS)
    focus: EnumProperty(name="Crop", description="What a crop keeps", items=FOCUSES, translation_context=OWN)
    focus_at: FloatProperty(
        name="At",
        description="0 left or top, 1 right or bottom",
        default=0.5,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
        translation_context=OWN,
    )
    level: BoolProperty(name="Level Sound", description="Bring the sound to a loudness")
    lufs: FloatProperty(
        name="Loudness",
        description="In LUFS: −14 for most players, −16 for podcasts, −23 for broadcast",
        default=-14.0,
        min=-40.0,
        max=-6.0,
        precision=1,
    )
    aspect: StringProperty(name="Aspect", description="Crop to an aspect such as 9:16; empty for the clip's own")

    def asked(self, size: tuple[int, int], match: str = "", match_part: str = "") -> "finishing.Finish":
        """``size`` is the scene's; ``match`` the file that is matched."""
        upscale = {"OFF": "", "SCENE": f"{size[0]}x{size[1]}"}.get(self.upscale, self.upscale)
        return finishing.Finish(
            upscale=upscale,
            upscale_model=bpy.path.abspath(self.upscale_model) if self.upscale_model else "",
            between="" if self.between == "OFF" else self.between,
            stabilise=self.stabilise,
            deflicker=self.deflicker,
            denoise=self.denoise,
            shutter=math.degrees(self.shutter),
            sharpen=self.sharpen,
            match=match,
            match_part=match_part,
            grain=self.grain,
        )


CLASSES = (SECOND_UNIT_PG_finish,)
