# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast blobs reach the daemon, against bare ZeroMQ: ``python -m tests.bench.bench_upload [megabytes] [rounds]``.

Both move the same bytes in the same chunks over loopback between two processes, encrypted by CURVE. The bare one is
PUSH/PULL from memory to nowhere; the upload reads files, keeps to its credit, hashes, and writes to disk. Must reach
half of the bare rate. The two take turns, and the median of the rounds' ratios counts.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from statistics import median

import zmq
from second_unit_daemon.blobs.store import BlobStore
from second_unit_daemon.server.keys import Keys
from second_unit_daemon.server.server import Server
from second_unit_protocol.blobs import blob_of_bytes
from second_unit_protocol.client import BlockingClient
from second_unit_protocol.messages import CHUNK_BYTES, CREDIT_CHUNKS

from tests.protocol.fakes import FakeService

MEGABYTE = 1 << 20
BLOBS = 8  # as many files; captured planes are about as large as this makes them
REQUIRED = 0.5


def pull(pipe: Pipe, keys: Keys, chunks: int) -> None:
    """Child process: receives ``chunks`` messages, then says so."""
    socket = zmq.Context().socket(zmq.PULL)
    socket.curve_server, socket.rcvhwm = True, CREDIT_CHUNKS
    socket.curve_publickey, socket.curve_secretkey = keys.server.public.encode(), keys.server.secret.encode()
    pipe.send(socket.bind_to_random_port("tcp://127.0.0.1"))
    for _ in range(chunks):
        socket.recv(copy=False)
    pipe.send("done")


def serve(pipe: Pipe, keys: Keys, root: Path) -> None:
    """Child process: a server with a real blob store."""
    server = Server(FakeService(), BlobStore(root), keys)
    pipe.send(server.connection(os.getpid()))
    server.run()


def bare_seconds(pieces: list[bytes]) -> float:
    keys = Keys.new()
    near, far = multiprocessing.Pipe()
    child = multiprocessing.Process(target=pull, args=(far, keys, len(pieces)), daemon=True)
    child.start()
    with zmq.Context() as context, context.socket(zmq.PUSH) as socket:
        socket.sndhwm = CREDIT_CHUNKS
        socket.curve_serverkey = keys.server.public.encode()
        socket.curve_publickey, socket.curve_secretkey = keys.owner.public.encode(), keys.owner.secret.encode()
        socket.connect(f"tcp://127.0.0.1:{near.recv()}")
        socket.poll(10_000, zmq.POLLOUT)
        began = time.perf_counter()
        for piece in pieces:
            socket.send(piece, copy=False)
        near.recv()
        seconds = time.perf_counter() - began
    child.join(10)
    return seconds


def upload_seconds(folder: Path, blobs: list[bytes]) -> float:
    files = []
    for number, content in enumerate(blobs):
        path = folder / f"blob{number}"
        path.write_bytes(content)
        files.append((blob_of_bytes(content), path))
    near, far = multiprocessing.Pipe()
    child = multiprocessing.Process(target=serve, args=(far, Keys.new(), folder / "store"), daemon=True)
    child.start()
    with BlockingClient(near.recv()) as daemon:
        daemon.upload(())  # the bulk connection is up, as the bare one's is
        began = time.perf_counter()
        daemon.upload(files)
        seconds = time.perf_counter() - began
    child.terminate()
    child.join(10)
    return seconds


def main(megabytes: int = 256, rounds: int = 5) -> float:
    """Prints both rates; returns the median over the rounds of upload ÷ bare."""
    each = megabytes * MEGABYTE // BLOBS
    bare, upload = [], []
    for _ in range(rounds):
        blobs = [os.urandom(each) for _ in range(BLOBS)]
        pieces = [blob[i : i + CHUNK_BYTES] for blob in blobs for i in range(0, each, CHUNK_BYTES)]
        bare.append(megabytes / bare_seconds(pieces))
        with tempfile.TemporaryDirectory() as folder:
            upload.append(megabytes / upload_seconds(Path(folder), blobs))
    ratio = median(u / b for u, b in zip(upload, bare, strict=True))
    print(f"{megabytes} MB in {BLOBS} blobs, {CHUNK_BYTES >> 10} KB chunks, credit {CREDIT_CHUNKS}, {rounds} rounds")
    print(f"bare PUSH/PULL with CURVE  {median(bare):5.0f} MB/s  ({min(bare):.0f}–{max(bare):.0f})")
    print(f"upload, hashed, on disk    {median(upload):5.0f} MB/s  ({min(upload):.0f}–{max(upload):.0f})")
    print(f"ratio {ratio:.2f} (must reach {REQUIRED})")
    return ratio


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    sys.exit(main(*map(int, sys.argv[1:])) < REQUIRED)
