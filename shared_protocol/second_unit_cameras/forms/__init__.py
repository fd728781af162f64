# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms, one file each."""

from . import (
    colmap,
    cosmos,
    kitti,
    lingbot,
    motionctrl,
    npz,
    plucker,
    realestate10k,
    recammaster,
    sana_wm,
    transforms_json,
    tum,
)

ALL = (
    realestate10k.FORM,
    transforms_json.FORM,
    colmap.FORM,
    npz.C2W,
    npz.W2C,
    motionctrl.FORM,
    recammaster.FORM,
    recammaster.CAMERAS,
    cosmos.FORM,
    lingbot.FORM,
    sana_wm.FORM,
    plucker.CAMERACTRL,
    plucker.SEVA,
    plucker.WAN_FUN,
    kitti.FORM,
    tum.FORM,
)
