"""How the command line talks to a running node: a unix socket in its data folder, JSON by lines.

One request a connection, a line of at most 64 KiB; then a line ``{"answer": ...}`` for each
answer, and at last ``{"end": true}``, or ``{"refusal": why, "exit": code}``, which is raised at the
client as ``Asked``. Only the user who runs the node, and root, are heard (SO_PEERCRED, unix(7)).
"""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import trio

from relay.errors import Asked, NoNode, OutwordError
from relay.sockets import bound, is_ours, short

MAX_LINE = 64 * 1024
REQUEST_S = 10.0
"""Seconds a client has for its request."""

ANSWER_S = 30.0
"""Seconds a client has to read one answer, before it is left alone."""

AT_ONCE = 32
"""Clients that are heard at a time; the next one waits."""

FAILED = "the relay failed at this order, and goes on; try again"

Answers = Callable[[Mapping[str, Any]], AsyncGenerator[Mapping[str, Any], None]]


def listen(path: Path) -> socket.socket:
    """A listening socket at ``path``, for this user alone; what lay there is taken away."""
    sock = bound(path)
    sock.listen(16)
    return sock


async def serve(
    listening: socket.socket,
    answers: Answers,
    *,
    request_s: float = REQUEST_S,
    answer_s: float = ANSWER_S,
) -> None:
    """Answer requests until cancelled. Nothing that a client does, or fails to do, ends this."""
    listening.setblocking(False)
    listener = trio.SocketListener(trio.socket.from_stdlib_socket(listening))
    slots = trio.CapacityLimiter(AT_ONCE)

    async def one(stream: trio.SocketStream) -> None:
        try:
            async with slots:
                await _answer(stream, answers, request_s, answer_s)
        except (trio.BrokenResourceError, trio.ClosedResourceError, trio.TooSlowError):
            pass  # the client is gone, or asleep
        finally:
            await trio.aclose_forcefully(stream)

    await trio.serve_listeners(one, [listener])


async def _answer(
    stream: trio.SocketStream, answers: Answers, request_s: float, answer_s: float
) -> None:
    async def say(answer: Mapping[str, Any]) -> None:
        with trio.fail_after(answer_s):
            await stream.send_all(_written(answer))

    if not is_ours(stream.socket):
        return
    with trio.fail_after(request_s):
        line = await _line(stream)
    if not line:
        return
    try:
        async with contextlib.aclosing(answers(_request(line))) as all_of_them:
            async for answer in all_of_them:
                await say({"answer": answer})
        await say({"end": True})
    except OutwordError as error:
        await say({"refusal": str(error), "exit": error.exit_code})
    except (trio.BrokenResourceError, trio.ClosedResourceError, trio.TooSlowError):
        raise
    except Exception:  # one order that fails must not end the node; what it met is not told
        await say({"refusal": FAILED, "exit": OutwordError.exit_code})


async def _line(stream: trio.SocketStream) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        more = await stream.receive_some(4096)
        if not more or len(line) + len(more) > MAX_LINE:
            return b""
        line += more
    return line


def _request(line: bytes) -> Mapping[str, Any]:
    """The order of a line. Raises Asked."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        request = None
    if not isinstance(request, dict):
        raise Asked("that is no request")
    return request


def _written(answer: Mapping[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode() + b"\n"


def ask(path: Path, request: Mapping[str, Any], *, timeout_s: float = 60) -> Iterator[Any]:
    """Send a request to the node whose socket this is; yields its answers as they come.

    Raises NoNode if none listens, Asked if it refuses.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(timeout_s)
    with sock:
        try:
            with short(path) as name:
                sock.connect(name)
            sock.sendall(_written(request))
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
