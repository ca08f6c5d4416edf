"""The core's end of the control socket (``relay.control`` has the client's, and what is said).

Whatever a client does or fails to do ends its own request and nothing else: it may be silent, send
garbage, read nothing, or go away.
"""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path
from typing import Any

import trio

from relay.control import MAX_LINE, written
from relay.errors import Asked, OutwordError
from relay.sockets import bound, is_ours

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
            await stream.send_all(written(answer))

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
