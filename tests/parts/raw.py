"""Clients that keep every byte they are told, so that a test can say: this, and nothing else."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable
from threading import Thread
from urllib.parse import urlsplit

from relay.testing.gateways import Post

TIMEOUT_S = 30.0


def talked(
    address: tuple[str, int], said: Iterable[bytes], *, client: str = "127.0.0.1"
) -> list[bytes]:
    """A dialogue of lines (SMTP, LMTP): the greeting, the answer to each thing said, and what comes
    after the last of them, if anything does. ``client``: an address of this machine."""
    with (
        socket.create_connection(address, TIMEOUT_S, source_address=(client, 0)) as sock,
        sock.makefile("rb") as stream,
    ):

        def answer() -> bytes:
            lines = [stream.readline()]
            while lines[-1][3:4] == b"-":
                lines.append(stream.readline())
            return b"".join(lines)

        answers = [answer()]
        for what in said:
            sock.sendall(what)
            answers.append(answer())
        sock.shutdown(socket.SHUT_WR)
        rest = stream.read()
    return [*answers, rest] if rest else answers


def brought(base: str, post: Post) -> bytes:
    """All that comes back for one HTTP request, until the other side has no more to say. ``base``
    is where it is brought, whatever address it was meant for."""
    at = urlsplit(base)
    head = {"host": urlsplit(post.url).netloc, "connection": "close", **post.headers}
    head["content-length"] = str(len(post.body))
    lines = [f"{post.method} {post.target} HTTP/1.1", *(f"{k}: {v}" for k, v in head.items())]
    whole = "\r\n".join(lines).encode() + b"\r\n\r\n" + post.body
    with socket.create_connection((at.hostname, at.port), TIMEOUT_S) as sock:
        sock.sendall(whole)
        return b"".join(iter(lambda: sock.recv(65536), b""))


class Tap:
    """Stands between a client and a server at a port of this machine; ``heard`` is all that clients
    said, connection after connection."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._sock = socket.create_server(("127.0.0.1", 0))
        self._open = [self._sock]
        self._said: list[bytearray] = []
        self.port = int(self._sock.getsockname()[1])

    @property
    def heard(self) -> list[bytes]:
        return [bytes(one) for one in self._said]

    def __enter__(self) -> Tap:
        Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                ours, _ = self._sock.accept()
                theirs = socket.create_connection(("127.0.0.1", self._to))
                self._open += [ours, theirs]
                self._said.append(bytearray())
                for source, to, kept in (
                    (ours, theirs, self._said[-1]),
                    (theirs, ours, bytearray()),
                ):
                    source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    Thread(target=self._pass, args=(source, to, kept), daemon=True).start()

    @staticmethod
    def _pass(source: socket.socket, to: socket.socket, kept: bytearray) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                kept += chunk
                to.sendall(chunk)
        with contextlib.suppress(OSError):
            to.shutdown(socket.SHUT_RDWR)
