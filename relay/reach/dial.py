"""Connections of asyncio's streams over the ways, for what is no HTTP: SMPP, handing in mail."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from functools import partial

from relay.reach.failing import Unreached, kind_of
from relay.reach.loopback import is_loopback
from relay.reach.pins import hold
from relay.reach.race import reached
from relay.reach.routes import Routes
from relay.reach.talks import held
from relay.reach.through import cut, talk_of
from relay.reach.trying import Tries
from relay.reach.way import Target, Way

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]

LIMIT_BYTES = 65536


async def opened(
    routes: Routes,
    host: str,
    port: int,
    *,
    tls: ssl.SSLContext | None,
    timeout_s: float,
    pins: frozenset[bytes] = frozenset(),
    first: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]] | None = None,
    limit: int = LIMIT_BYTES,
) -> Ends:
    """Both directions of a new connection by the first way that has one. Raises NotSent.

    ``first`` is what is said in the clear before TLS (STARTTLS): what it raises of its own ends the
    call, OSError and Unreached go on with the next way. ``limit``: bytes of a line, at most.
    Without ``tls`` the host must be this machine, and a proxy on the way as well; else ValueError.
    """
    if tls is None and not is_loopback(host):
        raise ValueError("without TLS only to this machine")
    target = Target(host, port, None if first else tls, pins)
    tries = Tries(routes, target, connect_s=timeout_s, timeout_s=timeout_s, clear=tls is None)
    for way, within_s in tries:
        with tries.by(way):
            until = asyncio.get_running_loop().time() + within_s
            ends, odd = await _dialled(routes, way, target, until, limit)
            await _greeted(ends, target, tls, first, until, odd=odd)
            tries.worked(way)
            return ends
    raise tries.no_way()


async def _dialled(
    routes: Routes, way: Way, target: Target, until: float, limit: int
) -> tuple[Ends, bool]:
    """A connection by a way, before TLS, and whether it led somewhere odd."""

    def to(host: str, port: int) -> Awaitable[tuple[Ends, bool]]:
        connect = partial(asyncio.open_connection, port=port, limit=limit)
        left_s = until - asyncio.get_running_loop().time()
        return reached(host, port, left_s, connect, _abort)

    if way.kind == "direct":
        return await to(target.host, target.port)
    try:
        ends, _ = await to(way.host, way.port)
    except Unreached:
        raise Unreached("proxy") from None
    talk = talk_of(way, target.host, target.port, routes.login(way))
    try:
        async with asyncio.timeout_at(until):
            await held(talk, partial(_say, ends[1]), ends[0].readexactly)
    except TimeoutError:
        await _abort(ends)
        raise Unreached("timed out") from None
    except (OSError, EOFError):
        await _abort(ends)
        raise Unreached("proxy") from None
    except BaseException:
        await _abort(ends)
        raise
    return ends, False


async def _greeted(
    ends: Ends,
    target: Target,
    tls: ssl.SSLContext | None,
    first: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]] | None,
    until: float,
    *,
    odd: bool,
) -> None:
    """TLS, if it is asked for, after what is said in the clear."""
    writer = ends[1]
    try:
        async with asyncio.timeout_at(until):
            if first is not None:
                await first(*ends)
            if tls is not None:
                if getattr(ends[0], "_buffer", b""):  # it would be read as if it came under TLS
                    raise Unreached("block page")
                await writer.start_tls(tls, server_hostname=target.host)
                hold(writer.get_extra_info("ssl_object"), target.pins)
    except (OSError, EOFError, Unreached) as error:
        await _abort(ends)
        raise Unreached("dns" if odd else kind_of(error)) from None
    except BaseException:
        await _abort(ends)
        raise


async def _say(writer: asyncio.StreamWriter, said: bytes) -> None:
    writer.write(said)
    await writer.drain()


async def _abort(ends: Ends) -> None:
    """End it at once, and let the loop do so."""
    cut(ends[1].get_extra_info("socket"))
    ends[1].transport.abort()
    await asyncio.sleep(0)
