# SPDX-License-Identifier: GPL-3.0-or-later
"""A server on loopback that answers as the models' hub does, as far as its library asks: facts of a repository, files.

Files lie below the folder of their repository; ``gated`` ones answer as those do that one has no access to.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 10_000  # bytes from which on a file is named by its SHA-256, as large ones are there


class Hub:
    """``repositories``: owner/name -> folder, all at ``commit``; ``older``: folders of commits before it.

    ``asked``: files that were sent; ``cut_at`` ends a large one early, ``pause_at`` holds it there until
    :meth:`resume`; after ``down_after`` large ones nothing is answered any more.
    """

    def __init__(self) -> None:
        self.repositories: dict[str, Path] = {}
        self.commit = COMMIT
        self.older: dict[str, Path] = {}
        self.gated: set[str] = set()
        self.asked: list[str] = []
        self.ranges: list[str] = []
        self.cut_at: int | None = None
        self.pause_at: int | None = None
        self.down_after: int | None = None
        self._go_on = threading.Event()
        self.address = ""

    def resume(self) -> None:
        self.pause_at = None
        self._go_on.set()

    def wait(self) -> None:
        self._go_on.wait(120)


def names_of(path: Path) -> tuple[str, bool]:
    """(what the hub calls the file's content, whether it is a large one)."""
    content = path.read_bytes()
    if len(content) >= LARGE:
        return hashlib.sha256(content).hexdigest(), True
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest(), False


@contextmanager
def serve_hub() -> Iterator[Hub]:
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        start = 0  # where in its file an answer begins

        def log_message(self, *_: object) -> None:
            """Nothing: pytest's output is for pytest."""

        def do_HEAD(self) -> None:
            self.answer(body=False)

        def do_GET(self) -> None:
            self.answer(body=True)

        def answer(self, body: bool) -> None:
            path = self.path.partition("?")[0]
            if hub.down_after == 0:
                return self.refuse(503, "Down")
            for repository, folder in hub.repositories.items():
                for start in (f"/api/models/{repository}/tree/", f"/api/models/{repository}/revision/"):
                    if path.startswith(start):
                        return self.told(repository, folder, path.removeprefix(start), "/tree/" in start)
                if path.startswith(f"/api/models/{repository}"):
                    return self.facts(repository, folder, hub.commit)
                if path.startswith(f"/{repository}/resolve/"):
                    revision, _, name = path.removeprefix(f"/{repository}/resolve/").partition("/")
                    folder = hub.older.get(revision, folder)
                    commit = revision if revision in hub.older else hub.commit
                    return self.file(repository, folder / name, name, commit, body)
            return self.refuse(404, "RepoNotFound")

        def told(self, repository: str, folder: Path, revision: str, files: bool) -> None:
            if revision not in ("main", hub.commit, *hub.older):
                return self.refuse(404, "RevisionNotFound")
            folder = hub.older.get(revision, folder)
            commit = revision if revision in hub.older else hub.commit
            return self.tree(folder) if files else self.facts(repository, folder, commit)

        def facts(self, repository: str, folder: Path, commit: str) -> None:
            siblings = []
            for path in sorted(file for file in folder.rglob("*") if file.is_file()):
                digest, large = names_of(path)
                size = path.stat().st_size
                told = {"rfilename": path.relative_to(folder).as_posix(), "size": size, "blobId": digest[:40]}
                if large:
                    told["lfs"] = {"sha256": digest, "size": size, "pointerSize": 130}
                siblings.append(told)
            self.send(json.dumps({"id": repository, "sha": commit, "siblings": siblings}).encode(), {})

        def tree(self, folder: Path) -> None:
            entries = []
            for path in sorted(file for file in folder.rglob("*") if file.is_file()):
                digest, large = names_of(path)
                size, name = path.stat().st_size, path.relative_to(folder).as_posix()
                told = {"type": "file", "path": name, "size": size, "oid": digest[:40]}
                if large:
                    told["lfs"] = {"oid": digest, "size": size, "pointerSize": 130}
                entries.append(told)
            self.send(json.dumps(entries).encode(), {})

        def file(self, repository: str, path: Path, name: str, commit: str, body: bool) -> None:
            if repository in hub.gated:
                return self.refuse(403, "GatedRepo")
            if not path.is_file():
                return self.refuse(404, "EntryNotFound")
            digest, large = names_of(path)
            content = path.read_bytes()
            self.start = 0
            headers = {"ETag": f'"{digest}"', "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
            status = 200
            if body:
                hub.asked.append(name)
                if wanted := self.headers.get("Range"):
                    hub.ranges.append(wanted)
                    self.start = int(wanted.removeprefix("bytes=").partition("-")[0])
                    headers["Content-Range"] = f"bytes {self.start}-{len(content) - 1}/{len(content)}"
                    content, status = content[self.start :], 206
                elif large and hub.cut_at is not None and len(content) > hub.cut_at:
                    hub.down_after = hub.down_after and hub.down_after - 1
                    self.send(content, headers, sent=content[: hub.cut_at])
                    self.close_connection = True
                    return None
            return self.send(content, headers, status, body=body)

        def send(self, content: bytes, headers: dict, status: int = 200, body: bool = True, sent=None) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if not body:
                return
            content = content if sent is None else sent
            if hub.pause_at is not None and self.start + len(content) > hub.pause_at:
                self.wfile.write(content[: max(hub.pause_at - self.start, 0)])
                hub.wait()

                self.close_connection = True
                return
            self.wfile.write(content)

        def refuse(self, status: int, code: str) -> None:
            self.send(b"{}", {"X-Error-Code": code, "X-Error-Message": code}, status)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
