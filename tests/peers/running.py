"""Starts a server by somebody else in a folder of its own, waits until it answers, and ends it."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SERVERS = Path(__file__).parent.parent.parent / ".servers"
READY_S = 90


def free_port() -> int:
    """A port of 127.0.0.1 for a server that cannot choose one. It is none of those that a system
    gives out by itself (Linux: 32768 on), so that nobody is given it before the server starts."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port


def asked(
    method: str,
    url: str,
    said: object = None,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> tuple[int, Any, Mapping[str, str]]:
    """One request of the test itself: status, JSON (or text), headers."""
    to = urlsplit(url)
    connection = HTTPConnection(str(to.hostname), to.port, timeout=30)
    with closing(connection):
        sent = dict(headers or {})
        if said is not None:
            body = json.dumps(said).encode()
            sent.setdefault("Content-Type", "application/json")
        path = to.path + (f"?{to.query}" if to.query else "")
        connection.request(method, path or "/", body, sent)
        answer = connection.getresponse()
        got = answer.read()
        try:
            made: Any = json.loads(got)
        except ValueError:
            made = got
        return answer.status, made, {k.lower(): v for k, v in answer.getheaders()}


class Server:
    """A server in a folder of its own, which a test may kill and start anew."""

    def __init__(
        self,
        command: Sequence[str | Path],
        folder: Path,
        *,
        ready: str,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._command = [str(one) for one in command]
        self._folder = folder
        self._ready = ready
        self._env = {"PATH": os.environ["PATH"], "HOME": str(folder), **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers ``ready``, whatever it answers."""
        log = self._folder / "server.log"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        _wait(self._process, self._ready, log)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(20)

    def stop(self) -> None:
        """Let it end, for 20 seconds at most."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def running(
    command: Sequence[str | Path], folder: Path, *, ready: str, env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server while the block lasts."""
    server = Server(command, folder, ready=ready, env=env)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _wait(process: subprocess.Popen[bytes], ready: str, log: Path) -> None:
    until = time.monotonic() + READY_S
    to = urlsplit(ready)
    while time.monotonic() < until:
        if process.poll() is not None:
            raise AssertionError(f"it ended at once: {log.read_text(errors='replace')[-2000:]}")
        with suppress(OSError, HTTPException):
            if to.scheme == "http":
                asked("GET", ready)
            else:
                socket.create_connection((str(to.hostname), to.port or 0), 1).close()
            return
        time.sleep(0.1)
    raise AssertionError(f"it does not answer: {log.read_text(errors='replace')[-2000:]}")
