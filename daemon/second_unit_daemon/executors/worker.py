# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker process: ``python -m second_unit_daemon.executors.worker``. Takes tasks on stdin, answers on stdout.

It stays warm between tasks (imports, compiled kernels, loaded weights) and ends at once when stdin closes, because
then its daemon is dead.
"""

from __future__ import annotations

import faulthandler
import gc
import logging
import os
import queue
import shutil
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

from second_unit_protocol.errors import SecondUnitError
from second_unit_protocol.messages import Preview

from ..threads import one_for_small_matrices
from .dialogue import (
    DialogueError,
    RunTask,
    StopTask,
    TaskBegan,
    TaskFailed,
    TaskFinished,
    TaskPreviewed,
    TaskProgressed,
    TaskStopped,
    WorkerReady,
    read_message,
    write_message,
)
from .failures import error_of

if TYPE_CHECKING:
    from ..engines.base import Engine

log = logging.getLogger("worker")

EXIT_ORPHANED = 3


class Worker:
    """Runs one task after the other on the main thread; a second thread listens, so that a cancel is heard at once."""

    def __init__(self, ears: IO[bytes], voice: IO[bytes]):
        self._ears = ears
        self._voice = voice
        self._tasks: queue.Queue[RunTask] = queue.Queue()
        self._stopped: set[tuple[str, int]] = set()  # job and attempt
        self._engines: dict[str, Engine] = {}

    def serve(self) -> None:
        threading.Thread(target=self._listen, name="ears", daemon=True).start()
        self._say(WorkerReady(os.getpid()))
        while True:
            task = self._tasks.get()
            self._say(self._outcome(task))

    def _listen(self) -> None:
        """Never returns: the process ends with its stdin."""
        try:
            while (message := read_message(self._ears)) is not None:
                if isinstance(message, RunTask):
                    self._tasks.put(message)
                elif isinstance(message, StopTask):
                    self._stopped.add((message.job_id, message.attempt))
        except (DialogueError, OSError):
            log.exception("the daemon cannot be understood")
        os._exit(EXIT_ORPHANED)  # threads of native libraries must not keep an orphan alive

    def _say(self, message: object) -> None:
        write_message(self._voice, message)

    def _outcome(self, task: RunTask) -> object:
        self._say(TaskBegan(task.job_id))
        from ..engines.base import Cancelled

        try:
            return self._run(task)
        except Cancelled:
            return TaskStopped(task.job_id)
        except SecondUnitError as error:
            log.error("%s", error)
            return TaskFailed(task.job_id, error_of(error, task.shot.shot_name))
        except (Exception, SystemExit) as error:
            log.exception("the job failed")
            self._engines.pop(task.shot.engine, None)  # whatever state it is in, the next job gets a new one
            failure = TaskFailed(task.job_id, error_of(error, task.shot.shot_name))
        gc.collect()
        return failure

    def _run(self, task: RunTask) -> TaskFinished:
        from ..blobs.store import BlobStore
        from ..conditioning.shot_data import ShotData
        from ..engines import registry
        from ..engines.base import Cancelled
        from .attempts import shoot
        from .pipeline import Outside

        def check() -> None:
            if (task.job_id, task.attempt) in self._stopped:
                raise Cancelled

        def progress(stage: str, fraction: float, seconds_left: float | None) -> None:
            self._say(TaskProgressed(task.job_id, stage, fraction, seconds_left))

        def preview(picture: Preview) -> None:
            self._say(TaskPreviewed(picture))

        check()
        name = task.shot.engine
        if name not in self._engines:
            self._engines[name] = registry.create(name)
        shot = ShotData(task.shot, BlobStore(Path(task.blobs)).path)
        folder = Path(task.scratch)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        outside = Outside(progress, preview, check, Path(task.blobs).parent / "windows")
        files, report = shoot(task.job_id, shot, self._engines[name], task.device, folder, outside)
        return TaskFinished(task.job_id, files, report)


def take_stdout() -> IO[bytes]:
    """Keeps stdout for messages alone: whatever prints goes to stderr from now on."""
    voice = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return voice


def main() -> None:
    one_for_small_matrices()
    voice = take_stdout()
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    Worker(sys.stdin.buffer, voice).serve()


if __name__ == "__main__":
    main()
