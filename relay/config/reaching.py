"""``[routes.NAME]``, ``[windows.NAME]`` and ``[canary]``: how and when a destination is reached."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from relay.config.values import Line, Name, Proxy, Rate, Section, SomeTime, between, some
from relay.config.window_times import beginning, ending
from relay.config.zones import zone_name
from relay.ports import First
from relay.rules.windows import Do

DIRECT = "direct"
"""The route without a proxy: it always exists."""

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Route(Section):
    """``[routes.NAME]``: a way to other hosts. ``direct`` has no proxy, and need not be written.

    ``isolate``: each destination has a login of its own at the proxy, by which Tor keeps them on
    circuits apart; not where ``user`` is set. ``connect``: how long a connection may take, TLS
    included. ``probe``: how often it is tried while it fails.
    """

    proxy: Proxy = ""
    user: str = ""
    password_file: str = ""
    isolate: bool = True
    connect: Annotated[SomeTime, between("1s", "2m")] = 15
    probe: Annotated[SomeTime, between("1s", "1h")] = 60


class Window(Section):
    """``[windows.NAME]``: a planned period. ``from`` and ``until`` are dates with a time of day, or
    times of day, which recur on ``days``; ``until`` may be a length ("+90m"). Without a ``zone`` it
    is refused, with a remedy: that of the machine is no promise."""

    destinations: Annotated[tuple[Name, ...], AfterValidator(some)] = Field(strict=False)
    begins: Annotated[str, AfterValidator(beginning)] = Field(alias="from")
    until: Annotated[str, AfterValidator(ending)]
    zone: Annotated[str, AfterValidator(zone_name)] = ""
    days: tuple[Day, ...] = Field((), strict=False)
    do: Do = "hold"
    to: Name | Literal[""] = ""
    why: Line = "planned"
    first: First = "oldest"
    rate: Rate = 0.0


class Fallback(Section):
    """``[channels.NAME.fallback]``, one destination: what is not there after so long goes to
    another instead."""

    to: Name
    after: Annotated[SomeTime, between("1s", "30d")]


class Canary(Section):
    """``[canary]``: the node tries its own ways in and destinations, each ``every``; one that is
    not through within ``late`` is late."""

    every: Annotated[SomeTime, between("1m", "7d")] = 1800
    late: Annotated[SomeTime, between("10s", "1d")] = 300
    transports: tuple[Name, ...] = Field((), strict=False)
    destinations: tuple[Name, ...] = Field((), strict=False)
