"""How the command line talks to a running node: a unix socket in its data folder, JSON by lines.

One request a connection, a line of at most 512 KiB; then a line ``{"answer": ...}`` for each
answer, and at last ``{"end": true}``, or ``{"refusal": why, "exit": code}``, which is raised at the
client as ``Asked``. Only the user who runs the node, and root, are heard (SO_PEERCRED, unix(7)).
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from relay.errors import Asked, NoNode
from relay.sockets import short

MAX_LINE = 512 * 1024
"""Bytes of the longest request: a bundle of keys in base64, and room around it."""


def written(line: Mapping[str, Any]) -> bytes:
    """A request or an answer, as it travels. What a terminal sent that is no UTF-8 (PEP 383) comes
    through as it is, so that the other side may refuse it by its name."""
    return json.dumps(line, ensure_ascii=False).encode(errors="surrogatepass") + b"\n"


def ask(path: Path, request: Mapping[str, Any], *, timeout_s: float = 60) -> Iterator[Any]:
    """Send a request to the node whose socket this is; yields its answers as they come.

    Raises NoNode if none listens, Asked if it refuses or the request is too long.
    """
    line = written(request)
    if len(line) > MAX_LINE:
        raise Asked("that is too long: nothing was changed")
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(timeout_s)
    with sock:
        try:
            with short(path) as name:
                sock.connect(name)
            sock.sendall(line)
        except OSError:
            raise NoNode from None
        yield from _answers(sock)


def _answers(sock: socket.socket) -> Iterator[Any]:
    with sock.makefile("rb") as lines:
        try:
            for line in lines:
                answer = json.loads(line)
                if "end" in answer:
                    return
                if "refusal" in answer:
                    refusal = Asked(answer["refusal"])
                    refusal.exit_code = answer["exit"]
                    raise refusal
                yield answer["answer"]
        except (OSError, ValueError, KeyError):
            raise NoNode("the relay ended while it answered; try again") from None
    raise NoNode("the relay ended while it answered; try again")
