"""Whose request it is when a proxy speaks for many.

A proxy adds the address it heard a request from at the end of X-Forwarded-For. What stands before
that is what somebody claimed, so the list is read from its end, and only as far as each hop is a
proxy that the settings name.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network

from relay.serving.peers import address_of_peer


class Proxies:
    """The proxies of ``[http] behind``: addresses and networks. With none, nobody is believed."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = [ip_network(one) for one in networks]

    def __contains__(self, address: str) -> bool:
        parsed = address_of_peer(address)
        return parsed is not None and any(parsed in one for one in self._networks)

    def client(self, peer: str, forwarded: str) -> str:
        """The address a request came from: the last hop that is none of our proxies.

        ``forwarded`` is the header, "" if there was none. Where it says nothing that is an address,
        the last proxy that can be told speaks for itself.
        """
        address = peer
        hops = [hop.strip() for hop in forwarded.split(",")]
        while hops and address in self:
            hop = hops.pop()
            if address_of_peer(hop) is None:
                break
            address = hop
        return address
