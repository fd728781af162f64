# SPDX-License-Identifier: GPL-3.0-or-later
"""On a card: memory planned against memory taken, the step's time against a script's, cancel, the seed."""

from __future__ import annotations

import time
from statistics import median

import pytest
import torch
from second_unit_daemon.engines.base import Cancelled, JobControl
from second_unit_daemon.engines.diffusion import loading
from second_unit_daemon.engines.diffusion.memory import BASE_BYTES, INT8_PACKAGE, NF4_PACKAGE, Placement
from second_unit_daemon.versions import installed

from tests.gpu.running import Subject, step_s

WIDTH, HEIGHT = 832, 480
WITHIN = 0.15
STEPS = (4, 12)
NEEDS = {Placement.INT8: INT8_PACKAGE, Placement.NF4: NF4_PACKAGE}
SLOWER, FIXED_S = 0.02, 0.005  # of a step


@pytest.mark.parametrize("placement", [p for p in Placement if p is not Placement.GROUPS])
@pytest.mark.parametrize("frames", [17, 81])
def test_the_planned_memory_is_what_a_run_takes(subject: Subject, placement: Placement, frames: int):
    package = NEEDS.get(placement)
    if package and not installed(package):
        pytest.skip(f"{package} is not installed")
    loading.release()
    run = subject.run(subject.shot(frames, WIDTH, HEIGHT), placement=placement.value, steps=2, guidance=1.0)
    assert run.decision.need.placement is placement
    planned = run.decision.need.total - BASE_BYTES
    assert run.peak_bytes == pytest.approx(planned, rel=WITHIN), (
        f"planned {planned / 1e9:.2f} GB (weights {run.decision.need.weights / 1e9:.2f}), "
        f"taken {run.peak_bytes / 1e9:.2f} GB"
    )


def test_a_step_takes_as_long_as_in_a_plain_script(subject: Subject):
    shot = subject.shot(33, WIDTH, HEIGHT)
    options = {"placement": "full", "guidance": 1.0}
    call = subject.script(shot, torch.bfloat16, steps=STEPS[0], **options)
    call(1)
    script = median(step_s(call(STEPS[0]), call(STEPS[1]), STEPS) for _ in range(3))
    del call
    loading.release()
    subject.run(shot, steps=1, **options)

    def seconds(steps: int) -> float:
        return subject.run(shot, steps=steps, **options).seconds

    ours = median(step_s(seconds(STEPS[0]), seconds(STEPS[1]), STEPS) for _ in range(3))
    assert ours <= script * (1 + SLOWER) + FIXED_S, f"{ours:.3f} s a step, {script:.3f} s in a script"


def test_the_same_request_gives_the_same_frames(subject: Subject):
    shot = subject.shot(17, WIDTH, HEIGHT)
    first, again = (subject.run(shot, placement="full", steps=3).pixels for _ in range(2))
    assert first == again


def test_a_cancel_takes_effect_within_a_block(subject: Subject):
    shot, begun, asked = subject.shot(81, WIDTH, HEIGHT), [], []

    def progress(stage: str, share: float) -> None:
        if stage == "denoising" and share > 0 and not begun:
            begun.append(time.perf_counter())

    def check() -> None:
        if begun and time.perf_counter() - begun[0] > 0.2:
            asked.append(time.perf_counter())
            raise Cancelled

    with pytest.raises(Cancelled):
        subject.run(shot, JobControl(progress, check), placement="full", steps=20)
    assert time.perf_counter() - asked[0] < 1.0
