# SPDX-License-Identifier: GPL-3.0-or-later
"""The blobs of a request that is being put together, and the form in which the add-on takes it over."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from second_unit_protocol import codec
from second_unit_protocol.disk import disk_errors
from second_unit_protocol.planes import pack_plane
from second_unit_protocol.shot import BlobRef, ShotRequest


class Gathered:
    """Blobs as files: made ones are written into ``folder`` under their digests, others stay where they are."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.files: dict[BlobRef, Path] = {}

    def add(self, data: bytes) -> BlobRef:
        ref = BlobRef(hashlib.sha256(data).hexdigest(), len(data))
        if ref not in self.files:
            path = self.folder / ref.digest
            with disk_errors(path):
                path.write_bytes(data)
            self.files[ref] = path
        return ref

    def plane(self, samples: NDArray) -> BlobRef:
        """A plane of uint8, uint16 or float32."""
        plain = np.ascontiguousarray(samples)
        return self.add(pack_plane(plain.tobytes(), {"u": "|u1", "H": "<u2", "f": "<f4"}[_letter(plain)], plain.shape))

    def file(self, path: Path) -> BlobRef:
        """A file that stays where it is."""
        whole = hashlib.sha256()
        with disk_errors(path), path.open("rb") as file:
            while block := file.read(1 << 20):
                whole.update(block)
        return self.known(BlobRef(whole.hexdigest(), path.stat().st_size), path)

    def known(self, ref: BlobRef, path: Path) -> BlobRef:
        self.files.setdefault(ref, path)
        return ref

    def spool(self, request: ShotRequest) -> None:
        """Leaves the request beside its blobs as the add-on spools a capture (link/spool.py there)."""
        files = {ref.digest: str(path) for ref in request.blobs() if (path := self.files.get(ref)) is not None}
        with disk_errors(self.folder):
            (self.folder / "files.json").write_text(json.dumps(files))
            (self.folder / "request.msgpack").write_bytes(codec.pack(request))


def _letter(samples: NDArray) -> str:
    return {1: "u", 2: "H", 4: "f"}[samples.dtype.itemsize]
