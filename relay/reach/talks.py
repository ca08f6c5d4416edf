"""What is said to a proxy before it carries anything: bytes to say and to hear, without a socket.

A talk is a generator. It gives bytes, which are to be sent, or a number, for which it wants exactly
so many bytes: never one more, since what comes after them is the other host's. It raises Unreached.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable, Callable, Generator
from ipaddress import IPv4Address, ip_address
from typing import Final

from relay.reach.failing import Unreached
from relay.rules.routes import Failure

Talk = Generator[bytes | int, bytes, None]

Login = tuple[bytes, bytes]
"""User and password."""

MAX_HEAD_BYTES: Final = 8192
"""Of an answer to CONNECT: proxies say a line or two."""

# ---------------------------------------------------------------- SOCKS5

_REPLIES: Final[dict[int, Failure]] = {
    1: "unreachable",  # also a name that has no address, and Tor's word for a private address
    2: "proxy",  # not allowed by its rules
    3: "unreachable",
    4: "unreachable",
    5: "refused",
    6: "timed out",  # Tor's word for a circuit that is not had
}
"""RFC 1928, 6. The others are of a proxy that cannot do what we ask."""

_NONE, _BY_PASSWORD = 0, 2


def socks5(host: str, port: int, login: Login | None, *, must: bool = True) -> Talk:
    """A connection to a host, whose name the proxy looks up (RFC 1928). ``must``: with this login
    (RFC 1929) or not at all; else it is offered, and a proxy that asks for none is fine."""
    methods = ([] if login and must else [_NONE]) + ([_BY_PASSWORD] if login else [])
    yield bytes([5, len(methods), *methods])
    version, method = yield 2
    if version != 5 or method not in methods:
        raise Unreached("proxy")
    if login and method == _BY_PASSWORD:
        yield from _logged_in(*login)
    yield b"\x05\x01\x00" + _address_of(host) + port.to_bytes(2, "big")
    version, reply, _, kind = yield 4
    if version != 5:
        raise Unreached("proxy")
    if reply:
        raise Unreached(_REPLIES.get(reply, "proxy"))
    if kind == 3:
        [length] = yield 1
    elif kind in (1, 4):
        length = 4 * kind
    else:
        raise Unreached("proxy")
    yield length + 2


def _logged_in(user: bytes, password: bytes) -> Talk:
    if not 1 <= len(user) <= 255 or len(password) > 255:
        raise Unreached("proxy")
    yield bytes([1, len(user)]) + user + bytes([len(password)]) + password
    version, status = yield 2
    if version != 1 or status:
        raise Unreached("proxy")


def _address_of(host: str) -> bytes:
    try:
        at = ip_address(host)
    except ValueError:
        name = _ascii(host)
        if not 1 <= len(name) <= 255:
            raise Unreached("dns") from None
        return bytes([3, len(name)]) + name
    return bytes([1 if isinstance(at, IPv4Address) else 4]) + at.packed


def _ascii(host: str) -> bytes:
    try:
        return host.encode("ascii")
    except UnicodeEncodeError:
        pass
    try:
        return host.encode("idna")
    except UnicodeError:
        raise Unreached("dns") from None


# ---------------------------------------------------------------- HTTP CONNECT

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: [^\r\n]*)?\r?\n")


def tunnel(host: str, port: int, login: Login | None) -> Talk:
    """A tunnel to a host through a proxy of HTTP (RFC 9110, 9.3.6; Basic: RFC 7617)."""
    name = _ascii(host)
    at = b"%b:%d" % (b"[%b]" % name if b":" in name else name, port)
    lines = [b"CONNECT %b HTTP/1.1" % at, b"Host: %b" % at]
    if login:
        basic = base64.b64encode(b":".join(login))
        lines.append(b"Proxy-Authorization: Basic " + basic)
    yield b"\r\n".join((*lines, b"", b""))
    room = MAX_HEAD_BYTES
    while True:
        head = yield from _head(room)
        room -= len(head)
        found = _STATUS.match(head)
        if found is None:
            raise Unreached("proxy")
        status = int(found[1])
        if status >= 200:
            break  # before it, any number of others may come (RFC 9110, 15.2)
    if status >= 300:
        raise Unreached(_refused(status))


def _refused(status: int) -> Failure:
    """A proxy that cannot reach the host answers with a 5xx; what else it says is a page."""
    if status in (401, 407):  # tinyproxy says 401 to a wrong login
        return "proxy"
    if status == 504:
        return "timed out"
    return "unreachable" if status >= 500 else "block page"


def _head(room: int) -> Generator[int, bytes, bytes]:
    """Up to the empty line, and not a byte of what follows it: read by as many bytes as must still
    come. A single LF ends a line as well (RFC 9112, 2.2)."""
    head = b""
    while not head.endswith((b"\n\r\n", b"\n\n")):
        if len(head) >= room or not head.startswith(b"HTTP/"[: len(head)]):
            raise Unreached("proxy")
        head += yield 1 if head.endswith((b"\n", b"\n\r")) else 2
    return head


# ---------------------------------------------------------------- holding one


async def held(
    talk: Talk, say: Callable[[bytes], Awaitable[None]], hear: Callable[[int], Awaitable[bytes]]
) -> None:
    """Hold a talk over a connection. ``hear`` gives exactly as many bytes as it is asked for, or
    raises."""
    step = next(talk)
    while True:
        heard = b""
        if isinstance(step, int):
            heard = await hear(step)
        else:
            await say(step)
        try:
            step = talk.send(heard)
        except StopIteration:
            return
