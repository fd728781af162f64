# SPDX-License-Identifier: GPL-3.0-or-later
"""Finishing that is chosen with a shot and done in its job: each step is switched on by itself."""

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ..core import finishing
from ..protocol.limits import MAX_SIDE

MAX_SEED = 2**31 - 1  # Blender's integers are signed 32-bit numbers
UPSCALES = (
    ("OFF", "Off", "As large as it was shot"),
    ("2", "2×", "Twice the shot's size"),
    ("4", "4×", "Four times the shot's size"),
    ("WIDTH", "To Width", "To a width, in the shot's aspect"),
)


class SECOND_UNIT_PG_steps(bpy.types.PropertyGroup):
    """What a shot's job does with the engine's frames. The master stays as the engine made it."""

    stabilise: BoolProperty(
        name="Stabilise", description="Warp small errors of the take's camera away, by the shot's depth"
    )
    deflicker: BoolProperty(name="Deflicker", description="Make brightness that jumps from frame to frame even")
    denoise: FloatProperty(
        name="Denoise", description="Average noise away along motion", min=0.0, max=1.0, subtype="FACTOR"
    )
    between: BoolProperty(
        name="In-Betweens",
        description="Make frames between the engine's own, by the shot's depth and motion, where it makes fewer than "
        "the scene has",
    )
    upscale: EnumProperty(name="Upscale", description="Make the clip larger", items=UPSCALES)
    width: IntProperty(
        name="Width",
        description="Width of the clip; its height follows from the shot's aspect",
        default=1920,
        min=16,
        max=MAX_SIDE,
        subtype="PIXEL",
    )
    upscale_model: StringProperty(
        name="Model",
        description="An upscaler of your own: .safetensors, or the folder of a diffusion upscaler",
        subtype="FILE_PATH",
    )
    sharpen: FloatProperty(name="Sharpen", description="Crisper, without halos", min=0.0, max=2.0)
    match: BoolProperty(name="Match References", description="Take over the colours of the shot's references")
    grain: FloatProperty(name="Grain", description="Film grain", min=0.0, max=1.0, subtype="FACTOR")
    sound: BoolProperty(name="Sound", description="Make sound; it lands as a strip of its own below the clip")
    sound_prompt: StringProperty(
        name="Heard",
        description="What is heard, such as: rain on a street, distant thunder. Empty: the shot's own prompt",
    )
    sound_seed: IntProperty(name="Seed", description="Another one of the possible sounds", min=0, max=MAX_SEED)

    def asked(self, size: tuple[int, int], shutter_deg: float) -> "finishing.Finish":
        """``size`` and ``shutter_deg`` are the shot's."""
        target = {"OFF": "", "WIDTH": f"{self.width}x{max(1, round(self.width * size[1] / size[0]))}"}
        return finishing.Finish(
            upscale=target.get(self.upscale, self.upscale),
            upscale_model=bpy.path.abspath(self.upscale_model) if self.upscale_model else "",
            between=finishing.OF_SHOT if self.between else "",
            stabilise=self.stabilise,
            deflicker=self.deflicker,
            denoise=self.denoise,
            shutter=shutter_deg,
            sharpen=self.sharpen,
            match_references=self.match,
            grain=self.grain,
            sound=self.sound,
            sound_prompt=self.sound_prompt,
            sound_seed=self.sound_seed,
        )


def draw(layout: bpy.types.UILayout, shot) -> None:
    layout.use_property_split = True
    layout.use_property_decorate = False
    steps = shot.steps
    column = layout.column(heading="Repair")
    column.prop(steps, "stabilise")
    column.prop(steps, "deflicker")
    layout.prop(steps, "denoise")
    layout.prop(steps, "between")
    layout.prop(shot, "shutter")
    column = layout.column()
    column.prop(steps, "upscale")
    if steps.upscale == "WIDTH":
        column.prop(steps, "width")
    if steps.upscale != "OFF":
        column.prop(steps, "upscale_model")
    layout.prop(steps, "sharpen")
    layout.prop(steps, "match")
    layout.prop(steps, "grain")
    column = layout.column()
    column.prop(steps, "sound")
    if steps.sound:
        column.prop(steps, "sound_prompt")
        column.prop(steps, "sound_seed")


CLASSES = (SECOND_UNIT_PG_steps,)

register, unregister = bpy.utils.register_classes_factory(CLASSES)
