"""A connection over the ways for a thread that may wait: IMAP's library knows nothing else."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from typing import TypeVar

from relay.reach.failing import Unreached, is_odd, kind_of, most_telling
from relay.reach.loopback import is_loopback
from relay.reach.pins import hold
from relay.reach.race import MOST_ADDRESSES, can_be
from relay.reach.routes import Routes
from relay.reach.talks import Talk
from relay.reach.through import cut, talk_of
from relay.reach.trying import Tries
from relay.reach.way import Target, Way
from relay.rules.routes import Failure

T = TypeVar("T")


def connected(
    routes: Routes,
    host: str,
    port: int,
    *,
    tls: ssl.SSLContext | None,
    timeout_s: float,
    pins: frozenset[bytes] = frozenset(),
) -> socket.socket:
    """A socket by the first way that has a connection, under TLS where ``tls`` is given; it waits
    for ``timeout_s`` from then on. Raises NotSent.

    Without ``tls`` the host must be this machine, and a proxy on the way there as well; else
    ValueError. How long a name is looked up is the system's affair.
    """
    return greeted(routes, host, port, _itself, tls=tls, timeout_s=timeout_s, pins=pins)


def greeted(
    routes: Routes,
    host: str,
    port: int,
    greet: Callable[[socket.socket], T],
    *,
    tls: ssl.SSLContext | None,
    timeout_s: float,
    pins: frozenset[bytes] = frozenset(),
) -> T:
    """As ``connected``, for a host that speaks first: what ``greet`` makes of the socket. An
    OSError of it is a failure of the way, for some filters cut only what has begun; what else it
    raises ends the call."""
    if tls is None and not is_loopback(host):
        raise ValueError("without TLS only to this machine")
    target = Target(host, port, tls, pins)
    tries = Tries(routes, target, connect_s=timeout_s, timeout_s=timeout_s, clear=tls is None)
    for way, within_s in tries:
        with tries.by(way):
            line = _by(way, target, routes, time.monotonic() + within_s)
            line.settimeout(timeout_s)
            made = _made_of(line, greet)
            tries.worked(way)
            return made
    raise tries.no_way()


def _itself(line: socket.socket) -> socket.socket:
    return line


def _made_of(line: socket.socket, greet: Callable[[socket.socket], T]) -> T:
    try:
        return greet(line)
    except OSError as error:
        cut(line)
        line.close()
        raise Unreached(kind_of(error)) from None
    except BaseException:
        line.close()
        raise


def _by(way: Way, target: Target, routes: Routes, until: float) -> socket.socket:
    if way.kind == "direct":
        line, odd = _direct(target.host, target.port, until)
    else:
        line, odd = _by_proxy(way, target, routes, until), False
    if target.tls is None:
        return line
    try:
        line.settimeout(_left_s(until))
        under = target.tls.wrap_socket(line, server_hostname=target.host)
    except OSError as error:
        cut(line)
        line.close()
        raise Unreached("dns" if odd else kind_of(error)) from None
    try:
        hold(under, target.pins)
    except Unreached:
        under.close()
        raise
    return under


def _direct(host: str, port: int, until: float) -> tuple[socket.socket, bool]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreached("dns") from None
    there = [str(at[0]) for *_, at in found if can_be(host, str(at[0]))][:MOST_ADDRESSES]
    odd = any(is_odd(host, address) for address in there) or not there
    failures: list[Failure] = []
    for place, address in enumerate(there):
        try:
            share_s = _left_s(until) / (len(there) - place)
            return socket.create_connection((address, port), share_s), odd
        except OSError as error:
            failures.append(kind_of(error))
    raise Unreached("dns" if odd else most_telling(failures))


def _by_proxy(way: Way, target: Target, routes: Routes, until: float) -> socket.socket:
    try:
        line, _ = _direct(way.host, way.port, until)
    except Unreached:
        raise Unreached("proxy") from None
    try:
        _hold(talk_of(way, target.host, target.port, routes.login(way)), line, until)
    except TimeoutError:
        cut(line)
        line.close()
        raise Unreached("timed out") from None
    except (OSError, Unreached) as error:
        line.close()
        raise Unreached(error.failure if isinstance(error, Unreached) else "proxy") from None
    return line


def _hold(talk: Talk, line: socket.socket, until: float) -> None:
    """As ``talks.held``."""
    step = next(talk)
    while True:
        heard = b""
        if isinstance(step, int):
            heard = _heard(line, step, until)
        else:
            line.settimeout(_left_s(until))
            line.sendall(step)
        try:
            step = talk.send(heard)
        except StopIteration:
            return


def _heard(line: socket.socket, wanted: int, until: float) -> bytes:
    got = b""
    while len(got) < wanted:
        line.settimeout(_left_s(until))
        more = line.recv(wanted - len(got))
        if not more:
            raise Unreached("proxy")
        got += more
    return got


def _left_s(until: float) -> float:
    """Raises TimeoutError where none are left: a socket that waits for 0 s would not wait."""
    left_s = until - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return left_s
