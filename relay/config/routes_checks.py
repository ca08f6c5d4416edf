"""What is wrong with ``[routes.*]`` and with the lists that name them, and what is unsafe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from relay.config.reaching import DIRECT, Route
from relay.config.sections import Settings
from relay.errors import Mistake
from relay.serving.peers import is_loopback

MOST_OF_USER = 255
"""Bytes of a user's name that a proxy can be told (RFC 1929, 2)."""


def wrong_routes(settings: Settings, table: Mapping[str, Any]) -> Iterator[Mistake]:
    """Every mistake of this kind. ``table`` is the file as it was written: a route with a mistake
    in it is missing in ``settings``, and is named rightly all the same."""
    for name, route in settings.routes.items():
        yield from _wrong_route(name, route)
    written = table.get("routes")
    known = {DIRECT, *(written if isinstance(written, Mapping) else ())}
    for key, names in _named(settings):
        if any(name not in known for name in names):
            yield Mistake(key, "names no route", "add [routes.NAME] or mend it")
        if len(set(names)) < len(names):
            yield Mistake(key, "names a route twice", "name each once, the best one first")


def _wrong_route(name: str, route: Route) -> Iterator[Mistake]:
    key = f"routes.{name}"
    if name == DIRECT and route.proxy:
        why = "is the way without a proxy"
        yield Mistake(f"{key}.proxy", why, "give the route through this proxy another name")
    if name != DIRECT and not route.proxy:
        yield Mistake(f"{key}.proxy", "is missing", 'add it, as in "socks5://127.0.0.1:9050"')
    if name == DIRECT and route.user:
        yield Mistake(f"{key}.user", "has no proxy to be told to", "take it out")
    elif bool(route.user) != bool(route.password_file):
        lacks, there = ("password_file", "user") if route.user else ("user", "password_file")
        yield Mistake(f"{key}.{there}", f"has no {lacks}", f"add {lacks}, or take both out")
    if ":" in route.user or not route.user.isprintable():
        yield Mistake(f"{key}.user", "has a sign that no proxy takes", "leave : and breaks out")
    if len(route.user.encode()) > MOST_OF_USER:
        yield Mistake(f"{key}.user", "is too long", f"use at most {MOST_OF_USER} bytes")


def _named(settings: Settings) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every list of routes, by its key."""
    for section in ("destinations", "transports", "links"):
        for name, one in getattr(settings, section).items():
            yield f"{section}.{name}.routes", getattr(one, "routes", ())


def unsafe_routes(settings: Settings) -> Iterator[tuple[str, str]]:
    """Each unsafe choice as (key, what it means)."""
    for name, route in settings.routes.items():
        host = urlsplit(route.proxy).hostname or ""
        if host not in ("", "localhost") and not is_loopback(host):
            why = "it is on another machine: who watches the line to it sees whom you reach"
            yield f"routes.{name}.proxy", why
