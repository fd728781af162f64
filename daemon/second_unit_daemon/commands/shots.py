# SPDX-License-Identifier: GPL-3.0-or-later
"""The shot that a command is about: a job of the daemon's, or a folder that ``second-unit export`` wrote."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..conditioning.shot_data import ShotData


@contextmanager
def open_shot(name: str) -> Iterator[ShotData]:
    """The shot called ``name``: the start of a job's id, or a folder.

    A job's request comes from the daemon. Its blobs are read where the daemon keeps them; those of a daemon on another
    machine are fetched, and removed on leaving. Raises SecondUnitError.
    """
    from ..conditioning.shot_files import is_shot, load_shot

    folder = Path(name).expanduser()
    if is_shot(folder):
        yield load_shot(folder)
        return
    if folder.is_dir():
        load_shot(folder)  # raises, and says what is missing there
    with tempfile.TemporaryDirectory(prefix="second-unit-") as fetched:
        yield _shot_of_job(name, Path(fetched))


def _shot_of_job(start: str, fetched: Path) -> ShotData:
    from second_unit_protocol.messages import GetShot
    from second_unit_protocol.paths import home
    from second_unit_protocol.shot import BlobRef

    from ..blobs.store import BlobStore
    from ..conditioning.shot_data import ShotData
    from .session import daemon, find_job

    store = BlobStore(home() / "blobs")
    with daemon() as client:
        request = client.call(GetShot(find_job(client, start).job_id)).shot
        elsewhere = store.missing(request.blobs())
        for ref in elsewhere:
            client.download(ref, fetched / ref.digest)
    away = {ref.digest for ref in elsewhere}

    def blob_path(ref: BlobRef) -> Path:
        return fetched / ref.digest if ref.digest in away else store.path(ref)

    return ShotData(request, blob_path)
