"""How a section reaches other hosts, as ``relay.reach`` takes it: its routes, and whom it believes.

Whoever goes out builds this itself, so that the password of a proxy and an authority's file are
read where they are used, and travel nowhere.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from relay.config import DIRECT, Destination, Route
from relay.keyfiles import read_line
from relay.plugins.building import Unusable
from relay.reach.http import HttpOut
from relay.reach.routes import Routes, Told, Way

OF_DEADLINE: Final = 0.9
"""How much of its deadline a send may spend on one call: the rest is for the answer to the core. A
send that the core breaks off says nothing of the way on which it was, and would go there again."""

_KINDS: Final[Mapping[str, Literal["socks5", "http"]]] = {
    "socks5": "socks5",
    "socks5h": "socks5",
    "http": "http",
}


def ways_of(names: Sequence[str], routes: Mapping[str, Route], base: Path) -> tuple[Way, ...]:
    """The routes of these names, as ``[routes.*]`` has them, in this order. Raises KeyFileError, or
    Unusable for a name that is not there."""
    return tuple(_way(name, routes.get(name, Route()), base) for name in names)


def _way(name: str, route: Route, base: Path) -> Way:
    if name == DIRECT:
        return Way(name, probe_s=float(route.probe), connect_s=float(route.connect))
    if not route.proxy:
        raise Unusable("one of its routes is not in the settings")
    at = urlsplit(route.proxy)
    return Way(
        name,
        _KINDS[at.scheme],
        at.hostname or "",
        at.port or 0,
        route.user.encode(),
        read_line(base / route.password_file) if route.password_file else b"",
        route.isolate,
        float(route.probe),
        float(route.connect),
    )


def routes_of(
    name: str,
    destination: Destination,
    routes: Mapping[str, Route],
    base: Path,
    told: Told = lambda route, failures: None,
) -> Routes:
    """The ways to one destination, kept apart from those of others. Raises KeyFileError or
    Unusable."""
    return Routes(ways_of(destination.routes, routes, base), name, told)


def believing(ca_file: str, base: Path) -> ssl.SSLContext | None:
    """Who believes one authority and no other; None: whom everybody believes. Raises Unusable."""
    if not ca_file:
        return None
    try:
        return ssl.create_default_context(cafile=str(base / ca_file))
    except (OSError, ssl.SSLError):
        raise Unusable("its ca_file cannot be used: it should be a certificate in PEM") from None


def way_out(
    hosts: frozenset[str],
    destination: Destination,
    routes: Routes,
    base: Path,
    *,
    heard_date: Callable[[str], None] = lambda date: None,
    strange: bool = False,
) -> HttpOut:
    """The only way out of one destination's bridge; ``strange``: a third party's. Raises
    Unusable."""
    return HttpOut(
        hosts,
        max(way.connect_s for way in routes.ways),
        tls=believing(destination.ca_file, base),
        pins=destination.pins,
        routes=routes,
        heard_date=heard_date,
        most_s=destination.deadline * OF_DEADLINE,
        strange=strange,
    )
