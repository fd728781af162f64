# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon's exact flow of a captured shot, for tests inside Blender: ``python -m tests.support.flow_probe …``.

    flow_probe REQUEST FOLDER OUT FRAME:OTHER …    request as msgpack, its blobs by digest, an .npz to write

The .npz has ``vectors_FRAME_OTHER``, ``valid_FRAME_OTHER`` and, once a frame, ``lost_FRAME``: pixels of deforming
things that lie on none of their triangles.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from second_unit_daemon.conditioning.flow import flow
from second_unit_daemon.conditioning.motion import movement_at
from second_unit_daemon.conditioning.shot_data import ShotData
from second_unit_protocol.codec import unpack
from second_unit_protocol.shot import ShotRequest, TrackKind


def main(request: Path, folder: Path, out: Path, pairs: list[str]) -> None:
    shot = ShotData(unpack(ShotRequest, request.read_bytes()), lambda ref: folder / ref.digest)
    deforming = [n + 1 for n, track in enumerate(shot.tracks) if track.kind is TrackKind.DEFORMING]
    found = {}
    for pair in pairs:
        frame, other = map(int, pair.split(":"))
        one = flow(shot, frame, other)
        seen = movement_at(shot, frame)
        found[f"vectors_{frame}_{other}"], found[f"valid_{frame}_{other}"] = one.vectors, one.valid
        found[f"lost_{frame}"] = np.isin(seen.index, deforming) & (seen.place <= len(shot.tracks))
    np.savez(out, **found)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), sys.argv[4:])
