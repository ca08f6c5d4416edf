"""A way out that keeps to the hosts a bridge names, and remembers each it asks for besides."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from relay.ports import Answer, Http, NotSent, Stream
from relay.reach.hosts import allowed


class Within:
    """``Http`` over another one. ``strays`` are the hosts that were asked for and are none of
    ``hosts``: a node connects to none of them."""

    def __init__(self, out: Http, hosts: Collection[str]) -> None:
        self._out = out
        self._hosts = hosts
        self.strays: Final[list[str]] = []

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float = 60.0,
    ) -> Answer:
        """One request. Raises NotSent for another host, as a node does."""
        self._allow(urlsplit(url).hostname or "")
        more: Any = {"headers": headers, "body": body, "timeout_s": timeout_s}
        return await self._out.request(method, url, **more)

    async def connect(
        self,
        host: str,
        port: int,
        *,
        tls: Literal["now", "later"] = "now",
        timeout_s: float = 15.0,
    ) -> Stream:
        """One connection. Raises NotSent for another host."""
        self._allow(host)
        return await self._out.connect(host, port, tls=tls, timeout_s=timeout_s)

    def _allow(self, host: str) -> None:
        if not allowed(host.lower(), self._hosts):
            self.strays.append(host)
            raise NotSent("a host that this destination does not name")
