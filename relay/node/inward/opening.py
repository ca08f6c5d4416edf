"""What a door gives to a transport that it opens, and what it gets back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relay.config import Settings
from relay.journal import Journal
from relay.keyfiles import Kept
from relay.mailing.imap.session import Session
from relay.model import Outcome
from relay.ports import Clock, TakeIn
from relay.reach.routes import Routes, Told
from relay.serving.certificate import Certificate
from relay.transports.inlet import Inlet, WholeInlet
from relay.wire.names import repeat_key

Serving = Coroutine[Any, Any, None]
"""A transport that is ready to run."""

Ready = Callable[[str], None]
"""Called once with the address when a transport is open."""

AnswerTo = Callable[[bytes, str], Awaitable[Outcome]]
"""``ports.Answers.answer`` of one transport. What stands in a way back before its first zero byte
names the sender (of SMS: the number, with its country): the door's caps are held against that."""


@dataclass(frozen=True, slots=True, repr=False)
class Opening:
    """One transport's view of its door. ``take_in`` is ``ports.TakeIn``; ``turned_away`` is called
    for what was refused, ``service`` for what is counted and not kept, ``alive`` for any sign of
    life of the other side, ``faring`` with a state of the board and why in our own words;
    ``routed``, from whatever thread, with the route by which it goes out. What it puts into
    ``probing`` is probed by the door; ``remembered`` gives a file of keys/ by its name. Once
    ``closing`` is set another door listens in its place: it takes no new session, cuts none short,
    and ends with the last one."""

    name: str
    settings: Settings
    clock: Clock
    journal: Journal
    node_secret: bytes
    take_in: TakeIn
    turned_away: Callable[[], None]
    service: Callable[[], None]
    alive: Callable[[], None]
    faring: Callable[[str, str], None]
    sock: socket.socket | None = None
    certificate: Certificate | None = None
    routed: Told = lambda route, failures: None
    probing: list[Routes] = field(default_factory=list)
    remembered: Callable[[str], Kept] | None = None
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def at(self, path: str) -> Path:
        """A path of the settings."""
        return self.settings.at(path)

    def kept(self, ending: str) -> Kept:
        """What a transport must remember lies beside door.key: keys/NAME.ENDING."""
        name = f"{self.name}.{ending}"
        return self.remembered(name) if self.remembered else Kept(self.settings.keys / name)

    def keyed(self, purpose: str, value: bytes) -> str:
        """A keyed hash (hex) of what must not lie on the disk as it is."""
        return repeat_key(self.node_secret, f"{purpose}/{self.name}", value).hex()


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """A transport made, not yet running. ``run``: serve until cancelled; None where ``[http]``
    serves it. ``inlet`` takes the POSTs of /in/NAME. ``answer``: None where no answer goes back;
    when, how often and to whom, the door sees to. ``fetches``: it takes from a queue in which one
    message that is put off holds up all others. ``session`` makes a connection to the folder of a
    mailbox, as the transport itself does. ``alone``: two of it must never run at once, so that a
    door starts it only when the one before has ended its own; what fetches is so as well."""

    run: Callable[[Ready], Serving] | None = None
    inlet: Inlet | WholeInlet | None = None
    answer: AnswerTo | None = None
    fetches: bool = False
    alone: bool = False
    session: Callable[[], Session] | None = None


Open = Callable[[Any, Opening], Opened]
"""Makes the transport of a section of the settings (its own model) for a door."""

Builders = Mapping[str, Open]
"""How to open each kind of transport."""
