"""The sending side: smtp-source for load, and sessions of our own where we must know each mail.

smtp-source is Postfix's own load generator, so that the client favours the peer if anybody. Each
of its mails has another Message-ID; no two of ours are equal either: a repeat would be no new mail.
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from itertools import chain, count

TO = "post@example.org"
FROM = "sender@example.net"
BYTES = 1024
PROBE_PAUSE_S = 0.1
TIMEOUT_S = 60.0


def source(port: int, messages: int, sessions: int, *, kept: bool) -> float:
    """Send with smtp-source; the seconds it took. Raises RuntimeError if any was refused: it ends
    at the first answer that is not positive."""
    asked = ["smtp-source", "-s", str(sessions), "-m", str(messages), "-l", str(BYTES)]
    asked += ["-f", FROM, "-t", TO, "-M", "client.example.net", *(["-d"] if kept else [])]
    began = time.perf_counter()
    done = subprocess.run(
        [*asked, f"127.0.0.1:{port}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=600,
    )
    took_s = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"smtp-source: {done.stderr.decode(errors='replace')[-300:]}")
    return took_s


def mail(marker: str) -> bytes:
    """A mail of about 1 KiB with a word by which it is known again at the other end."""
    head = f"From: <{FROM}>\r\nTo: <{TO}>\r\nSubject: {marker}\r\n\r\n{marker}\r\n".encode()
    line = b"The bridge is open again, people cross it on foot and in cars.\r\n"
    return head + line * ((BYTES - len(head)) // len(line))


class Session:
    """One SMTP session, a command at a time. Use it as a block."""

    def __init__(self, port: int) -> None:
        self._sock = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines = self._sock.makefile("rb")

    def __enter__(self) -> Session:
        self._answer()
        self._say(b"EHLO client.example.net\r\n")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._say(b"QUIT\r\n")
        finally:
            self._lines.close()
            self._sock.close()

    def _say(self, said: bytes) -> int:
        self._sock.sendall(said)
        return self._answer()

    def _answer(self) -> int:
        line = self._lines.readline()
        while line[3:4] == b"-":
            line = self._lines.readline()
        if not line:
            raise ConnectionError("the session ended")
        return int(line[:3])

    def send(self, content: bytes) -> tuple[int, float]:
        """One mail: the last answer, and the seconds from DATA to it."""
        self._say(b"MAIL FROM:<%s>\r\n" % FROM.encode())
        self._say(b"RCPT TO:<%s>\r\n" % TO.encode())
        began = time.perf_counter()
        if self._say(b"DATA\r\n") != 354:
            raise ConnectionError("DATA was refused")
        code = self._say(content + b".\r\n")
        return code, time.perf_counter() - began


class Probe:
    """A slow session beside the load: how long one person waits. Use it as a block."""

    def __init__(self, port: int) -> None:
        self.waits_ms: list[float] = []
        self.error: Exception | None = None
        self._port = port
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="probe")

    def __enter__(self) -> Probe:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with Session(self._port) as session:
                self._measure(session)
        except (OSError, ValueError) as error:
            self.error = error

    def _measure(self, session: Session) -> None:
        for n in count():
            code, took_s = session.send(mail(f"probe-{os.getpid()}-{self._port}-{n}"))
            if code != 250:
                raise ConnectionError(f"the probe was answered {code}")
            self.waits_ms.append(1000 * took_s)
            if self._over.wait(PROBE_PAUSE_S):
                return


def marked(port: int, markers: list[str], sessions: int, *, kept: bool) -> list[str]:
    """Send these mails over so many sessions at once; the markers of those answered 250."""
    taken: list[str] = []
    left: Iterator[str] = iter(markers)
    turn = threading.Lock()

    def next_marker() -> str | None:
        with turn:
            return next(left, None)

    def run() -> None:
        while (first := next_marker()) is not None:
            with Session(port) as session:
                for marker in chain([first], iter(next_marker, None) if kept else ()):
                    if session.send(mail(marker))[0] == 250:
                        taken.append(marker)

    side_by_side(run, sessions)
    return taken


def side_by_side(act: Callable[[], None], n: int) -> None:
    """So many threads, all ended. Raises the first error of any."""
    errors: list[Exception] = []

    def guarded() -> None:
        try:
            act()
        except Exception as error:  # told to the caller below
            errors.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
