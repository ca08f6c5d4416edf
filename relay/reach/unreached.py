"""Why a host of a way in was not reached, in our own words, with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from relay.reach.trying import NoWay
from relay.rules.routes import Failure

_SILENT: Final = "it does not answer: look at host, port and network"

_WHY: Final[Mapping[Failure, str]] = {
    "dns": "the host's name is not known: look at host, or at the DNS of this machine",
    "refused": "nobody listens there: look at host and port",
    "reset": _SILENT,
    "unreachable": "it cannot be reached: look at the network",
    "tls": "its certificate cannot be trusted: look at host, or name its authority in ca_file",
    "timed out": _SILENT,
    "block page": "it speaks no TLS that we do: look at port",
    "proxy": "the proxy on the way there does not do its part: look at [routes]",
}


def why_of(no_way: NoWay, own: Mapping[Failure, str] | None = None) -> str:
    """Of one way in full, with the words that a transport has of its ``own``; of several each in
    short."""
    if len(no_way.failures) == 1:
        [failure] = no_way.failures.values()
        return (own or {}).get(failure) or _WHY[failure]
    each = "; ".join(f"{name}: {failure}" for name, failure in no_way.failures.items())
    return f"no route leads there ({each or 'none is allowed'}): look at the network and [routes]"
