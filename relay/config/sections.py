"""What ``relay.toml`` may hold: a frozen model a section, each value checked by itself.

The ways in are in ``relay.config.inward``. What only shows when sections are held against each
other is in ``relay.config.checks``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from relay.config.inward import TransportIn
from relay.config.linking import Link, Peer
from relay.config.reaching import DIRECT, Canary, Fallback, Route, Window
from relay.config.values import (
    Bytes,
    Listen,
    Money,
    Name,
    Network,
    Pin,
    Seconds,
    Section,
    SomeTime,
    WebAddress,
    between,
)
from relay.rules.fallbacks import Fallbacks
from relay.rules.policy import Danger, TwoPersons


class Node(Section):
    """``[node]``. ``door_accepts``, ``door_age``: after so many messages, or so long, a new door
    takes the place of the old one, which ends, and its memory with it. ``segments_wait``: how long
    what came of a long SMS waits for the rest of it. ``road``: how long an envelope may be on its
    way to whoever opens it, and its key is kept: by default 72 hours where it goes nowhere (role
    both), else 14 days."""

    name: Name = "n1"
    role: Literal["both", "entry", "exit"] = "both"
    road: Annotated[SomeTime, between("1h", "60d")] | None = None
    doors: Literal[1] = 1
    door_accepts: Annotated[int, Field(ge=10, le=1_000_000)] = 1000
    door_age: Annotated[SomeTime, between("1m", "7d")] = 3600
    data: str = "data"
    keys: str = "keys"
    passphrase_file: str = "secrets/passphrase"
    segments_wait: Annotated[Seconds, between("1m", "6h")] = 1800

    @property
    def road_s(self) -> int:
        """``road``, or what it is by default for this role."""
        return self.road or (72 * 3600 if self.role == "both" else 14 * 86400)


class HttpIn(Section):
    """``[http]``: webhooks in, the page out. With ``behind`` a proxy speaks TLS for us."""

    listen: Listen = ("127.0.0.1", 8080)
    url: WebAddress = ""
    behind: tuple[Network, ...] = Field((), strict=False, max_length=100)


class TlsFiles(Section):
    """``[tls]``: a certificate with its chain, and its key, as PEM files."""

    certificate: str
    key: str


class DeskAt(Section):
    """``[desk]``: where editors review, in a browser. ``hosts``: by which names it is reached from
    elsewhere; asked for by any other it answers nothing. With ``behind`` a proxy speaks TLS for
    us. Who does nothing for ``idle`` is signed out, and everybody after ``longest``. ``outbox``:
    how long what was decided can be undone. ``keep_audit``: how long it is known who did what."""

    listen: Listen = ("127.0.0.1", 8081)
    hosts: tuple[str, ...] = Field((), strict=False, max_length=32)
    behind: tuple[Network, ...] = Field((), strict=False, max_length=100)
    idle: Annotated[SomeTime, between("1m", "12h")] = 1800
    longest: Annotated[SomeTime, between("10m", "7d")] = 12 * 3600
    outbox: Annotated[Seconds, between("0s", "1h")] = 60
    keep_audit: Annotated[SomeTime, between("1d", "3650d")] = 90 * 86400


class Channel(Section):
    """``[channels.NAME]``

    ``danger``: what becomes of a text in which something was found that could name or harm a
    person; ``danger_words_file``: a list of words of the operator that are danger as well.
    ``media_review``: whether a person must see whatever came with media. ``two_persons``: what is
    released only when a second person says so too.
    ``priority``: its messages go out before the others that wait. ``fallback``: where to they go
    instead, by the destination that cannot be reached.
    ``withdraw``: what its sender takes back and is public waits for a person, or is taken away at
    once, as far as that is possible, for at most ``withdraw_per_day`` messages from midnight to
    midnight UTC.
    """

    destinations: tuple[Name, ...] = Field(("page",), strict=False, min_length=1)
    review: Literal["all", "unknown", "none"] = "all"
    delay: tuple[Seconds, Seconds] = Field((300, 2700), strict=False)
    danger: Danger = "hold"
    danger_words_file: str = ""
    media_review: Literal["all", "none"] = "all"
    two_persons: TwoPersons = "none"
    stale: Seconds = 3 * 86400
    priority: bool = False
    fallback: dict[Name, Fallback] = Field(default_factory=dict)
    withdraw: Literal["desk", "at once"] = "desk"
    withdraw_per_day: Annotated[int, Field(ge=1, le=1000)] = 20

    @property
    def fallbacks(self) -> Fallbacks:
        """``fallback`` as plain values."""
        return {name: (one.to, one.after) for name, one in self.fallback.items()}

    @property
    def posts_to(self) -> frozenset[str]:
        """Every destination that may get a message of it."""
        return frozenset({*self.destinations, *(one.to for one in self.fallback.values())})


class Destination(BaseModel):
    """``[destinations.NAME]``: what the relay needs; the rest of the table is the bridge's.

    ``untested`` permits a bridge that was written by its platform's description only.
    ``hosts``: which a third party's bridge may reach besides those that stand among its settings;
    ``allow_unconfined``: it may run where this kernel cannot confine it.
    ``ask_replies``: how often answers to our posts are asked for (0: never). ``routes`` are tried
    in this order. ``pins``: public keys, one of which its certificate must have; ``ca_file``: an
    authority (PEM) that is believed instead of the system's. ``canary``: what a self test does
    there.
    """

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    bridge: str
    on_unsure: Literal["hold", "resend_once"] = "hold"
    deadline: SomeTime = 120
    money_per_month: Money | None = None
    money_per_day: Money | None = None
    posts_per_month: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    posts_per_day: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    routes: Annotated[tuple[Name, ...], Field(strict=False, min_length=1, max_length=8)] = (DIRECT,)
    pins: Annotated[tuple[Pin, ...], Field(strict=False, max_length=8)] = ()
    ca_file: str = ""
    canary: Literal["check", "post"] = "check"
    untested: bool = False
    hosts: Annotated[tuple[str, ...], Field(strict=False, max_length=64)] = ()
    allow_unconfined: bool = False
    ask_replies: Seconds = 0

    @property
    def rest(self) -> dict[str, Any]:
        """The bridge's own keys, as they were written."""
        return dict(self.model_extra or {})


class AlarmsTo(Section):
    """``[alarms]``: to which destinations, after what time something is wrong, and how long ahead
    of a window they say so."""

    to: tuple[Name, ...] = Field(strict=False, min_length=1)
    check: SomeTime = 60
    every: SomeTime = 3600
    waiting: SomeTime = 6 * 3600
    held: SomeTime = 6 * 3600
    ahead: Annotated[SomeTime, between("1m", "7d")] = 1800


class SpoolAt(Section):
    """``[spool]``"""

    url: Literal["sqlite"] = "sqlite"
    keep: Seconds = 7 * 86400
    keep_originals: Annotated[Seconds, between("0s", "90d")] = 7 * 86400
    min_free_bytes: Bytes = 64 * 1024 * 1024
    ballast_bytes: Bytes = 8 * 1024 * 1024


class Settings(Section):
    """The whole file."""

    node: Node = Node()
    http: HttpIn | None = None
    tls: TlsFiles | None = None
    desk: DeskAt | None = None
    channels: dict[Name, Channel] = Field(default_factory=dict)
    transports: dict[Name, TransportIn] = Field(default_factory=dict)
    destinations: dict[Name, Destination] = Field(default_factory=dict)
    routes: dict[Name, Route] = Field(default_factory=dict)
    peers: dict[Name, Peer] = Field(default_factory=dict)
    links: dict[Name, Link] = Field(default_factory=dict)
    windows: dict[Name, Window] = Field(default_factory=dict)
    canary: Canary | None = None
    spool: SpoolAt = SpoolAt()
    alarms: AlarmsTo | None = None
    _base: Path = PrivateAttr(default=Path())
    _file: Path = PrivateAttr(default=Path("relay.toml"))

    @property
    def base(self) -> Path:
        """The folder the file lies in."""
        return self._base

    @property
    def file(self) -> Path:
        """The file itself."""
        return self._file

    def lies_at(self, file: Path) -> None:
        """From now on paths are taken from the folder of this file."""
        self._file = file.absolute()
        self._base = self._file.parent

    def at(self, path: str) -> Path:
        """A path of the file: relative to the folder the file lies in."""
        return self.base / path

    @property
    def https(self) -> bool:
        """Whether ``[http]`` speaks TLS itself."""
        return self.tls is not None and self.http is not None and not self.http.behind

    @property
    def data(self) -> Path:
        """The folder of the spool and the sockets."""
        return self.at(self.node.data)

    @property
    def keys(self) -> Path:
        """The folder of door.key, exit.key and ``seen``."""
        return self.at(self.node.keys)
