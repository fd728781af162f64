# SPDX-License-Identifier: GPL-3.0-or-later
"""Error codes, each with what to do about it, and an error as data. Import them from :mod:`.errors`."""

from __future__ import annotations

from enum import StrEnum

from .late import frozen


class ErrorCode(StrEnum):
    # the scene
    NO_CAMERA = "no-camera"
    CAMERA_NOT_PERSPECTIVE = "camera-not-perspective"
    EMPTY_RANGE = "empty-range"
    BAD_SIZE = "bad-size"
    TOO_LONG = "too-long"
    NO_REFERENCE = "no-reference"
    REFERENCE_MISSING = "reference-missing"
    REFERENCE_UNREADABLE = "reference-unreadable"
    REFERENCE_OUTSIDE = "reference-outside"
    REFERENCE_ASPECT = "reference-aspect"
    REFERENCE_MISFIT = "reference-misfit"
    NO_REGION = "no-region"
    SCENE_CHANGED = "scene-changed"
    NO_VIEWPORT = "no-viewport"
    CAPTURE_FAILED = "capture-failed"
    # the disk
    DISK_FULL = "disk-full"
    NOT_WRITABLE = "not-writable"
    FILE_GONE = "file-gone"
    # the wire
    NO_DAEMON = "no-daemon"
    DAEMON_GONE = "daemon-gone"
    VERSION_MISMATCH = "version-mismatch"
    WRONG_KEY = "wrong-key"
    BAD_MESSAGE = "bad-message"
    UNKNOWN_KIND = "unknown-kind"
    NO_SESSION = "no-session"
    TOO_LARGE = "too-large"
    TIMEOUT = "timeout"
    # blobs and jobs
    NO_SUCH_JOB = "no-such-job"
    NO_SUCH_BLOB = "no-such-blob"
    BLOB_CORRUPT = "blob-corrupt"
    WRONG_STATE = "wrong-state"
    NO_SUCH_ENGINE = "no-such-engine"
    BAD_REQUEST = "bad-request"
    OUT_OF_MEMORY = "out-of-memory"
    NO_CARD = "no-card"
    WORKER_DIED = "worker-died"
    ENGINE_FAILED = "engine-failed"
    CANCELLED = "cancelled"
    # installing the daemon
    OFFLINE = "offline"
    INSTALL_FAILED = "install-failed"
    # landing
    LANDING_REFUSED = "landing-refused"
    INTERNAL = "internal"


# What to do now. The cause is written where the error is raised, with names and numbers in it.
REMEDY: dict[ErrorCode, str] = {
    ErrorCode.NO_CAMERA: "Add a camera to the scene, or choose one in the shot",
    ErrorCode.CAMERA_NOT_PERSPECTIVE: "Set the camera's lens type to Perspective",
    ErrorCode.EMPTY_RANGE: "Make the shot's last frame come after its first",
    ErrorCode.BAD_SIZE: "Choose a size from 64 to 8192 pixels a side",
    ErrorCode.TOO_LONG: "Make the shot shorter, or choose another engine",
    ErrorCode.NO_REFERENCE: "Pin at least one reference frame to the shot",
    ErrorCode.REFERENCE_MISSING: "Put the picture back, or choose another one for the reference",
    ErrorCode.REFERENCE_UNREADABLE: "Save the picture again as PNG or JPEG and pin that",
    ErrorCode.REFERENCE_OUTSIDE: "Move the reference inside the shot's range, or make the range longer",
    ErrorCode.REFERENCE_ASPECT: "Crop the picture to the shot's aspect, or give the shot the picture's aspect",
    ErrorCode.REFERENCE_MISFIT: "Pin the picture to the frame that it shows, or switch Fit References off in Options",
    ErrorCode.NO_REGION: "Choose what the region is made of, or set it to Everything",
    ErrorCode.SCENE_CHANGED: "Press Shoot again and leave the scene alone until capture is done",
    ErrorCode.NO_VIEWPORT: "Open a 3D viewport in this window, or capture without one",
    ErrorCode.CAPTURE_FAILED: "Look at the system console for the cause, then press Shoot again",
    ErrorCode.DISK_FULL: "Free some space, or move Second Unit's folder to another disk in the preferences",
    ErrorCode.NOT_WRITABLE: "Choose a folder that you may write to in the preferences",
    ErrorCode.FILE_GONE: "Fetch the take again from the takes list while the daemon still keeps it",
    ErrorCode.NO_DAEMON: "Start the daemon from the panel, or run: second-unit serve",
    ErrorCode.DAEMON_GONE: "Start the daemon again; finished and queued jobs are kept",
    ErrorCode.VERSION_MISMATCH: "Update the older of the two, the add-on or the daemon",
    ErrorCode.WRONG_KEY: "Use the connection file that this daemon wrote, or restart the daemon to write a new one",
    ErrorCode.BAD_MESSAGE: "Update the add-on and the daemon to the same version",
    ErrorCode.UNKNOWN_KIND: "Update the daemon; it does not know this request",
    ErrorCode.NO_SESSION: "Say hello first; a client does so by itself after the daemon has started again",
    ErrorCode.TOO_LARGE: "Make the shot smaller or shorter",
    ErrorCode.TIMEOUT: "See whether the daemon is still running: second-unit status",
    ErrorCode.NO_SUCH_JOB: "Refresh the queue; the daemon has no job of that number",
    ErrorCode.NO_SUCH_BLOB: "Shoot again; the daemon no longer has the data",
    ErrorCode.BLOB_CORRUPT: "Try again; if it repeats, check the disk",
    ErrorCode.WRONG_STATE: "Refresh the queue; the job has moved on",
    ErrorCode.NO_SUCH_ENGINE: "Choose another engine; this daemon does not have that one",
    ErrorCode.BAD_REQUEST: "Change the setting that is named and shoot again",
    ErrorCode.OUT_OF_MEMORY: "Choose a smaller size, fewer frames or another engine",
    ErrorCode.NO_CARD: "Use the engine Projection, or a daemon on a machine with a card",
    ErrorCode.WORKER_DIED: "Shoot again; if it repeats, run: second-unit doctor",
    ErrorCode.ENGINE_FAILED: "Read the daemon's log for the details: second-unit log",
    ErrorCode.CANCELLED: "Press Shoot to start again",
    ErrorCode.OFFLINE: "Allow online access in Blender's preferences (System), check the network, and try again",
    ErrorCode.INSTALL_FAILED: "Press Install again; if it repeats, install it by hand as the user guide says",
    ErrorCode.LANDING_REFUSED: "Finish what Blender is doing; the clip lands by itself after that",
    ErrorCode.INTERNAL: "Send the daemon's log with a report: second-unit doctor",
}


@frozen
class ErrorInfo:
    """An error as data: what happened (cause), to which shot, and what to do now (remedy)."""

    code: ErrorCode
    cause: str
    remedy: str
    shot: str = ""

    def sentence(self) -> str:
        """One line for a panel or a terminal."""
        subject = f"{self.shot}: " if self.shot else ""
        return f"{subject}{self.cause.rstrip('.')}. {self.remedy}"
