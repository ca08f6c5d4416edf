"""mastodon-mock, a server written by others, in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from relay.testing.senders import request

TOKEN = "mock_token"
READY_S = 30.0


@contextmanager
def mock_server(folder: Path) -> Iterator[str]:
    """Its base URL, while the block lasts. It starts with statuses of its own accounts."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "mastodon_mock", "serve", "--in-memory"]
    with (folder / "mock.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--log-level", "error"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env={**os.environ, "HOST": "127.0.0.1"},
        )
    try:
        until = time.monotonic() + READY_S
        while not _ready(base):
            assert process.poll() is None, "the mock ended"
            assert time.monotonic() < until, "the mock did not start"
            time.sleep(0.1)
        yield base
    finally:
        process.kill()
        process.wait()


def _ready(base: str) -> bool:
    try:
        return request("GET", f"{base}/api/v2/instance")[0] == 200
    except OSError:
        return False
