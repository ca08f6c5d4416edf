"""What the process of a stranger's plug-in says to the outlet before it, and hears, besides the
frames of an outlet: what it asks of the network, and how that ended.

It has no socket. A request is a frame, and so is the answer; a connection is a number. ``n`` counts
what is asked by that process, and a connection has the number by which it was asked for. Whoever
receives a frame names the types it accepts, as in ``relay.wire.frames``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# ---------------------------------------------------------------- how it begins


@dataclass(frozen=True, slots=True, repr=False)
class Begin:
    """To the plug-in's process, before anything else: what it is, and all that it may have.

    ``point``: its class, as its package offers it ("module:Class"). ``section``: its own keys, as
    they were written, paths absolute; pickled, which is the sender's word and not a stranger's.
    ``url``: where the page is seen. ``reads``, ``writes``: files and folders. ``base``: as in
    ``Time``. ``confined``: whether it is kept to all that by the kernel, or not at all.
    """

    destination: str
    point: str
    section: bytes
    url: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    base: float
    confined: bool = True


@dataclass(frozen=True, slots=True)
class Hosts:
    """To the outlet, once: the hosts that its class says it reaches; ``says``: it says any at all.
    Go answers, or the end."""

    hosts: tuple[str, ...]
    says: bool


@dataclass(frozen=True, slots=True)
class Go:
    """To the plug-in's process: those it may reach; the bridge can be made."""


@dataclass(frozen=True, slots=True)
class Time:
    """To the plug-in's process: what to add to the machine's uptime for the time of the node."""

    base: float


@dataclass(frozen=True, slots=True)
class Alive:
    """To the outlet, each second: its loop goes round."""


# ---------------------------------------------------------------- requests


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """To the outlet: make this request (``relay.ports.Http``); Response or NotHad answers."""

    n: int
    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    timeout_s: float


@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """To the plug-in's process: the whole answer to ``n``."""

    n: int
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Connect:
    """To the outlet: a connection of bytes; Did or NotHad answers."""

    n: int
    host: str
    port: int
    tls: Literal["now", "later"]
    timeout_s: float


@dataclass(frozen=True, slots=True, repr=False)
class Say:
    """To the outlet: send this by connection ``line``; Did or NotHad answers."""

    n: int
    line: int
    said: bytes
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Hear:
    """To the outlet: what has come by connection ``line``? Came or NotHad answers."""

    n: int
    line: int
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Secure:
    """To the outlet: go on under TLS on connection ``line``; Did or NotHad answers."""

    n: int
    line: int
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Close:
    """To the outlet: connection ``line`` is not needed any more. Nothing answers."""

    line: int


@dataclass(frozen=True, slots=True)
class Drop:
    """To the outlet: whoever asked ``n`` has given up; nothing need answer."""

    n: int


@dataclass(frozen=True, slots=True)
class Did:
    """To the plug-in's process: ``n`` was done."""

    n: int


@dataclass(frozen=True, slots=True, repr=False)
class Came:
    """To the plug-in's process: the bytes that ``n`` asked for; none at the end."""

    n: int
    said: bytes


@dataclass(frozen=True, slots=True)
class NotHad:
    """To the plug-in's process: ``n`` came to nothing. ``left``: something may have left by then
    (``NoAnswer``), else nothing has (``NotSent``)."""

    n: int
    left: bool
    why: str


OF_NETWORK = (Request, Connect, Say, Hear, Secure, Close, Drop)
"""What is asked of the network."""

FROM_NETWORK = (Response, Did, Came, NotHad)
"""How that ended."""
