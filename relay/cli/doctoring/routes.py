"""The proxies of ``[routes.*]``: is one there, and does it speak as it should? No host is named to
it: a look tells nobody which platforms are reached."""

from __future__ import annotations

from urllib.parse import urlsplit

import trio

from relay.cli.doctoring.finding import Finding, good, wrong
from relay.config import Route

_WHY = "what goes by no other route waits until then"


async def look(name: str, route: Route) -> list[Finding]:
    """Connect to its proxy; of SOCKS5 hear which greeting it takes (RFC 1928, 3)."""
    check = f"route {name}"
    at = urlsplit(route.proxy)
    try:
        stream = await trio.open_tcp_stream(at.hostname or "", at.port or 0)
    except OSError:
        remedy = "start the proxy (Tor: systemctl start tor), or mend its address"
        return [wrong(check, "nobody listens at its proxy", _WHY, remedy)]
    async with stream:
        if at.scheme == "http" or await _speaks_socks(stream, bool(route.user)):
            return [good(check, "its proxy is there")]
    remedy = "look which port is the SOCKS5 one; Tor's is 9050"
    return [wrong(check, "its proxy does not speak SOCKS5, or takes no login", _WHY, remedy)]


async def _speaks_socks(stream: trio.SocketStream, with_login: bool) -> bool:
    """Whether it answers the greeting and takes what we offer: no login, or one (RFC 1929)."""
    methods = b"\x02" if with_login else b"\x00"
    try:
        await stream.send_all(bytes([5, len(methods)]) + methods)
        heard = bytes(await stream.receive_some(2))
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        return False
    return heard[:1] == b"\x05" and heard[1:2] in (b"", methods)
