"""One mastodon-mock for a test run: a server by somebody else, emptied before each test."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

READY_S = 60
TOKEN = "mock_token"


class MockServer:
    """A running mock. Its own clock is the real one."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._before = 0

    def asks(self, method: str, path: str, said: object = None) -> object:
        """One request of the test itself; gives the JSON."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
            connection.request(method, path, json.dumps(said) if said else None, headers)
            return json.loads(connection.getresponse().read() or b"null")

    def reset(self) -> None:
        """As after its start: no statuses of ours, no faults."""
        self.asks("DELETE", "/api/v1/_mock/faults")
        self.asks("POST", "/api/v1/_mock/reset")
        self._before = self._count()

    def public(self) -> int:
        """How many statuses there are since the reset."""
        return self._count() - self._before

    def _count(self) -> int:
        return self.asks("GET", "/nodeinfo/2.0")["usage"]["localPosts"]

    def faults(self, method: str, path: str, count: int = 1, **effect: object) -> None:
        """The next requests of this kind fail."""
        match = {"methods": [method], "path": path}
        self.asks(
            "POST", "/api/v1/_mock/faults", {"match": match, "effect": effect, "count": count}
        )

    def statuses(self) -> list[dict]:
        """Ours, the newest first."""
        me = self.asks("GET", "/api/v1/accounts/verify_credentials")["id"]
        return self.asks("GET", f"/api/v1/accounts/{me}/statuses?limit=40")


@contextlib.contextmanager
def mock_server(folder: Path):
    """Starts one in a process of its own and ends it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).parent / "mastodon_mock"), "serve", "--in-memory"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    with open(folder / "mock.log", "wb") as log:
        running = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        made = MockServer(port)
        until = time.monotonic() + READY_S
        while True:
            try:
                made.asks("GET", "/api/v2/instance")
                break
            except OSError:
                assert running.poll() is None and time.monotonic() < until, "it did not start"
                time.sleep(0.05)
        yield made
    finally:
        running.kill()  # a hung request would make it wait
        running.wait()
